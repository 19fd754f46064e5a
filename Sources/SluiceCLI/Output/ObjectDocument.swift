internal import Sluice
internal import SluiceNative

/// An object as `--json` prints it.
struct ObjectDocument: Encodable {
    let name: String
    let id: String
    let byteCount: Int
    let storedByteCount: Int
    let contentType: String
    let contentEncoding: String?
    let contentLanguage: String?
    let contentDisposition: String?
    let cacheControl: String?
    /// In hexadecimal digits.
    let contentMD5: String?
    let tier: String?
    let tags: [String: String]?
    let created: String
    let modified: String
    let metadata: [String: String]
    let entityTag: String
    let keyIdentifier: KeyIdentifier
    let encryptionScope: String?
    /// In hexadecimal digits.
    let providedKeySHA256: String?
    let chunkByteCount: Int
    let isCompressed: Bool

    init(_ info: ObjectInfo) {
        name = info.name.description
        id = info.id.description
        byteCount = info.byteCount
        storedByteCount = info.storedByteCount
        let properties = info.properties
        contentType = properties.contentType
        contentEncoding = properties.contentEncoding.unlessEmpty
        contentLanguage = properties.contentLanguage.unlessEmpty
        contentDisposition = properties.contentDisposition.unlessEmpty
        cacheControl = properties.cacheControl.unlessEmpty
        contentMD5 = properties.contentMD5.map { String(hexadecimal: $0) }
        tier = properties.tier?.rawValue
        tags = properties.tags.isEmpty ? nil : properties.tags
        created = Timestamp(milliseconds: info.createdMilliseconds).description
        modified = Timestamp(milliseconds: info.modifiedMilliseconds).description
        metadata = info.metadata
        entityTag = info.entityTag.description
        keyIdentifier = info.keyIdentifier
        encryptionScope = info.encryptionScope?.description
        providedKeySHA256 = info.providedKeyDigest.map { String(hexadecimal: $0) }
        chunkByteCount = info.chunkByteCount
        isCompressed = info.isCompressed
    }
}

extension String {
    fileprivate var unlessEmpty: String? { isEmpty ? nil : self }
}
