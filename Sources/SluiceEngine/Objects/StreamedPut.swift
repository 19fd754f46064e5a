internal import SluiceAccess
internal import SluiceNative

/// The put of an object whose bytes come when they come: gathered off the store's threads, and sealed a few MiB at a time,
/// as parts of an upload that nobody else sees. For one task.
struct StreamedPut {
    let uploads: Uploads
    let runner: OperationRunner
    let plan: PutPlan
    let scopeName: ScopeName
    private var gathered: [UInt8] = []
    private var staged: Staged?

    /// Parts have at least so many bytes, but for the last.
    private static let partByteCount = 4 << 20

    /// What was sealed of it.
    private struct Staged {
        let scopes: PutScopes
        /// Random, so that no name leads to the parts.
        let tag: [UInt8]
        var parts: [OpenPart] = []
    }

    init(_ uploads: Uploads, _ runner: OperationRunner, _ plan: PutPlan, in scopeName: ScopeName) {
        self.uploads = uploads
        self.runner = runner
        self.plan = plan
        self.scopeName = scopeName
    }

    /// Takes the next bytes.
    mutating func add(_ bytes: [UInt8]) async throws(StoreError) {
        gathered += bytes
        if gathered.count >= Self.partByteCount { try await stage() }
    }

    /// Seals what was gathered as a part.
    private mutating func stage() async throws(StoreError) {
        var bytes = gathered
        gathered = []
        let (uploads, plan, scopeName, before) = (uploads, plan, scopeName, staged)
        let part = bytes
        let after = try await runner.run { cancellation throws(StoreError) in
            var staged: Staged
            if let before {
                staged = before
            } else {
                try uploads.context.checkWritable()
                staged = Staged(
                    scopes: try uploads.registry.scopesForPut(
                        scopeName, encryption: plan.encryptionScope),
                    tag: try uploads.context.library.identifier())
            }
            let id = try PartID("\(staged.parts.count)")
            staged.parts.append(
                try uploads.put(id, plan, tag: staged.tag, in: staged.scopes) {
                    writer, purpose throws(StoreError) in
                    try writer.seal(part, for: purpose, plan, cancellation)
                })
            return staged
        }
        var span = bytes.mutableSpan
        wipe(&span)
        staged = after
    }

    /// Commits the object.
    mutating func finish() async throws(StoreError) -> ObjectInfo {
        let (uploads, plan, scopeName) = (uploads, plan, scopeName)
        guard staged != nil else {
            let bytes = gathered
            return try await runner.run(on: .lanes) { cancellation throws(StoreError) in
                try uploads.objectWriter.put(
                    bytes, plan, in: scopeName, cancellation: cancellation)
            }
        }
        if !gathered.isEmpty { try await stage() }
        let staged = staged
        let info = try await runner.run(on: .lanes) { cancellation throws(StoreError) in
            guard let staged else { preconditionFailure("parts were staged, and are gone") }
            return try uploads.commit(staged.parts, plan, in: staged.scopes, cancellation)
        }
        self.staged = nil
        return info
    }

    /// Removes what was sealed of it, after an error; what can't be removed now goes a week later.
    mutating func abandon() async {
        guard let staged else { return }
        let (uploads, runner) = (uploads, runner)
        // Not in this task, which may be cancelled.
        let removal = Task {
            _ = try? await runner.run(on: .lanes) { _ throws(StoreError) in
                try uploads.removeParts(tag: staged.tag, in: staged.scopes.names)
            }
        }
        await removal.value
        self.staged = nil
    }
}
