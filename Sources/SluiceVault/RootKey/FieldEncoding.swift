internal import SluiceAccess

/// Fields joined so that different fields never give the same bytes: each is preceded by its length, four
/// bytes big-endian.
struct FieldEncoding {
    private(set) var bytes: [UInt8] = []

    init(_ fields: [UInt8]...) {
        for field in fields { append(field) }
    }

    private mutating func append(_ field: [UInt8]) {
        let byteCount = UInt32(field.count)
        for shift in [24, 16, 8, 0] as [UInt32] {
            bytes.append(UInt8(truncatingIfNeeded: byteCount >> shift))
        }
        bytes.append(contentsOf: field)
    }
}
