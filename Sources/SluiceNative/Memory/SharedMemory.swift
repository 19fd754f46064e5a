internal import Glibc
public import Synchronization

/// Memory that several processes see at once: the first bytes of a file, unmapped with this value.
///
/// It holds words of 4 and 8 bytes that are read and written whole and in order, as `Atomic` would.
/// An offset must be a multiple of the word's size and lie inside: anything else traps. All methods
/// may be called from any thread. Words that are `sequentiallyConsistent` have one order, which all
/// threads of all processes see; a change isn't durable.
@safe public final class SharedMemory: @unchecked Sendable {
    /// The size, in bytes.
    public let byteCount: Int
    /// Whether words may be written; the process is killed that writes one all the same.
    public let isWritable: Bool

    @usableFromInline
    let start: UnsafeMutableRawPointer

    /// Maps the first `byteCount` bytes of a file that is open for reading and, if the memory is to be
    /// writable, for writing.
    ///
    /// The file must never be made shorter, and have all of its space: a process that touches what
    /// isn't there is killed.
    ///
    /// - Throws: `SystemError.isInvalid` if the file is shorter.
    public init(
        _ file: File, byteCount: Int, isWritable: Bool = true
    ) throws(SystemError) {
        precondition(byteCount > 0, "a mapping of nothing")
        guard try file.status().byteCount >= byteCount else {
            throw SystemError(call: "mmap", path: file.path, number: EINVAL)
        }
        let mapped = unsafe mmap(
            nil, byteCount, isWritable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED,
            file.descriptor, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
            throw SystemError(call: "mmap", path: file.path, number: errno)
        }
        unsafe start = mapped
        self.byteCount = byteCount
        self.isWritable = isWritable
    }

    deinit { _ = unsafe munmap(start, byteCount) }

    // MARK: Words of 8 bytes

    /// Reads a word, sequentially consistent.
    @inlinable
    public func load64(at offset: Int) -> UInt64 {
        unsafe word64(at: offset).pointee.load(ordering: .sequentiallyConsistent)
    }

    /// Writes a word, sequentially consistent.
    @inlinable
    public func store64(_ value: UInt64, at offset: Int) {
        unsafe word64(at: offset).pointee.store(value, ordering: .sequentiallyConsistent)
    }

    /// Writes a word, after everything that this thread has read and written before.
    @inlinable
    public func storeReleasing64(_ value: UInt64, at offset: Int) {
        unsafe word64(at: offset).pointee.store(value, ordering: .releasing)
    }

    /// Writes a word if it is `expected`, sequentially consistent, and tells whether it was.
    @inlinable
    public func exchange64(_ expected: UInt64, for value: UInt64, at offset: Int) -> Bool {
        unsafe word64(at: offset).pointee.compareExchange(
            expected: expected, desired: value, ordering: .sequentiallyConsistent
        ).exchanged
    }

    // MARK: Words of 4 bytes

    /// Reads a word, sequentially consistent.
    @inlinable
    public func load32(at offset: Int) -> UInt32 {
        unsafe word32(at: offset).pointee.load(ordering: .sequentiallyConsistent)
    }

    /// Writes a word, sequentially consistent.
    @inlinable
    public func store32(_ value: UInt32, at offset: Int) {
        unsafe word32(at: offset).pointee.store(value, ordering: .sequentiallyConsistent)
    }

    /// Adds one to a word, which begins again at 0 after its highest value, sequentially consistent.
    @inlinable
    public func increment32(at offset: Int) {
        unsafe word32(at: offset).pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }

    // MARK: Inside

    @unsafe @inlinable
    func word64(at offset: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        precondition(offset >= 0 && offset <= byteCount - 8 && offset & 7 == 0, "no such word")
        return unsafe (start + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    @unsafe @inlinable
    func word32(at offset: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
        precondition(offset >= 0 && offset <= byteCount - 4 && offset & 3 == 0, "no such word")
        return unsafe (start + offset).assumingMemoryBound(to: Atomic<UInt32>.self)
    }
}
