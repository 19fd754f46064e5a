/// The range of a blob that a request asks for.
public struct BlobRange: Hashable, Sendable {
    /// The most bytes of a range whose MD5 or CRC64 the service gives along.
    public static let mostChecked = 4 << 20

    /// What the client wants to check the range with.
    public enum Check: Hashable, Sendable {
        /// The MD5 of the range, in `Content-MD5`.
        case md5
        /// The CRC64 of the range, in `x-ms-content-crc64`.
        case crc64
        /// A structured body with a CRC64 of each segment.
        case structuredBody
    }

    /// The first byte.
    let first: Int
    /// The last one; nil for the blob's end.
    let last: Int?

    /// The range that `x-ms-range`, or else `Range`, asks for; nil for the whole.
    ///
    /// A `Range` that isn't of the service's form, `bytes=N-` or `bytes=N-M`, is ignored, as HTTP has it; an `x-ms-range` is
    /// refused. Throws `InvalidHeaderValue` for that and for a check of no range, and `OutOfRangeInput` for one of more than
    /// 4 MiB.
    public static func read(
        _ headers: HeaderFields
    ) throws(BlobRefusal) -> (range: BlobRange?, check: Check?) {
        let check = try check(headers)
        let name = headers["x-ms-range"] == nil ? "Range" : "x-ms-range"
        guard let text = headers[name], !text.isEmpty else {
            guard check == nil || check == .structuredBody else {
                throw .header(
                    "x-ms-range-get-content-\(check == .md5 ? "md5" : "crc64")", "true",
                    "It needs a range.")
            }
            return (nil, check)
        }
        guard let (first, last) = bounds(text) else {
            guard name == "Range" else { throw .header(name, text) }
            return (nil, check)
        }
        if check == .md5 || check == .crc64 {
            guard let last, last - first < mostChecked else {
                throw BlobRefusal(.outOfRangeInput, "MD5 and CRC64 are given of at most 4 MiB.")
            }
        }
        return (BlobRange(first: first, last: last), check)
    }

    /// The bytes of a blob of this size.
    ///
    /// Throws `InvalidRange` (416) where the blob has none there.
    public func bytes(of byteCount: Int) throws(BlobRefusal) -> Range<Int> {
        guard first < byteCount else {
            throw BlobRefusal(.invalidRange, "The blob has \(byteCount) bytes.")
        }
        return first..<min(last.map { $0 == .max ? .max : $0 + 1 } ?? byteCount, byteCount)
    }

    /// `Content-Range` of an answer; of a refusal without bytes.
    public static func header(_ bytes: Range<Int>?, of byteCount: Int) -> String {
        guard let bytes else { return "bytes */\(byteCount)" }
        return "bytes \(bytes.lowerBound)-\(bytes.upperBound - 1)/\(byteCount)"
    }

    static func bounds(_ text: String) -> (first: Int, last: Int?)? {
        guard text.utf8.count <= 64, text.lowercased().hasPrefix("bytes=") else { return nil }
        let ends = text.dropFirst("bytes=".count).split(
            separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = number(ends[0]) else { return nil }
        guard !ends[1].isEmpty else { return (first, nil) }
        guard let last = number(ends[1]), last >= first else { return nil }
        return (first, last)
    }

    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }

    private static func check(_ headers: HeaderFields) throws(BlobRefusal) -> Check? {
        let md5 = try flag("x-ms-range-get-content-md5", headers)
        let crc64 = try flag("x-ms-range-get-content-crc64", headers)
        guard !(md5 && crc64) else {
            throw .header(
                "x-ms-range-get-content-crc64", "true", "MD5 and CRC64 exclude each other.")
        }
        if let text = headers["x-ms-structured-body"] {
            guard text == StructuredBody.header else { throw .header("x-ms-structured-body", text) }
            guard !md5 && !crc64 else {
                throw .header("x-ms-structured-body", text, "It excludes another check.")
            }
            return .structuredBody
        }
        return md5 ? .md5 : crc64 ? .crc64 : nil
    }

    static func flag(_ name: String, _ headers: HeaderFields) throws(BlobRefusal) -> Bool {
        switch headers[name]?.lowercased() {
        case nil, "", "false": return false
        case "true": return true
        case let value?: throw .header(name, value, "It is true or false.")
        }
    }
}
