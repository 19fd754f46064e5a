internal import SluiceAccess

extension ObjectID {
    /// The id that this is the text of.
    func bytes() throws(StoreError) -> [UInt8] {
        guard let bytes = StoreLayout.objectID(description) else {
            throw StoreError(
                .invalidArgument,
                "'\(description)' is not an object's id, which has 32 hexadecimal digits",
                remedies: [.list(.objectIDs)])
        }
        return bytes
    }
}
