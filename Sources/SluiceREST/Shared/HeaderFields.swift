/// The fields of a request's or an answer's head, in order; names are found whatever their case.
public struct HeaderFields: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// A field.
    public struct Field: Hashable, Sendable {
        /// As it was sent.
        public var name: String
        /// Without the spaces around it.
        public var value: String

        /// A field.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// In order; a name may come more than once.
    public var fields: [Field] = []

    /// None.
    public init() {}

    /// Fields in order.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first value of a name; setting it replaces all, and nil removes them.
    public subscript(_ name: String) -> String? {
        get { fields.first { $0.name.equalsIgnoringCase(name) }?.value }
        set {
            fields.removeAll { $0.name.equalsIgnoringCase(name) }
            if let newValue { fields.append(Field(name: name, value: newValue)) }
        }
    }

    /// All values of a name.
    public func all(_ name: String) -> [String] {
        fields.filter { $0.name.equalsIgnoringCase(name) }.map(\.value)
    }
}
