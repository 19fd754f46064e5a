package import SluiceAccess
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

/// Takes an object's bytes to pass them on later, as a server does to a socket: it takes what it has room for, inside the gate
/// and without waiting, and answers for it in the barrier until that is out of its hands. One call at a time.
package protocol PassingSink: Sendable {
    /// Is told of the object before any of its bytes is offered, and says which it wants; again, if the object was replaced
    /// meanwhile. Nothing of it may be passed on but with what is offered, if only no bytes.
    func begin(_ info: ObjectInfo) throws -> Range<Int>

    /// Takes some of `bytes`, and says how many; nil if it can take nothing now.
    ///
    /// - Parameters:
    ///   - terms: What they are released under.
    ///   - epoch: The one before the gate was entered: of another one, a change has begun since, and nothing may be taken.
    func offer(_ bytes: Span<UInt8>, _ terms: ReleaseTerms, epoch: UInt64) throws -> Int?

    /// Waits, after an offer of which nothing was taken, until something may be, or that time has passed.
    func wait(milliseconds: Int) throws
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
