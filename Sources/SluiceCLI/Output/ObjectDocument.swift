internal import Sluice

/// An object as `--json` prints it.
struct ObjectDocument: Encodable {
    let name: String
    let byteCount: Int
    let storedByteCount: Int
    let contentType: String
    let modified: String
    let metadata: [String: String]
    let entityTag: String
    let keyIdentifier: KeyIdentifier
    let chunkByteCount: Int
    let isCompressed: Bool

    init(_ info: ObjectInfo) {
        name = info.name.description
        byteCount = info.byteCount
        storedByteCount = info.storedByteCount
        contentType = info.contentType
        modified = Timestamp(milliseconds: info.modifiedMilliseconds).description
        metadata = info.metadata
        entityTag = info.entityTag.description
        keyIdentifier = info.keyIdentifier
        chunkByteCount = info.chunkByteCount
        isCompressed = info.isCompressed
    }
}
