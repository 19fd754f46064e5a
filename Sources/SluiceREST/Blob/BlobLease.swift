/// A lease as a request finds it.
public struct BlobLease: Hashable, Sendable {
    /// Where a lease is in its life.
    public enum State: String, Sendable {
        /// There is none.
        case available
        /// Somebody has it.
        case leased
        /// Its time is over, and nobody took another.
        case expired
        /// It was broken, and still holds for a while.
        case breaking
        /// It was broken.
        case broken
    }

    /// Where it is.
    public var state: State
    /// Its identifier; nil where there is none.
    public var id: String?
    /// Whether it holds until it is released; nil where it holds no more.
    public var isInfinite: Bool?

    /// None.
    public static let none = Self(state: .available)

    /// All of it.
    public init(state: State, id: String? = nil, isInfinite: Bool? = nil) {
        self.state = state
        self.id = id
        self.isInfinite = isInfinite
    }

    /// Whether it keeps others away: `x-ms-lease-status`.
    public var isLocked: Bool { state == .leased || state == .breaking }

    /// Whether it has this identifier, however its letters are written.
    func isNamed(_ other: String?) -> Bool {
        guard let id, let other else { return false }
        return id.equalsIgnoringCase(other)
    }

    /// Throws unless a request with this identifier may do what it wants.
    ///
    /// `LeaseIdMissing` where it needs one and gives none; `LeaseIdMismatchWith…`, `LeaseNotPresentWith…` or `LeaseLost` where
    /// it gives one and there is another, none, or one that holds no more.
    ///
    /// - Parameter isNeeded: Whether a lease keeps others from it: writes to a blob, deletion of a container.
    public func check(_ given: String?, isContainer: Bool, isNeeded: Bool) throws(BlobRefusal) {
        guard let given else {
            guard isLocked && isNeeded else { return }
            throw BlobRefusal(.leaseIdMissing)
        }
        switch state {
        case .leased, .breaking:
            guard isNamed(given) else {
                throw BlobRefusal(
                    isContainer
                        ? .leaseIdMismatchWithContainerOperation : .leaseIdMismatchWithBlobOperation
                )
            }
        case .expired, .broken:
            throw isNamed(given) ? BlobRefusal(.leaseLost) : Self.notPresent(isContainer)
        case .available: throw Self.notPresent(isContainer)
        }
    }

    private static func notPresent(_ isContainer: Bool) -> BlobRefusal {
        BlobRefusal(
            isContainer ? .leaseNotPresentWithContainerOperation : .leaseNotPresentWithBlobOperation
        )
    }
}

/// One of the five things to do with a lease.
public enum LeaseRequest: Hashable, Sendable {
    /// Take one of so many seconds, nil for without end, under a proposed identifier or any.
    case acquire(seconds: Int?, proposed: String?)
    /// Let it hold for its time again.
    case renew(String)
    /// Give it another identifier.
    case change(String, proposed: String)
    /// End it.
    case release(String)
    /// End it without its identifier, after so many seconds; nil for what is left of it.
    case `break`(seconds: Int?)

    /// Reads the headers of Lease Blob or Lease Container.
    ///
    /// Throws `MissingRequiredHeader`, and `InvalidHeaderValue` for an unknown action, an identifier that is no GUID, a
    /// duration other than −1 and 15 to 60 seconds, and a period other than 0 to 60.
    public init(_ headers: HeaderFields) throws(BlobRefusal) {
        let name = "x-ms-lease-action"
        guard let action = headers[name] else { throw .missingHeader(name) }
        switch action.lowercased() {
        case "acquire":
            guard let duration = headers["x-ms-lease-duration"] else {
                throw .missingHeader("x-ms-lease-duration")
            }
            guard let seconds = Int(duration), seconds == -1 || (15...60).contains(seconds) else {
                throw .header("x-ms-lease-duration", duration, "It is -1, or 15 to 60 seconds.")
            }
            self = .acquire(
                seconds: seconds == -1 ? nil : seconds,
                proposed: try Self.id(headers, "x-ms-proposed-lease-id"))
        case "renew": self = .renew(try Self.given(headers))
        case "change":
            guard let proposed = try Self.id(headers, "x-ms-proposed-lease-id") else {
                throw .missingHeader("x-ms-proposed-lease-id")
            }
            self = .change(try Self.given(headers), proposed: proposed)
        case "release": self = .release(try Self.given(headers))
        case "break":
            guard let period = headers["x-ms-lease-break-period"] else {
                self = .break(seconds: nil)
                return
            }
            guard let seconds = Int(period), (0...60).contains(seconds) else {
                throw .header("x-ms-lease-break-period", period, "It is 0 to 60 seconds.")
            }
            self = .break(seconds: seconds)
        default: throw .header(name, action)
        }
    }

    /// The identifier that any request may give, as a GUID of small letters; nil without one.
    ///
    /// Throws `InvalidHeaderValue` for what is no GUID.
    public static func id(
        _ headers: HeaderFields, _ name: String = "x-ms-lease-id"
    ) throws(BlobRefusal) -> String? {
        guard let text = headers[name], !text.isEmpty else { return nil }
        var digits: [UInt8] = []
        for byte in text.utf8.prefix(64) {
            let byte = byte.lowercasedASCII
            switch byte {
            case 0x30...0x39, 0x61...0x66: digits.append(byte)
            case UInt8(ascii: "-"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "("),
                UInt8(ascii: ")"):
                continue
            default: throw .header(name, text, "It is no GUID.")
            }
        }
        guard digits.count == 32, text.utf8.count <= 38 else {
            throw .header(name, text, "It is no GUID.")
        }
        let hex = String(decoding: digits, as: UTF8.self)
        var rest = hex[...]
        var parts: [Substring] = []
        for count in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return parts.joined(separator: "-")
    }

    private static func given(_ headers: HeaderFields) throws(BlobRefusal) -> String {
        guard let id = try id(headers) else { throw .missingHeader("x-ms-lease-id") }
        return id
    }

    /// HTTP's status of its success.
    public var successStatus: Int {
        switch self {
        case .acquire: 201
        case .break: 202
        default: 200
        }
    }

    /// Throws unless it can be done to a lease in this state.
    public func check(_ lease: BlobLease) throws(BlobRefusal) {
        switch self {
        case .acquire(_, let proposed):
            guard lease.isLocked else { return }
            guard lease.isNamed(proposed) else { throw BlobRefusal(.leaseAlreadyPresent) }
            if lease.state == .breaking { throw BlobRefusal(.leaseIsBreakingAndCannotBeAcquired) }
        case .renew(let id):
            try Self.match(lease, id)
            if lease.state == .breaking || lease.state == .broken {
                throw BlobRefusal(.leaseIsBrokenAndCannotBeRenewed)
            }
        case .change(let id, let proposed):
            guard lease.isLocked else { throw BlobRefusal(.leaseNotPresentWithLeaseOperation) }
            guard lease.isNamed(id) || lease.isNamed(proposed) else {
                throw BlobRefusal(.leaseIdMismatchWithLeaseOperation)
            }
            if lease.state == .breaking { throw BlobRefusal(.leaseIsBreakingAndCannotBeChanged) }
        case .release(let id): try Self.match(lease, id)
        case .break:
            if lease.state == .available { throw BlobRefusal(.leaseNotPresentWithLeaseOperation) }
        }
    }

    private static func match(_ lease: BlobLease, _ id: String) throws(BlobRefusal) {
        guard lease.isNamed(id) else { throw BlobRefusal(.leaseIdMismatchWithLeaseOperation) }
    }
}
