/// A JSON value whose members keep their order.
public enum JSON: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction that an `Int` holds.
    case integer(Int)
    /// Any other number.
    case number(Double)
    /// A text.
    case string(String)
    /// A list.
    case array([JSON])
    /// Members, in order.
    case object(JSONObject)
}

/// The members of a JSON object, in the order in which they came; small ones, for they are looked through one by one.
///
/// Names are found whatever their case, as Azure's resources have it; an exact one goes first.
public struct JSONObject: Hashable, Sendable {
    /// A name and its value.
    public struct Member: Hashable, Sendable {
        /// The name.
        public var name: String
        /// Its value.
        public var value: JSON
    }

    /// In order.
    public var members: [Member] = []

    /// No members.
    public init() {}

    /// The value of a name; setting it to nil removes the member, and another value keeps its place and spelling.
    public subscript(_ name: String) -> JSON? {
        get { place(name).map { members[$0].value } }
        set {
            switch (place(name), newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    private func place(_ name: String) -> Int? {
        members.firstIndex { $0.name == name }
            ?? members.firstIndex { $0.name.equalsIgnoringCase(name) }
    }
}

// MARK: Making and reading

extension JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A number.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// A list.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }

    /// Members in order; the later of two of one name counts.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        var object = JSONObject()
        for (name, value) in elements { object[name] = value }
        self = .object(object)
    }

    /// The text, if it is one.
    public var string: String? { if case .string(let text) = self { text } else { nil } }

    /// The truth value, if it is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The number, if it is one without fraction.
    public var integer: Int? { if case .integer(let value) = self { value } else { nil } }

    /// The elements, if it is a list.
    public var array: [JSON]? { if case .array(let elements) = self { elements } else { nil } }

    /// The members, if it is an object.
    public var object: JSONObject? { if case .object(let object) = self { object } else { nil } }

    /// A member of an object, and nil of anything else; setting one makes an object of what is none.
    public subscript(_ name: String) -> JSON? {
        get { object?[name] }
        set {
            var object = self.object ?? JSONObject()
            object[name] = newValue
            self = .object(object)
        }
    }

    /// A member that is neither missing nor null.
    public func present(_ name: String) -> JSON? { self[name].flatMap { $0 == .null ? nil : $0 } }

    /// This with what a patch says (RFC 7396): members are replaced one by one, and null removes one.
    public func merged(with patch: JSON) -> JSON {
        guard let patch = patch.object else { return patch }
        var merged = object ?? JSONObject()
        for member in patch.members {
            merged[member.name] =
                member.value == .null
                ? nil : (merged[member.name] ?? .null).merged(with: member.value)
        }
        return .object(merged)
    }
}
