internal import SluiceNative

/// A stream of bytes to be put, of a length that isn't known beforehand.
///
/// One call at a time, though not always from the same thread.
public protocol ByteSource: Sendable {
    /// Reads some bytes to the front of `buffer`, which isn't empty, and returns how many; 0 at the
    /// end. An error ends the put with ``StoreError/Code/inputOutput`` and nothing is stored.
    func read(into buffer: inout MutableSpan<UInt8>) throws -> Int
}

/// Takes an object's bytes, in order.
///
/// One call at a time, though not always from the same thread. Bytes that were written may be
/// followed by an error of the get: what was taken is then authentic, but not all there is.
public protocol ByteSink: Sendable {
    /// Takes all of `bytes`. An error ends the get with ``StoreError/Code/inputOutput``.
    func write(_ bytes: Span<UInt8>) throws
}

/// The process's standard input.
public struct StandardInput: ByteSource {
    /// The process's standard input.
    public init() {}

    /// Reads what there is, and waits if there is nothing.
    public func read(into buffer: inout MutableSpan<UInt8>) throws -> Int {
        try translated("read") { () throws(SystemError) in
            try File.standardInput.readSome(into: &buffer)
        }
    }
}

/// The process's standard output.
public struct StandardOutput: ByteSink {
    /// The process's standard output.
    public init() {}

    /// Writes all of `bytes`, and waits while nobody takes them.
    public func write(_ bytes: Span<UInt8>) throws {
        try translated("write to") { () throws(SystemError) in
            try File.standardOutput.write(bytes)
        }
    }
}
