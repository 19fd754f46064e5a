internal import SluiceAccess

/// When a key gets a new version by itself, as Key Vault's REST interface shows it.
public struct RotationPolicy: Codable, Hashable, Sendable {
    /// What happens, and when: at most one action of each type.
    public var lifetimeActions: [LifetimeAction]
    /// When new versions expire.
    public var attributes: Attributes

    /// Something that happens once in the life of each version.
    public struct LifetimeAction: Codable, Hashable, Sendable {
        /// When.
        public var trigger: Trigger
        /// What.
        public var action: Action
    }

    /// A moment in a version's life: exactly one of the two is set.
    public struct Trigger: Codable, Hashable, Sendable {
        /// So long after it was made.
        public var timeAfterCreate: CalendarDuration?
        /// So long before it expires; never, if it doesn't.
        public var timeBeforeExpiry: CalendarDuration?
    }

    /// What happens.
    public struct Action: Codable, Hashable, Sendable {
        /// What happens.
        public var type: ActionType
    }

    /// What can happen: a new version is made, or a record is added to the vault's operation log.
    public enum ActionType: String, Codable, Hashable, Sendable {
        case rotate = "Rotate"
        case notify = "Notify"

        /// Reads the name; case doesn't matter, as in Key Vault.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            switch try container.decode(String.self).lowercased() {
            case "rotate": self = .rotate
            case "notify": self = .notify
            default:
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "an action is of type Rotate or Notify")
            }
        }
    }

    /// When new versions expire, and when the policy was made and changed.
    public struct Attributes: Codable, Hashable, Sendable {
        /// So long after they were made; nil for never.
        public var expiryTime: CalendarDuration?
        /// When the policy was made, in seconds since 1970; nil before.
        public var created: Int?
        /// When the policy was last changed, in seconds since 1970; nil before.
        public var updated: Int?
    }

    /// A policy that rotates a key, a time after each version was made or before it expires, and notes
    /// that a version is about to expire.
    public init(
        rotateAfterCreate: CalendarDuration? = nil, rotateBeforeExpiry: CalendarDuration? = nil,
        notifyAfterCreate: CalendarDuration? = nil, notifyBeforeExpiry: CalendarDuration? = nil,
        expiryTime: CalendarDuration? = nil
    ) {
        self.init(
            rotate: Trigger(
                timeAfterCreate: rotateAfterCreate, timeBeforeExpiry: rotateBeforeExpiry),
            notify: Trigger(
                timeAfterCreate: notifyAfterCreate, timeBeforeExpiry: notifyBeforeExpiry),
            Attributes(expiryTime: expiryTime, created: nil, updated: nil))
    }

    /// What holds for a key without a policy of its own: a record 30 days before it expires.
    static let `default` = RotationPolicy(notifyBeforeExpiry: .days(30))

    init(rotate: Trigger, notify: Trigger, _ attributes: Attributes) {
        self.attributes = attributes
        lifetimeActions = []
        for (trigger, type) in [(rotate, ActionType.rotate), (notify, .notify)]
        where trigger != Trigger() {
            lifetimeActions.append(LifetimeAction(trigger: trigger, action: Action(type: type)))
        }
    }

    func trigger(of type: ActionType) -> Trigger? {
        lifetimeActions.first { $0.action.type == type }?.trigger
    }

    /// Returns if the policy makes sense, as the service sees it: new versions live 28 days at least, and are rotated 7 days
    /// after they were made at the earliest, and 7 days before they expire at the latest.
    ///
    /// - Throws: `invalidArgument`, with what doesn't.
    func validate(for key: KeyIdentifier) throws(VaultError) {
        func refuse(_ reason: String) -> VaultError {
            VaultError(
                .invalidArgument, "can't set the rotation policy of \(key): \(reason)",
                about: .key(key))
        }
        for type in [ActionType.rotate, .notify] {
            guard lifetimeActions.count(where: { $0.action.type == type }) <= 1 else {
                throw refuse("it has more than one action \(type.rawValue): keep one")
            }
        }
        func length(_ duration: CalendarDuration) -> Int { duration.added(toSeconds: 0) }
        let shortest = length(.days(7))
        let expiry = attributes.expiryTime.map(length)
        if let expiry, expiry < length(.days(28)) {
            throw refuse("versions would expire after less than 28 days: set a longer expiryTime")
        }
        for action in lifetimeActions {
            let trigger = action.trigger
            guard (trigger.timeAfterCreate == nil) != (trigger.timeBeforeExpiry == nil) else {
                throw refuse(
                    "a trigger has one of timeAfterCreate and timeBeforeExpiry, not both or neither"
                )
            }
            guard
                action.action.type == .notify || trigger.timeBeforeExpiry == nil
                    || attributes.expiryTime != nil
            else {
                throw refuse(
                    "new versions would never expire, so that nothing happens before: set expiryTime"
                )
            }
            guard action.action.type == .rotate,
                let moment = (trigger.timeAfterCreate ?? trigger.timeBeforeExpiry).map(length)
            else { continue }
            guard moment >= shortest, expiry.map({ moment <= $0 - shortest }) ?? true else {
                throw refuse(
                    "a version is rotated 7 days after it was made at the earliest, and 7 days before it expires at "
                        + "the latest: choose another time")
            }
        }
    }
}
