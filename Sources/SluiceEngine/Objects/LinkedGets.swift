internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// The files with several names of a tree that is got: the first name that is met is got, and the others wait until it
/// is there, to be linked to it. As much is held as there are such names. Thread-safe.
final class LinkedGets: Sendable {
    /// A file that is in the directory as it is to be.
    struct First: Sendable {
        /// Its path, relative to the root.
        let path: [UInt8]
        /// Which file it is, whatever has its path by now.
        let identity: FileStatus.Identity
        /// What it is, and which bytes it has: see ``ObjectContents/linkState(of:_:)``.
        let state: [UInt8]
    }

    private struct State {
        var known: Set<[UInt8]> = []
        var firsts: [[UInt8]: First] = [:]
        var later: [ObjectName] = []
    }

    private let state = Mutex(State())

    /// Whether a file is the first that is met with this link number.
    func isFirst(_ link: [UInt8]) -> Bool {
        state.withLock { $0.known.insert(link).inserted }
    }

    /// Notes where the first is.
    func note(_ first: First, of link: [UInt8]) {
        state.withLock { $0.firsts[link] = first }
    }

    /// The first, if it is there.
    func first(of link: [UInt8]) -> First? { state.withLock { $0.firsts[link] } }

    /// Has an object wait.
    func postpone(_ name: ObjectName) {
        state.withLock { $0.later.append(name) }
    }

    /// The next object that waited; nil if none does.
    func nextLater() -> ObjectName? { state.withLock { $0.later.popLast() } }

    /// Whether any does.
    var hasLater: Bool { state.withLock { !$0.later.isEmpty } }
}

extension ObjectContents {
    /// What a file with several names is to be, and where its bytes are: the same of all its names, as long as none of
    /// their objects has been put or changed by itself.
    ///
    /// It is a digest of the note, and of the extents that objects share which were made of one another; of small
    /// objects, of which each has its own, of the bytes. Nil of a file with a single name.
    func linkState(
        of content: ObjectContent, _ file: FileProperties
    ) throws(StoreError) -> [UInt8]? {
        guard file.link != nil else { return nil }
        var writer = ByteWriter()
        writer.counted(file.note.encoded())
        if let extents = try extents(of: content) {
            for extent in extents { writer.fixed(extent.entry.encodedHead()) }
        } else {
            let byteCount = content.object.row.byteCount
            let opening = try opening(content, progress: nil, standing: standing(of: content))
            var bytes = try opening.bytes(0..<byteCount, halt: Halt(Cancellation()))
            defer {
                var span = bytes.mutableSpan
                wipe(&span)
            }
            writer.fixed(try digest(bytes.span))
        }
        return try Array(digest(writer.bytes.span)[..<Format.identifierByteCount])
    }

    private func digest(_ bytes: Span<UInt8>) throws(StoreError) -> [UInt8] {
        let digest = try translated("digesting") { () throws(CryptoError) in
            try library.sha256(bytes)
        }
        return digest.indices.map { digest[$0] }
    }
}
