extension [UInt8] {
    /// The bytes as text; ``StoreError/Code/invalidArgument`` if they are not UTF-8.
    public var text: String {
        get throws(StoreError) {
            guard let text = String(validating: self, as: UTF8.self) else {
                throw StoreError(.invalidArgument, "the bytes are not text: they aren't UTF-8")
            }
            return text
        }
    }
}
