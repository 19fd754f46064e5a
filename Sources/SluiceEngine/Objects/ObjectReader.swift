internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// Gets objects: to memory, to files, to sinks. Thread-safe.
final class ObjectReader: Sendable, StoreComponent {
    let context: StoreContext
    let contents: ObjectContents
    let authorizer: ReadAuthorizer

    init(context: StoreContext, contents: ObjectContents, authorizer: ReadAuthorizer) {
        self.context = context
        self.contents = contents
        self.authorizer = authorizer
    }

    func get(
        _ name: ObjectName, range: ByteRange, in scope: ScopeName, if condition: Condition,
        cancellation: Cancellation
    ) throws(StoreError) -> [UInt8] {
        try contents.withContent(of: name, in: scope, if: condition) { content throws(StoreError) in
            try bytes(of: content, range, cancellation)
        }
    }

    func get(
        _ name: ObjectName, range: ByteRange, in scope: ScopeName, if condition: Condition,
        toFileAt path: String,
        progress: ProgressHandler?, cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        try contents.withContent(of: name, in: scope, if: condition) { content throws(StoreError) in
            try write(
                content, range, toFileAt: path, progress: progress, cancellation: cancellation)
        }
    }

    func get(
        _ name: ObjectName, range: ByteRange, in scope: ScopeName, if condition: Condition,
        to sink: any ByteSink,
        progress: ProgressHandler?, cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        try contents.withContent(of: name, in: scope, if: condition) { content throws(StoreError) in
            try write(content, range, to: sink, progress: progress, cancellation: cancellation)
        }
    }

    /// Gives an object to a sink that passes it on; see ``Store/pass(_:in:if:to:)``.
    func pass(
        _ name: ObjectName, in scope: ScopeName, if condition: Condition,
        to sink: any PassingSink, cancellation: Cancellation
    ) throws(StoreError) {
        try contents.withContent(of: name, in: scope, if: condition) { content throws(StoreError) in
            let info = try content.object.info
            let range = try ofSink { try sink.begin(info) }
            let standing = try contents.standing(of: content)
            _ = try deliver(
                content, range, Delivery(to: sink, standing.terms), standing, progress: nil,
                cancellation)
        }
    }

    /// The bytes of a range.
    func bytes(
        of content: ObjectContent, _ range: ByteRange, _ cancellation: Cancellation
    ) throws(StoreError) -> [UInt8] {
        var bytes = try openAll(
            content, try resolved(range, in: content.object), cancellation)
        do throws(StoreError) {
            var reading = try authorizer.reading(content.object)
            return try access.release(&reading) { bytes }
        } catch {
            var span = bytes.mutableSpan
            wipe(&span)
            throw error
        }
    }

    /// The bytes of a range, for nobody's eyes yet.
    private func openAll(
        _ content: ObjectContent, _ range: Range<Int>, _ cancellation: Cancellation
    ) throws(StoreError) -> [UInt8] {
        if let bytes = try openSmall(content, range) { return bytes }
        let opening = try contents.opening(
            content, progress: nil, standing: contents.standing(of: content))
        return try opening.bytes(range, halt: Halt(cancellation))
    }

    /// The short way for the whole of a raw object of one chunk in the catalog; else nil.
    private func openSmall(
        _ content: ObjectContent, _ range: Range<Int>
    ) throws(StoreError) -> [UInt8]? {
        let row = content.object.row
        guard row.codec == .raw, range.count == row.byteCount,
            row.byteCount <= row.chunkSize.byteCount, let sealed = content.inlineBytes,
            sealed.count == row.byteCount + Format.tagByteCount
        else { return nil }
        return try workers.withWorker { worker throws(StoreError) in
            do throws(CryptoError) {
                try content.keys.setChunkKey(&worker.cipher)
                return try [UInt8](filling: range.count) { plain throws(CryptoError) in
                    try worker.cipher.open(
                        sealed.span, nonce: ChunkNonce.chunk(index: 0, isFinal: true, isLZ4: false),
                        authenticating: Span(), into: &plain)
                }
            } catch {
                throw StoreError(
                    .integrity, "chunk 0 fails to authenticate",
                    cause: ChunkError.authenticationFailed(chunk: 0))
            }
        }
    }

    /// Writes a range to a file, which appears whole or not at all, or to a device in order.
    func write(
        _ content: ObjectContent, _ range: ByteRange, toFileAt path: String,
        progress: ProgressHandler?,
        cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        let target = try TargetPath(path)
        if let output = target.output {
            let sink = FileSink(file: try openAwaited(output, for: content, cancellation))
            return try write(
                content, range, to: sink, progress: progress, cancellation: cancellation)
        }
        let range = try resolved(range, in: content.object)
        do throws(StoreError) {
            return try write(
                content, range, to: target.begin(),
                progress: ProgressMeter(progress, totalByteCount: range.count), cancellation)
        } catch {
            guard error.code == .noSpace else { throw error }
            throw StoreError(
                .noSpace, "'\(path)' was not written: \(error.reason)", about: .file(path),
                remedies: error.remedies, cause: error.cause)
        }
    }

    /// Writes a range to a file that has been begun. Giving it its name is the release.
    @discardableResult
    func write(
        _ content: ObjectContent, _ range: Range<Int>, to file: TargetFile,
        progress: ProgressMeter?,
        _ cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        do throws(StoreError) {
            let held = HeldReading(try authorizer.reading(content.object))
            let standing = held.standing
            let opening = try contents.opening(content, progress: progress, standing: standing)
            let target = FileTarget(file: file.file, standing: standing)
            try opening.run(range, to: target, halt: Halt(cancellation))
            try target.finish(byteCount: range.count)
            return try held.release(through: access) { () throws(StoreError) in
                let info = try content.object.info
                try file.publish()
                return info
            }
        } catch {
            file.abandon()
            throw error
        }
    }

    private static let readerPollNanoseconds = 20_000_000

    /// Opens a pipe or a device to write to; of a pipe that nobody reads this waits for a reader, as long as
    /// the object may be read and nobody cancels.
    private func openAwaited(
        _ output: OutputEntry, for content: ObjectContent, _ cancellation: Cancellation
    ) throws(StoreError) -> File {
        let standing = try contents.standing(of: content)
        while true {
            do throws(SystemError) {
                if let file = try output.open() { return file }
            } catch {
                throw StoreError(system: error, "write to", otherwise: .cannotCreate)
            }
            try cancellation.check()
            try standing.check()
            NativeThread.sleep(nanoseconds: Self.readerPollNanoseconds)
        }
    }

    /// Gives a range to a sink in order, each part under grants that hold then.
    func write(
        _ content: ObjectContent, _ range: ByteRange, to sink: any ByteSink,
        progress: ProgressHandler?,
        cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        let range = try resolved(range, in: content.object)
        return try deliver(
            content, range, Delivery(to: sink), contents.standing(of: content),
            progress: progress, cancellation)
    }

    private func deliver(
        _ content: ObjectContent, _ range: Range<Int>, _ delivery: Delivery,
        _ standing: ReadStanding, progress: ProgressHandler?, _ cancellation: Cancellation
    ) throws(StoreError) -> ObjectInfo {
        let halt = Halt(cancellation)
        let reading = Mutex(try authorizer.reading(content.object))
        let isBegun = Atomic<Bool>(false)
        let give = { @Sendable [access] (bytes: Span<UInt8>) throws(StoreError) in
            // One chunk at a time is delivered, so nobody waits for this lock.
            try reading.withLock { reading throws(StoreError) in
                isBegun.store(true, ordering: .relaxed)
                try delivery.deliver(bytes, halt) { act throws(StoreError) in
                    try access.release(&reading, act)
                }
            }
        }
        do throws(StoreError) {
            if range.isEmpty {
                // Who passes an object on passes on what is known of it, too.
                if delivery.passesOn { try give(Span()) }
            } else {
                let opening = try contents.opening(
                    content, progress: ProgressMeter(progress, totalByteCount: range.count),
                    standing: standing)
                try opening.deliver(range, halt: halt, to: give)
            }
        } catch {
            // What was delivered can't be taken back, so this can't begin anew.
            guard error.isMissingBlob, isBegun.load(ordering: .relaxed) else { throw error }
            throw StoreError(
                .busy,
                """
                '\(ObjectName.printable(content.object.name))' was replaced or removed while it was read
                """, about: .object(ObjectName.printable(content.object.name)),
                remedies: [.tryAgain])
        }
        // What is known of the object is given away, too: by itself, for the last part may have been given
        // long ago, and an empty object has none.
        return try reading.withLock { reading throws(StoreError) in
            try access.release(&reading) { () throws(StoreError) in try content.object.info }
        }
    }

    /// A range of an object; that it lies outside tells of the object, and passes the gate.
    private func resolved(
        _ range: ByteRange, in object: OpenObject
    ) throws(StoreError) -> Range<Int> {
        do throws(StoreError) {
            return try range.resolved(in: object)
        } catch {
            var reading = try authorizer.reading(object)
            throw try access.release(&reading) { error }
        }
    }
}

extension StoreError {
    /// The same error; if it is for damage, it says which object is damaged.
    ///
    /// Whatever fails to authenticate (a wrapped key's padding, a key, a tag, what is in a document) says
    /// the same: who alters what is stored and watches reads fail learns no more than that they do. The
    /// cause tells them apart, for who runs the process; it isn't printed.
    func ofRead(_ name: ObjectName) -> StoreError {
        guard code == .integrity else { return self }
        let problem = isAuthenticationFailure ? "it fails to authenticate" : reason
        return StoreError(
            code, "'\(name)' is damaged: \(problem)", about: .object(name.description),
            remedies: [.restoreBackup], cause: cause)
    }

    /// Whether the reason may have the name of an object.
    var namesObject: Bool {
        if case .object = subject { true } else { false }
    }

    /// Whether what is stored fails to authenticate, in whichever way.
    var isAuthenticationFailure: Bool {
        switch cause {
        case is ChunkError, is CryptoError, is FormatError, is BindingError, is VaultError: true
        default: false
        }
    }
}

extension ByteRange {
    /// The range in an object of this size.
    func resolved(in object: OpenObject) throws(StoreError) -> Range<Int> {
        try resolved(in: object.row, name: ObjectName.printable(object.name))
    }

    /// The range in the object of this row, whose name is for messages.
    func resolved(
        in row: ObjectRow, name: @autoclosure () -> String
    ) throws(StoreError) -> Range<Int> {
        let byteCount = row.byteCount
        let range: Range<Int>? =
            switch self {
            case .all: 0..<byteCount
            case .offsets(let offsets):
                offsets.lowerBound >= 0 && offsets.lowerBound < byteCount && !offsets.isEmpty
                    ? offsets.lowerBound..<min(offsets.upperBound, byteCount) : nil
            case .from(let offset):
                offset >= 0 && offset < byteCount ? offset..<byteCount : nil
            case .last(let count):
                count > 0 && byteCount > 0 ? max(0, byteCount - count)..<byteCount : nil
            }
        guard let range else {
            throw StoreError(
                .invalidRange,
                """
                the range lies outside '\(name())', which has \(byteCount) bytes
                """, about: .object(name()))
        }
        return range
    }
}

extension ByteSink {
    func take(_ bytes: Span<UInt8>) throws(StoreError) {
        try ofSink { try write(bytes) }
    }
}

/// What a sink does, its errors as the store's.
func ofSink<Value>(_ work: () throws -> Value) throws(StoreError) -> Value {
    do {
        return try work()
    } catch let error as StoreError {
        throw error
    } catch {
        throw StoreError(.inputOutput, "the target failed: \(error)", cause: error)
    }
}
