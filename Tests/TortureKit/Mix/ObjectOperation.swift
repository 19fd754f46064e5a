internal import Sluice
internal import TestSupport

/// Something that is done with one of a pair's two names, or with both.
struct ObjectOperation: Hashable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case put, putIfAbsent, putIfMatch, get, info, remove, removeIfMatch, rename, renameIfAbsent
        case copy
        /// Says something else of it, which leaves its bytes.
        case touch, touchIfMatch
        /// Leases it without an end, as the number that is its content, and ends that.
        case lease, release
    }

    var kind: Kind
    /// Which pair of names.
    var pair: Int
    /// Which of the two; where there is a source and a target, the source.
    var isSecond: Bool
    /// What is put.
    var content: Int = 0
    /// What those ask for that are done if it matches, as ``EntityTag/description``.
    var tag: String = "-"

    /// One of a mix in which a third are reads.
    static func random(
        _ random: inout Randomness, pair: Int, content: Int, lastTag: String?, copies: Bool = true
    ) -> ObjectOperation {
        let kind: Kind =
            switch random.below(24) {
            case 0..<4: .put
            case 4, 5: .putIfAbsent
            case 6, 7: lastTag == nil ? .info : .putIfMatch
            case 20: .touch
            case 21, 22: lastTag == nil ? .touch : .touchIfMatch
            case 23: lastTag == nil ? .remove : .removeIfMatch
            case 8..<12: .get
            case 12, 13: .info
            case 14, 15: .remove
            case 16: .renameIfAbsent
            case 17: .rename
            default: copies ? .copy : .put
            }
        return ObjectOperation(
            kind: kind, pair: pair, isSecond: random.once(in: 2), content: content,
            tag: lastTag ?? "-")
    }

    // MARK: Doing

    /// Does it; throws what can't come of it.
    func run(_ store: Store, prefix: String) throws -> ObjectOutcome {
        let name = try ObjectName("\(prefix)\(pair)/\(isSecond ? "b" : "a")")
        let other = try ObjectName("\(prefix)\(pair)/\(isSecond ? "a" : "b")")
        do {
            switch kind {
            case .put: return try put(store, name, .always)
            case .putIfAbsent: return try put(store, name, .absent)
            case .putIfMatch: return try put(store, name, .matches(EntityTag(tag)))
            case .get:
                let bytes = try store.get(name)
                guard let number = Content.number(of: bytes) else {
                    throw Violation(description: "\(name): \(bytes.count) bytes that nobody put")
                }
                return ObjectOutcome(content: number)
            case .info: return try ObjectOutcome(store.info(name))
            case .remove:
                try store.remove(name)
                return ObjectOutcome()
            case .removeIfMatch:
                try store.remove(name, if: .matches(EntityTag(tag)))
                return ObjectOutcome()
            case .touch: return try touch(store, name, .always)
            case .touchIfMatch: return try touch(store, name, .matches(EntityTag(tag)))
            case .rename: return try ObjectOutcome(store.rename(name, to: other))
            case .renameIfAbsent:
                return try ObjectOutcome(store.rename(name, to: other, if: .absent))
            case .copy: return try ObjectOutcome(store.copy(name, to: other))
            case .lease:
                try store.leases.acquire(name, as: leaseID)
                return ObjectOutcome()
            case .release:
                try store.leases.release(name, leaseID)
                return ObjectOutcome()
            }
        } catch let error as StoreError {
            guard let result = ObjectOutcome.Result(error.code) else { throw error }
            return ObjectOutcome(result: result)
        }
    }

    private func put(
        _ store: Store, _ name: ObjectName, _ condition: Condition
    ) throws -> ObjectOutcome {
        let (bytes, options) = (
            Content.bytes(content),
            Content.options(content, condition, isSealedElsewhere: content % 5 == 0)
        )
        guard content % 16 == 0 else {
            return try ObjectOutcome(store.put(bytes, as: name, options: options))
        }
        return try ObjectOutcome(upload(bytes, store, name, options))
    }

    /// Puts it in parts. Whoever else commits an upload of the name ends this one: then it begins anew.
    private func upload(
        _ bytes: [UInt8], _ store: Store, _ name: ObjectName, _ options: PutOptions
    ) throws -> ObjectInfo {
        let upload = try store.beginUpload(name, options: options)
        let middle = bytes.count / 2
        while true {
            try upload.put(Array(bytes[middle...]), id: PartID("\(content) 2"))
            try upload.put(Array(bytes[..<middle]), id: PartID("\(content) 1"))
            do throws(StoreError) {
                return try upload.commit([
                    PartChoice(PartID("\(content) 1"), .uncommitted),
                    PartChoice(PartID("\(content) 2"), .uncommitted),
                ])
            } catch {
                guard error.code == .notFound else { throw error }
            }
        }
    }

    private var leaseID: LeaseID {
        let digits = String(content, radix: 16)
        guard let id = LeaseID(String(repeating: "0", count: 32 - digits.count) + digits) else {
            preconditionFailure("a number is no lease's id")
        }
        return id
    }

    private func touch(
        _ store: Store, _ name: ObjectName, _ condition: Condition
    ) throws -> ObjectOutcome {
        try ObjectOutcome(
            store.update(name, if: condition) { $0.metadata["touched"] = String(content) })
    }

    // MARK: What it means

    /// What it did, or does if it has an effect and nobody learnt what it came to; nil if it did nothing.
    func steps(_ outcome: ObjectOutcome?) -> [RegisterStep]? {
        switch outcome?.result {
        case .denied: return nil
        case .leased:
            switch kind {
            // One of the two is.
            case .rename, .renameIfAbsent: return [RegisterStep()]
            case .copy: return [RegisterStep(!isSecond, is: .leased(unlessAs: 0))]
            case .lease: return [RegisterStep(isSecond, is: .leased(unlessAs: content))]
            default: return [RegisterStep(isSecond, is: .leased(unlessAs: 0))]
            }
        case .mismatch where kind == .release:
            return [RegisterStep(isSecond, is: .notLeased(as: content))]
        case .absent: return [RegisterStep(isSecond, is: .absent)]
        case .mismatch: return [RegisterStep(isSecond, is: .notVersion(EntityTag(tag).number))]
        case .exists:
            guard kind == .renameIfAbsent else { return [RegisterStep(isSecond, is: .present)] }
            var step = RegisterStep(isSecond, is: .present)
            step[!isSecond] = .present
            return [step]
        case .done, nil: break
        }
        let told = outcome.flatMap { outcome in
            outcome.content.map {
                RegisterValue(content: $0, version: outcome.tag.map { EntityTag($0).number } ?? -1)
            }
        }
        let put = RegisterStep.Change.put(
            isSecond: isSecond, told ?? RegisterValue(content: content, version: -content))
        switch kind {
        case .put: return [RegisterStep(isSecond, put)]
        case .putIfAbsent: return [RegisterStep(isSecond, is: .absent, put)]
        case .putIfMatch:
            return [RegisterStep(isSecond, is: .version(EntityTag(tag).number), put)]
        case .get: return told.map { [RegisterStep(isSecond, is: .content($0.content))] }
        case .info: return told.map { [RegisterStep(isSecond, is: .value($0))] }
        case .remove: return [RegisterStep(isSecond, is: .present, .remove(isSecond: isSecond))]
        case .removeIfMatch:
            return [
                RegisterStep(
                    isSecond, is: .version(EntityTag(tag).number), .remove(isSecond: isSecond))
            ]
        case .touch, .touchIfMatch:
            let version = kind == .touch ? nil : EntityTag(tag).number
            let change = RegisterStep.Change.touch(
                isSecond: isSecond, content: told?.content, version: told?.version ?? -content)
            return [
                RegisterStep(
                    isSecond, is: version.map { .version($0) } ?? .present, change)
            ]
        case .rename, .renameIfAbsent:
            var step = RegisterStep(
                isSecond, is: told.map { .value($0) }, .move(fromSecond: isSecond))
            if kind == .renameIfAbsent { step[!isSecond] = .absent }
            return [step]
        case .lease: return [RegisterStep(isSecond, .lease(isSecond: isSecond, content))]
        case .release: return [RegisterStep(isSecond, .release(isSecond: isSecond, content))]
        case .copy:
            guard let told else {
                return [RegisterStep(isSecond, .copy(fromSecond: isSecond, version: -content))]
            }
            return [
                RegisterStep(isSecond, is: .content(told.content)),
                RegisterStep(!isSecond, .put(isSecond: !isSecond, told)),
            ]
        }
    }

    // MARK: As text

    /// Words without blanks.
    var text: String { "\(kind.rawValue) \(pair) \(isSecond ? "b" : "a") \(content) \(tag)" }

    init(kind: Kind, pair: Int, isSecond: Bool, content: Int = 0, tag: String = "-") {
        self.kind = kind
        self.pair = pair
        self.isSecond = isSecond
        self.content = content
        self.tag = tag
    }

    /// What ``text`` spells.
    init?(_ words: some Collection<Substring>) {
        let words = Array(words)
        guard words.count == 5, let kind = Kind(rawValue: String(words[0])),
            let pair = Int(words[1]), let content = Int(words[3])
        else { return nil }
        self.init(
            kind: kind, pair: pair, isSecond: words[2] == "b", content: content,
            tag: String(words[4]))
    }
}

/// What an operation came to.
struct ObjectOutcome: Hashable, Sendable {
    enum Result: String, Sendable {
        case done, absent, exists, mismatch, leased
        /// Access to the key is taken away: nothing was done.
        case denied

        init?(_ code: StoreError.Code) {
            switch code {
            case .notFound: self = .absent
            case .alreadyExists: self = .exists
            case .conditionNotMet: self = .mismatch
            case .leased: self = .leased
            case .accessDenied: self = .denied
            default: return nil
            }
        }
    }

    var result = Result.done
    var content: Int?
    var tag: String?

    init(result: Result = .done, content: Int? = nil) {
        self.result = result
        self.content = content
    }

    init(_ info: ObjectInfo) throws {
        tag = info.entityTag.description
        guard let number = Content.number(of: info) else {
            throw Violation(description: "\(info.name): metadata that nobody put")
        }
        content = number
    }

    /// Words without blanks.
    var text: String { "\(result.rawValue) \(content.map(String.init) ?? "-") \(tag ?? "-")" }

    /// What ``text`` spells.
    init?(_ words: some Collection<Substring>) {
        let words = Array(words)
        guard words.count == 3, let result = Result(rawValue: String(words[0])) else { return nil }
        self.result = result
        content = Int(words[1])
        tag = words[2] == "-" ? nil : String(words[2])
    }
}

/// Something that no operation may come to.
struct Violation: Error, CustomStringConvertible {
    let description: String
}
