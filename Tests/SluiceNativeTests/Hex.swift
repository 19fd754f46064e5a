import SluiceNative

/// The bytes of a hexadecimal text; white space is ignored.
func hex(_ text: String) -> [UInt8] {
    guard let bytes = [UInt8](hexadecimal: text.filter { !$0.isWhitespace }) else {
        preconditionFailure("'\(text)' is not hexadecimal")
    }
    return bytes
}

/// The elements of a fixed array as an array, which prints well when an expectation fails.
func array<let count: Int>(_ bytes: [count of UInt8]) -> [UInt8] {
    bytes.indices.map { bytes[$0] }
}
