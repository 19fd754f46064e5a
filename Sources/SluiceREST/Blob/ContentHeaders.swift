internal import SluiceAccess

/// What is said of a blob's content, and given back with it.
public struct ContentHeaders: Hashable, Sendable {
    /// `Content-Type`.
    public var type = "application/octet-stream"
    /// `Content-Encoding`.
    public var encoding: String?
    /// `Content-Language`.
    public var language: String?
    /// `Content-Disposition`.
    public var disposition: String?
    /// `Cache-Control`.
    public var cacheControl: String?
    /// The MD5 of the whole, 16 bytes, as a client said it or as it was computed; nil for none.
    public var md5: [UInt8]?

    /// Nothing but that it is bytes.
    public init() {}

    /// The `x-ms-blob-` headers of a request; of Put Blob also the standard ones, where those are missing.
    ///
    /// An empty header counts as none. Throws `InvalidHeaderValue` for a value that no header can have, and `InvalidMd5`.
    public init(_ headers: HeaderFields, isPutBlob: Bool) throws(BlobRefusal) {
        func value(_ name: String, _ standard: String?) throws(BlobRefusal) -> String? {
            for name in [name, standard ?? name] {
                guard let value = headers[name], !value.isEmpty else { continue }
                guard value.utf8.count <= 1024, value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
                else { throw BlobRefusal.header(name, String(value.prefix(80))) }
                return value
            }
            return nil
        }
        if let type = try value("x-ms-blob-content-type", isPutBlob ? "Content-Type" : nil) {
            self.type = type
        }
        encoding = try value("x-ms-blob-content-encoding", isPutBlob ? "Content-Encoding" : nil)
        language = try value("x-ms-blob-content-language", isPutBlob ? "Content-Language" : nil)
        disposition = try value("x-ms-blob-content-disposition", nil)
        cacheControl = try value("x-ms-blob-cache-control", isPutBlob ? "Cache-Control" : nil)
        md5 = try Checksums.md5("x-ms-blob-content-md5", headers)
    }
}

/// The checksums that a request gives of bytes, to be compared with those that arrive.
public struct Checksums: Hashable, Sendable {
    /// MD5, 16 bytes.
    public var md5: [UInt8]?
    /// CRC64.
    public var crc64: UInt64?

    /// None.
    public init() {}

    /// Those of a request's body, `Content-MD5` and `x-ms-content-crc64`, or of a copy's source.
    ///
    /// Throws `InvalidMd5` and `InvalidCrc64` for what isn't 16 and 8 bytes in Base64, and `InvalidHeaderValue` for both at
    /// once.
    public init(_ headers: HeaderFields, ofSource: Bool = false) throws(BlobRefusal) {
        md5 = try Self.md5(ofSource ? "x-ms-source-content-md5" : "Content-MD5", headers)
        let name = ofSource ? "x-ms-source-content-crc64" : "x-ms-content-crc64"
        if let text = headers[name], !text.isEmpty {
            guard let bytes = Base64.decode(text), bytes.count == 8 else {
                throw BlobRefusal(.invalidCrc64)
            }
            guard md5 == nil else { throw .header(name, text, "MD5 and CRC64 exclude each other.") }
            crc64 = CRC64.value(bytes)
        }
    }

    /// Throws `Md5Mismatch` or `Crc64Mismatch` where a checksum that was given isn't the one of what arrived.
    public func check(md5: [UInt8]?, crc64: UInt64?) throws(BlobRefusal) {
        if let expected = self.md5, expected != md5 {
            throw BlobRefusal(
                .md5Mismatch,
                fields: [
                    BlobRefusal.Field(name: "UserSpecifiedMd5", value: Base64.encode(expected)),
                    BlobRefusal.Field(name: "ServerCalculatedMd5", value: Base64.encode(md5 ?? [])),
                ])
        }
        if let expected = self.crc64, expected != crc64 {
            throw BlobRefusal(
                .crc64Mismatch,
                fields: [
                    BlobRefusal.Field(
                        name: "UserSpecifiedCrc", value: Base64.encode(CRC64.bytes(expected))),
                    BlobRefusal.Field(
                        name: "ServerCalculatedCrc",
                        value: Base64.encode(crc64.map(CRC64.bytes) ?? [])),
                ])
        }
    }

    static func md5(_ name: String, _ headers: HeaderFields) throws(BlobRefusal) -> [UInt8]? {
        guard let text = headers[name], !text.isEmpty else { return nil }
        guard let bytes = Base64.decode(text), bytes.count == 16 else {
            throw BlobRefusal(
                .invalidMd5, fields: [BlobRefusal.Field(name: "HeaderName", value: name)])
        }
        return bytes
    }
}
