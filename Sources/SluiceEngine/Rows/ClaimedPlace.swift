/// Where an object's or a pin's row says that it belongs, as far as it says so.
struct ClaimedPlace: Sendable {
    var objectID: [UInt8] = []
    var scope = 0
    var directory: [UInt8] = []
}
