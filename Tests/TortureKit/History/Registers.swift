/// What stands under a name: which content, and which version of it.
///
/// Numbers stand for both, for whoever knows what they mean; a copy has the same content in another
/// version.
struct RegisterValue: Hashable, Sendable {
    /// The content.
    let content: Int
    /// The version, which no other value has but one that was moved here; negative if nobody was told.
    let version: Int
    /// The lease that it is under; 0 for none.
    var lease = 0

    /// A value that isn't leased.
    init(content: Int, version: Int) {
        self.content = content
        self.version = version
    }
}

/// Two names, what is done with which is judged together: so a rename from one to the other is one step.
struct RegisterPair: Hashable, Sendable {
    /// What stands under the first name.
    var first: RegisterValue?
    /// What stands under the second.
    var second: RegisterValue?

    /// Names under which something stands, or nothing.
    init(first: RegisterValue? = nil, second: RegisterValue? = nil) {
        self.first = first
        self.second = second
    }

    subscript(isSecond: Bool) -> RegisterValue? {
        get { isSecond ? second : first }
        set { if isSecond { second = newValue } else { first = newValue } }
    }
}

/// What an operation, or one of its halves, did at one instant.
struct RegisterStep: Hashable, Sendable {
    /// What must have stood under a name for the operation to come to what it did.
    enum Expectation: Hashable, Sendable {
        case absent, present
        case content(Int)
        case value(RegisterValue)
        case version(Int)
        case notVersion(Int)
        /// It is under a lease, but not under this one.
        case leased(unlessAs: Int)
        /// It is there, and not under this lease.
        case notLeased(as: Int)

        func holds(of value: RegisterValue?) -> Bool {
            switch self {
            case .absent: value == nil
            case .present: value != nil
            case .content(let content): value?.content == content
            case .value(let expected):
                value?.content == expected.content
                    && Self.version(expected.version).holds(of: value)
            // One that nobody was told may be any.
            case .version(let version):
                value.map { $0.version == version || $0.version < 0 } ?? false
            case .notVersion(let version): value?.version != version
            case .leased(let lease): value.map { $0.lease != 0 && $0.lease != lease } ?? false
            case .notLeased(let lease): value.map { $0.lease != lease } ?? false
            }
        }
    }

    /// What became of what stands there.
    enum Change: Hashable, Sendable {
        case put(isSecond: Bool, RegisterValue)
        case remove(isSecond: Bool)
        case move(fromSecond: Bool)
        /// What stands under one name now stands under the other, too, as this version.
        case copy(fromSecond: Bool, version: Int)
        /// The same content, this one if it is told, stands there as this version.
        case touch(isSecond: Bool, content: Int?, version: Int)
        /// What stands there is under this lease from now on.
        case lease(isSecond: Bool, Int)
        /// It is under this lease, and no longer.
        case release(isSecond: Bool, Int)

        /// The names that it changes, none of which may be under a lease.
        fileprivate var changed: [Bool] {
            switch self {
            case .put(let isSecond, _), .remove(let isSecond), .touch(let isSecond, _, _):
                [isSecond]
            case .move: [false, true]
            case .copy(let isFromSecond, _): [!isFromSecond]
            case .lease, .release: []
            }
        }
    }

    /// What was expected of the names.
    var firstExpectation: Expectation?
    /// The same, of the second.
    var secondExpectation: Expectation?
    /// What it changed; nil if it only looked.
    var change: Change?

    /// A step that looks at one name, and changes something.
    init(
        _ isSecond: Bool = false, is expectation: Expectation? = nil, _ change: Change? = nil
    ) {
        self[isSecond] = expectation
        self.change = change
    }

    /// What was expected of a name.
    subscript(isSecond: Bool) -> Expectation? {
        get { isSecond ? secondExpectation : firstExpectation }
        set { if isSecond { secondExpectation = newValue } else { firstExpectation = newValue } }
    }

    /// What the names hold after the step; nil if it can't have come to what it did.
    func applied(to pair: RegisterPair) -> RegisterPair? {
        guard firstExpectation?.holds(of: pair.first) ?? true,
            secondExpectation?.holds(of: pair.second) ?? true
        else { return nil }
        var pair = pair
        for isSecond in change?.changed ?? [] {
            guard pair[isSecond].map({ $0.lease == 0 }) ?? true else { return nil }
        }
        switch change {
        case nil: break
        case .put(let isSecond, let value): pair[isSecond] = value
        case .remove(let isSecond):
            guard pair[isSecond] != nil else { return nil }
            pair[isSecond] = nil
        case .move(let isFromSecond):
            guard let value = pair[isFromSecond] else { return nil }
            pair[isFromSecond] = nil
            pair[!isFromSecond] = value
        case .touch(let isSecond, let content, let version):
            guard let value = pair[isSecond], content == nil || content == value.content else {
                return nil
            }
            pair[isSecond] = RegisterValue(content: value.content, version: version)
        case .lease(let isSecond, let lease):
            guard let value = pair[isSecond], [0, lease].contains(value.lease) else { return nil }
            pair[isSecond]?.lease = lease
        case .release(let isSecond, let lease):
            guard let value = pair[isSecond], value.lease == lease else { return nil }
            pair[isSecond]?.lease = 0
        case .copy(let isFromSecond, let version):
            guard let value = pair[isFromSecond] else { return nil }
            pair[!isFromSecond] = RegisterValue(content: value.content, version: version)
        }
        return pair
    }
}
