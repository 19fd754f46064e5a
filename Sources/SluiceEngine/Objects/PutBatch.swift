internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// A walk that several threads take their next file from.
final class SharedWalk: Sendable {
    private let walk: Mutex<TreeWalk>

    init(_ walk: sending TreeWalk) {
        self.walk = Mutex(walk)
    }

    /// The next entry; what can't be read is noted and passed over.
    func next(_ work: TreeWork) -> TreeEntry? {
        walk.withLock { walk in
            while true {
                do throws(SystemError) {
                    return try walk.next()
                } catch {
                    work.failed(error.path ?? "a directory", StoreError(system: error, "read"))
                }
            }
        }
    }
}

/// Small files that are sealed and wait to be committed together.
struct PutBatch {
    let putter: TreePutter
    private(set) var scope: Scope
    let work: TreeWork
    private var objects: [Waiting] = []

    private struct Waiting {
        let object: NewObject
        let plan: PutPlan
        /// Puts it once more, read again.
        let again: (inout PutBatch) -> Void
    }

    init(putter: TreePutter, scope: Scope, work: TreeWork) {
        self.putter = putter
        self.scope = scope
        self.work = work
    }

    var count: Int { objects.count }

    /// Puts a large file; seals a small one for the next commit.
    mutating func put(
        _ entry: TreeEntry, prefix: String, root: String, options: PutOptions
    ) {
        let printable =
            entry.pathBytes.isEmpty ? root : "\(root)/\(ObjectName.printable(entry.pathBytes))"
        do throws(StoreError) {
            if let reason = Self.reasonToLeaveOut(entry) {
                throw StoreError(
                    .inputOutput, "'\(printable)' was left out: \(reason)", about: .file(printable))
            }
            let name = try ObjectName(utf8: Array(prefix.utf8) + entry.pathBytes)
            let plan = try PutPlan(name, options)
            let source = try OpenFile(entry, printable)
            if let object = try sealed(source, plan) {
                objects.append(
                    Waiting(object: object, plan: plan) { batch in
                        batch.put(entry, prefix: prefix, root: root, options: options)
                    })
            } else {
                let info = try putter.objectWriter.put(
                    source, plan, in: scope, progress: nil, cancellation: work.cancellation)
                work.done(byteCount: info.byteCount)
            }
        } catch {
            work.failed(printable, error)
        }
    }

    /// A small file, to be committed with others; nil if it is to be put by itself, for it is large, or of
    /// another size than it says.
    private func sealed(_ source: OpenFile, _ plan: PutPlan) throws(StoreError) -> NewObject? {
        let layout = try plan.layout(byteCount: source.status.byteCount)
        guard layout.rawStoredByteCount <= ObjectSealer.inlineByteCountLimit else { return nil }
        do throws(StoreError) {
            return try putter.sealer.sealSmall(source, layout, plan, scope)
        } catch {
            guard error.cause is FileSource.UntrueSize else { throw error }
            return nil
        }
    }

    /// Why something in a tree can't be an object; nil if it can.
    private static func reasonToLeaveOut(_ entry: TreeEntry) -> String? {
        switch entry.kind {
        case .regular: nil
        case .directory:
            entry.isLeftOut
                ? "it is the store's own, or its vaults'"
                : "it is an empty directory, and the store keeps files only"
        case .symbolicLink: "it is a symbolic link, and in a tree none is followed"
        case .pipe: "it is a pipe, which has no bytes to keep"
        case .other: "it is a socket or a device, which has no bytes to keep"
        }
    }

    mutating func commit() {
        while !objects.isEmpty {
            let batch = objects
            objects.removeAll(keepingCapacity: true)
            let moved = commit(batch)
            guard !moved.isEmpty else { return }
            // The scope has taken up another key version since they were sealed: they are sealed again.
            do throws(StoreError) {
                scope = try putter.registry.scope(named: scope.record.name)
            } catch {
                for waiting in moved { work.failed(waiting.object.name.description, error) }
                return
            }
            for waiting in moved { waiting.again(&self) }
        }
    }

    /// Commits objects together; gives back those that were sealed for a version that isn't in use now.
    private func commit(_ batch: [Waiting]) -> [Waiting] {
        let scope = scope
        var moved: [Waiting] = []
        do throws(StoreError) {
            var works: [CatalogWork] = []
            for waiting in batch {
                let (object, condition) = (waiting.object, waiting.plan.condition)
                let work: CatalogWork = { writer throws(StoreError) in
                    try writer.put(object, in: scope, condition: condition)
                }
                works.append(work)
            }
            let refusals = try putter.catalog.commit(CatalogChange(works: works))
            for (waiting, refusal) in zip(batch, refusals) {
                if refusal?.code == .scopeMoved {
                    moved.append(waiting)
                } else if let refusal {
                    work.failed(waiting.object.name.description, refusal)
                } else {
                    work.done(byteCount: waiting.object.byteCount)
                }
            }
        } catch {
            for waiting in batch { work.failed(waiting.object.name.description, error) }
        }
        return moved
    }
}
