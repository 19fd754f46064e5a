internal import SluiceAccess

/// A shared access signature: a query that lets its bearer do what it says, signed by the account's key or by a key that the
/// service gave to a user.
///
/// Reading one verifies nothing; ``grant(_:policy:isSigned:)`` does.
public struct SharedAccessSignature: Sendable {
    /// What one is signed for.
    public enum Scope: Hashable, Sendable {
        /// The account: services and types of resources, each by its letters.
        case account(services: String, resourceTypes: String)
        /// A container and the blobs in it.
        case container
        /// A blob.
        case blob
        /// One snapshot of a blob.
        case snapshot
    }

    /// What it is signed for.
    public let scope: Scope
    /// HMAC-SHA256, 32 bytes.
    public let signature: [UInt8]
    /// Of a user delegation: the key that signed it.
    public let delegation: UserDelegation?
    /// The name of the container's policy that it refers to.
    public let policyID: String?
    /// The encryption scope under which everything is to be sealed that it writes.
    public let encryptionScope: String?
    /// The user whose token has to come beside it.
    public let delegatedUser: String?

    let start: BlobTime?
    let expiry: BlobTime?
    let permissions: BlobPermissions?
    let addresses: ClosedRange<UInt32>?
    let isSecureOnly: Bool
    let version: String
    /// What was sent, by names in small letters.
    let sent: [String: String]

    private static let names: Set<String> = [
        "sv", "ss", "srt", "sp", "st", "se", "sip", "spr", "sig", "sr", "si", "ses", "sdd", "skoid",
        "sktid", "skt", "ske",
        "sks", "skv", "skdutid", "sduoid", "saoid", "suoid", "scid", "srh", "srq", "rscc", "rscd",
        "rsce", "rscl", "rsct",
    ]

    /// Reads a query with a signature.
    ///
    /// Throws `AuthenticationFailed` with the reason for one of another form, and `NotImplemented` for those of directories
    /// and versions.
    public init(_ query: BlobQuery) throws(BlobRefusal) {
        var sent: [String: String] = [:]
        for (name, value) in query.pairs {
            let name = name.lowercased()
            guard Self.names.contains(name) else { continue }
            // A line end would be one in the text that is signed, or in a field of the answer.
            guard !value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
                throw .authentication("\(name) has a control character.")
            }
            guard sent.updateValue(value, forKey: name) == nil else {
                throw .authentication("\(name) is there twice.")
            }
        }
        self.sent = sent.filter { !$0.value.isEmpty }
        sent = self.sent
        guard let signature = Base64.decode(sent["sig"] ?? ""), signature.count == 32 else {
            throw .authentication("sig is mandatory, and 32 bytes in Base64.")
        }
        guard let version = sent["sv"], version >= "2013-08-15", BlobTime(iso: version) != nil
        else {
            throw .authentication("sv is mandatory, and a version since 2013-08-15.")
        }
        self.signature = signature
        self.version = version
        scope = try Self.scope(sent)
        start = try Self.time("st", sent)
        expiry = try Self.time("se", sent)
        policyID = sent["si"]
        encryptionScope = sent["ses"]
        delegatedUser = sent["sduoid"]
        let permissions = sent["sp"].map { BlobPermissions(letters: $0) }
        guard permissions != .some(nil) else {
            throw .authentication("sp has letters that are no permissions: \(sent["sp"] ?? "").")
        }
        self.permissions = permissions ?? nil
        let addresses = sent["sip"].map(Self.addresses)
        guard addresses != .some(nil) else {
            throw .authentication("sip is neither an address of IPv4 nor a range of them.")
        }
        self.addresses = addresses ?? nil
        switch sent["spr"]?.lowercased() {
        case nil, "https,http": isSecureOnly = false
        case "https": isSecureOnly = true
        default: throw .authentication("spr is neither https nor https,http.")
        }
        delegation = try UserDelegation(sent)
        if delegation != nil {
            guard policyID == nil, version >= "2018-11-09", !Self.isOfAccount(sent) else {
                throw .authentication(
                    "A user delegation has no si, no ss, and a version since 2018-11-09.")
            }
        } else if delegatedUser != nil {
            throw .authentication("sduoid needs a user delegation.")
        }
        guard sent["suoid"] == nil else {
            throw .notEmulated("Shared access signatures with suoid")
        }
    }

    private static func isOfAccount(_ sent: [String: String]) -> Bool {
        sent["ss"] != nil || sent["srt"] != nil
    }

    private static func scope(_ sent: [String: String]) throws(BlobRefusal) -> Scope {
        guard !isOfAccount(sent) else {
            guard let services = sent["ss"], let types = sent["srt"], sent["sr"] == nil,
                services.utf8.allSatisfy({ "bqtf".utf8.contains($0) }),
                types.utf8.allSatisfy({ "sco".utf8.contains($0) })
            else {
                throw .authentication(
                    "One for an account has ss, of b, q, t and f, and srt, of s, c and o, and no sr."
                )
            }
            return .account(services: services, resourceTypes: types)
        }
        switch sent["sr"] {
        case "c": return .container
        case "b": return .blob
        case "bs": return .snapshot
        case "bv": throw .notEmulated("Shared access signatures of versions")
        case "d": throw .notEmulated("Shared access signatures of directories")
        default: throw .authentication("sr is mandatory. Cannot be empty.")
        }
    }

    static func time(_ name: String, _ sent: [String: String]) throws(BlobRefusal) -> BlobTime? {
        guard let text = sent[name] else { return nil }
        guard let time = BlobTime(iso: text) else {
            throw .authentication("\(name) is no time of ISO 8601 in UTC: \(text.prefix(40)).")
        }
        return time
    }

    private static func addresses(_ text: String) -> ClosedRange<UInt32>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2, let first = address(ends[0]),
            let last = ends.count == 2 ? address(ends[1]) : first, first <= last
        else { return nil }
        return first...last
    }

    /// The number of an address of IPv4, also within one of IPv6; nil for another.
    static func address(_ text: some StringProtocol) -> UInt32? {
        let mapped = "::ffff:"
        let plain =
            text.lowercased().hasPrefix(mapped)
            ? String(text.dropFirst(mapped.count)) : String(text)
        let parts = plain.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count),
                part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let byte = UInt8(part)
            else { return nil }
            number = number << 8 | UInt32(byte)
        }
        return number
    }
}
