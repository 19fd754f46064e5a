extension EntityTag {
    /// The object id that the tag is the text of.
    func objectID() throws(StoreError) -> [UInt8] {
        guard let bytes = StoreLayout.objectID(description) else {
            throw StoreError(
                .invalidArgument, "'\(description)' is no id of an object: it has 32 hex digits")
        }
        return bytes
    }
}
