/// So many objects, and the bytes of their plaintexts.
struct ObjectCount: Equatable, Sendable {
    var objectCount = 0
    var byteCount = 0

    /// Adds to both; what would overflow, as counts that were altered may, stays at the end.
    mutating func add(objects: Int, bytes: Int) {
        objectCount = objectCount.addingClamped(objects)
        byteCount = byteCount.addingClamped(bytes)
    }
}
