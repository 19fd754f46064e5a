internal import SluiceAccess

extension EntityTag {
    /// The object id that the tag is the text of.
    func objectID() throws(StoreError) -> [UInt8] {
        guard let bytes = StoreLayout.objectID(description) else {
            throw StoreError(
                .invalidArgument,
                "'\(description)' is not an object's id, which has 32 hexadecimal digits",
                remedies: [.list(.objectIDs)])
        }
        return bytes
    }
}
