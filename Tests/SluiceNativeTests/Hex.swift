/// The bytes of a hexadecimal text; spaces are ignored.
func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap { $0.hexDigitValue.map(UInt8.init) }
    precondition(digits.count.isMultiple(of: 2))
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// The elements of a fixed array as an array, which prints well when an expectation fails.
func array<let count: Int>(_ bytes: [count of UInt8]) -> [UInt8] {
    bytes.indices.map { bytes[$0] }
}
