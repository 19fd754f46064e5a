/// Reads the documents that clients of the Blob service send, an element at a time.
///
/// Invariants: every step takes at least a byte or throws, nothing is looked at twice, and no more than ``deepest`` elements
/// are open, so that a document costs its length. There are no document types and no entities but XML's own five.
struct XMLReader {
    /// How many elements may be within each other.
    static let deepest = 8

    private let bytes: [UInt8]
    private var place = 0
    private var open: [ArraySlice<UInt8>] = []
    /// Whether the open element was written as one that is empty: its end was read with its start.
    private var isEnded = false

    /// Reads up to the start of a root element of this name; throws `InvalidXmlDocument` for another.
    init(_ document: [UInt8], root: String) throws(BlobRefusal) {
        bytes = document
        guard String(validating: document, as: UTF8.self) != nil else {
            throw Self.invalid("It isn't UTF-8.")
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
        try skipMisc()
        guard try start() == root else { throw Self.invalid("Its root isn't \(root).") }
    }

    /// The name of the next element within the open one, which it opens; nil at the open one's end, which it closes.
    ///
    /// Throws if there is text.
    mutating func child() throws(BlobRefusal) -> String? {
        if isEnded {
            close()
            return nil
        }
        try skipMisc()
        guard next == UInt8(ascii: "<") else {
            throw Self.invalid("There is text between elements.")
        }
        if follows("</") {
            try end()
            return nil
        }
        return try start()
    }

    /// The text of the open element, which it closes; throws if there are elements.
    mutating func text() throws(BlobRefusal) -> String {
        var text: [UInt8] = []
        while !isEnded {
            guard let byte = next else { throw Self.invalid("It is cut short.") }
            switch byte {
            case UInt8(ascii: "<"):
                if follows("</") {
                    try end()
                    return String(decoding: text, as: UTF8.self)
                }
                guard follows("<![CDATA[") else {
                    guard try skipOne() else {
                        throw Self.invalid("There is an element in a text.")
                    }
                    continue
                }
                place += "<![CDATA[".utf8.count
                text += try upTo("]]>")
            case UInt8(ascii: "&"): text += try reference()
            default:
                place += 1
                guard byte >= 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D else {
                    throw Self.invalid("It has a control character.")
                }
                text.append(byte)
            }
        }
        close()
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads past the open element, and closes it.
    mutating func skip() throws(BlobRefusal) {
        let depth = open.count
        while open.count >= depth {
            if isEnded {
                close()
                continue
            }
            while let byte = next, byte != UInt8(ascii: "<") { place += 1 }
            if follows("</") {
                try end()
            } else if follows("<![CDATA[") {
                _ = try upTo("]]>")
            } else if try !skipOne() {
                _ = try start()
            }
        }
    }

    /// Throws unless the root was closed and nothing but comments is behind it.
    mutating func finish() throws(BlobRefusal) {
        try skipMisc()
        guard open.isEmpty, place == bytes.count else {
            throw Self.invalid("There is something behind its end.")
        }
    }

    private static func invalid(_ reason: String) -> BlobRefusal {
        BlobRefusal(.invalidXmlDocument, reason)
    }

    // MARK: Steps

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private func follows(_ text: String) -> Bool {
        next == text.utf8.first && bytes[place...].starts(with: text.utf8)
    }

    private mutating func close() {
        isEnded = false
        if !open.isEmpty { open.removeLast() }
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
            place += 1
        }
    }

    /// Skips space, comments and instructions.
    private mutating func skipMisc() throws(BlobRefusal) {
        repeat { skipSpace() } while try skipOne()
    }

    /// Skips a comment or an instruction, if one is next; throws at a document type.
    private mutating func skipOne() throws(BlobRefusal) -> Bool {
        if follows("<!--") {
            place += 4
            _ = try upTo("-->")
            return true
        }
        if follows("<?") {
            _ = try upTo("?>")
            return true
        }
        guard !follows("<!") else { throw Self.invalid("Document types aren't allowed.") }
        return false
    }

    /// What is before a text, which is read, too.
    private mutating func upTo(_ text: String) throws(BlobRefusal) -> ArraySlice<UInt8> {
        let start = place
        while place < bytes.count {
            if follows(text) {
                place += text.utf8.count
                return bytes[start..<(place - text.utf8.count)]
            }
            place += 1
        }
        throw Self.invalid("It is cut short.")
    }

    private mutating func name() throws(BlobRefusal) -> ArraySlice<UInt8> {
        let start = place
        while let byte = next, byte >= 0x80 || byte.isXMLName { place += 1 }
        guard place > start, place - start <= 256 else {
            throw Self.invalid("An element has no name.")
        }
        return bytes[start..<place]
    }

    private mutating func start() throws(BlobRefusal) -> String {
        guard next == UInt8(ascii: "<") else { throw Self.invalid("There should be an element.") }
        guard open.count < Self.deepest else { throw Self.invalid("It is too deep.") }
        place += 1
        let name = try name()
        while true {
            skipSpace()
            if follows("/>") {
                place += 2
                isEnded = true
                break
            }
            if next == UInt8(ascii: ">") {
                place += 1
                break
            }
            try attribute()
        }
        open.append(name)
        return String(decoding: name, as: UTF8.self)
    }

    private mutating func attribute() throws(BlobRefusal) {
        _ = try name()
        skipSpace()
        guard next == UInt8(ascii: "=") else { throw Self.invalid("An attribute has no value.") }
        place += 1
        skipSpace()
        guard let mark = next, mark == UInt8(ascii: "\"") || mark == UInt8(ascii: "'") else {
            throw Self.invalid("An attribute has no value.")
        }
        place += 1
        while let byte = next, byte != mark, byte != UInt8(ascii: "<") { place += 1 }
        guard next == mark else { throw Self.invalid("An attribute doesn't end.") }
        place += 1
    }

    private mutating func end() throws(BlobRefusal) {
        place += 2
        let name = try name()
        skipSpace()
        guard next == UInt8(ascii: ">"), name == open.last else {
            throw Self.invalid("An element ends that another began.")
        }
        place += 1
        close()
    }

    private mutating func reference() throws(BlobRefusal) -> [UInt8] {
        let start = place + 1
        let end = bytes[start...].prefix(12).firstIndex(of: UInt8(ascii: ";"))
        guard let end else { throw Self.invalid("An entity doesn't end.") }
        place = end + 1
        let name = String(decoding: bytes[start..<end], as: UTF8.self)
        switch name {
        case "amp": return Array("&".utf8)
        case "lt": return Array("<".utf8)
        case "gt": return Array(">".utf8)
        case "quot": return Array("\"".utf8)
        case "apos": return Array("'".utf8)
        default: break
        }
        let isHex = name.hasPrefix("#x")
        guard name.hasPrefix("#"),
            let number = UInt32(name.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 10),
            let scalar = Unicode.Scalar(number), scalar.isXML
        else { throw Self.invalid("It has an entity that isn't XML's own.") }
        return Array(String(Character(scalar)).utf8)
    }
}

extension UInt8 {
    fileprivate var isXMLName: Bool {
        (0x30...0x3A).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
            || self == UInt8(ascii: "_") || self == UInt8(ascii: "-") || self == UInt8(ascii: ".")
    }
}

extension Unicode.Scalar {
    /// Whether XML 1.0 has it.
    var isXML: Bool {
        switch value {
        case 0x09, 0x0A, 0x0D, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }
}
