/// What conditions are evaluated against: a blob, a container, or a copy's source.
public struct ConditionSubject: Hashable, Sendable {
    /// The entity tag, without quotation marks.
    public var etag: String
    /// When it was changed.
    public var lastModified: BlobTime

    /// All of it.
    public init(etag: String, lastModified: BlobTime) {
        self.etag = etag
        self.lastModified = lastModified
    }
}

/// The conditions under which a request is carried out.
public struct BlobConditions: Hashable, Sendable {
    /// Whose conditions they are.
    public enum Target: Sendable {
        /// The blob or container that the request is about.
        case target
        /// The source of a copy.
        case source
    }

    /// Entity tags, of which one has to be there; nil without the condition.
    let ifMatch: Tags?
    /// Entity tags, of which none may be there.
    let ifNoneMatch: Tags?
    let ifModifiedSince: BlobTime?
    let ifUnmodifiedSince: BlobTime?
    private let isOfSource: Bool

    enum Tags: Hashable, Sendable {
        case any
        case these([String])

        func contains(_ etag: String?) -> Bool {
            guard let etag else { return false }
            return switch self {
            case .any: true
            case .these(let tags): tags.contains(etag)
            }
        }
    }

    /// Reads the headers of conditions.
    ///
    /// Throws `InvalidHeaderValue` for what is no date or entity tag, and `NotImplemented` for conditions on tags.
    public init(_ headers: HeaderFields, of target: Target = .target) throws(BlobRefusal) {
        isOfSource = target == .source
        let prefix = isOfSource ? "x-ms-source-" : ""
        guard headers[isOfSource ? "x-ms-source-if-tags" : "x-ms-if-tags"] == nil else {
            throw .notEmulated("Conditions on tags")
        }
        ifMatch = try Self.tags("\(prefix)if-match", headers)
        ifNoneMatch = try Self.tags("\(prefix)if-none-match", headers)
        ifModifiedSince = try Self.time("\(prefix)if-modified-since", headers)
        ifUnmodifiedSince = try Self.time("\(prefix)if-unmodified-since", headers)
    }

    /// Whether there are none.
    public var isEmpty: Bool {
        ifMatch == nil && ifNoneMatch == nil && ifModifiedSince == nil && ifUnmodifiedSince == nil
    }

    /// Whether what is to be made may not be there: then nothing needs to be known of it but that.
    public var demandsAbsence: Bool { ifNoneMatch == .any }

    /// Throws `ConditionNotMet`, with ``BlobRefusal/isNotModified`` where that is 304 to who reads; `BlobAlreadyExists` where a
    /// write wants nothing to be there; and of a source `SourceConditionNotMet`.
    ///
    /// - Parameters:
    ///   - subject: What is there; nil for nothing, which a request that needs it to be there has been refused for before.
    ///   - isWrite: Whether the blob would be made.
    public func check(_ subject: ConditionSubject?, isWrite: Bool) throws(BlobRefusal) {
        if let ifMatch, !ifMatch.contains(subject?.etag) { throw refusal(false) }
        if let ifUnmodifiedSince, let subject,
            subject.lastModified.seconds > ifUnmodifiedSince.seconds
        {
            throw refusal(false)
        }
        if let ifNoneMatch, ifNoneMatch.contains(subject?.etag) {
            if ifNoneMatch == .any && isWrite && !isOfSource {
                throw BlobRefusal(.blobAlreadyExists)
            }
            throw refusal(true)
        }
        // With If-None-Match, which is finer, the date doesn't count.
        if ifNoneMatch == nil || isWrite, let ifModifiedSince, let subject,
            subject.lastModified.seconds <= ifModifiedSince.seconds
        {
            throw refusal(true)
        }
    }

    private func refusal(_ isNotModified: Bool) -> BlobRefusal {
        isOfSource
            ? BlobRefusal(.sourceConditionNotMet)
            : BlobRefusal(.conditionNotMet, fields: isNotModified ? [BlobRefusal.notModified] : [])
    }

    // MARK: Reading

    private static func time(
        _ name: String, _ headers: HeaderFields
    ) throws(BlobRefusal) -> BlobTime? {
        guard let text = headers[name], !text.isEmpty else { return nil }
        guard let time = BlobTime(http: text) else {
            throw .header(name, text, "It is no date of the form of RFC 1123.")
        }
        return time
    }

    private static func tags(
        _ name: String, _ headers: HeaderFields
    ) throws(BlobRefusal) -> Tags? {
        guard let text = headers[name], !text.isEmpty else { return nil }
        if text == "*" { return .any }
        guard text.utf8.count <= 4096 else { throw .header(name, "", "It is too long.") }
        return .these(text.split(separator: ",").map(tag))
    }

    /// An entity tag with or without its quotation marks, and weak ones too.
    private static func tag(_ text: Substring) -> String {
        var tag = text.drop { $0 == " " }
        while tag.last == " " { tag.removeLast() }
        if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
        if tag.utf8.count >= 2, tag.first == "\"", tag.last == "\"" {
            tag = tag.dropFirst().dropLast()
        }
        return String(tag)
    }
}
