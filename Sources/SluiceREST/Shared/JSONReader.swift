/// Why a text is no JSON.
public struct JSONFormatError: Error, Hashable {
    /// What was found, and at which byte.
    public let reason: String
}

/// Reads JSON, and of JSON5 what clients of resources send: comments, commas before a closing bracket, names without
/// quotation marks, line ends within strings.
public struct JSONReader {
    /// How deep arrays and objects may be in each other.
    public static let deepest = 64

    private let bytes: [UInt8]
    private var place = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads a whole text, UTF-8.
    public static func read(_ bytes: [UInt8]) throws(JSONFormatError) -> JSON {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw JSONFormatError(reason: "it isn't UTF-8")
        }
        var reader = JSONReader(bytes)
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if bytes.starts(with: mark) { reader.place = mark.count }
        let value = try reader.value()
        try reader.skipSpace()
        guard reader.place == bytes.count else { throw reader.unexpected("the end") }
        return value
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private func unexpected(_ wanted: String) -> JSONFormatError {
        JSONFormatError(reason: "there should be \(wanted) at byte \(place)")
    }

    private mutating func skipSpace() throws(JSONFormatError) {
        while let byte = next {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            case UInt8(ascii: "/"): try skipComment()
            default: return
            }
        }
    }

    private mutating func skipComment() throws(JSONFormatError) {
        switch place + 1 < bytes.count ? bytes[place + 1] : 0 {
        case UInt8(ascii: "/"):
            while let byte = next, byte != 0x0A { place += 1 }
        case UInt8(ascii: "*"):
            place += 2
            while place + 1 < bytes.count, bytes[place...].prefix(2) != [0x2A, 0x2F] { place += 1 }
            guard place + 1 < bytes.count else { throw unexpected("the end of a comment") }
            place += 2
        default: throw unexpected("a value")
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    private mutating func value() throws(JSONFormatError) -> JSON {
        try skipSpace()
        switch next {
        case UInt8(ascii: "{"):
            return try nested { reader throws(JSONFormatError) in try reader.object() }
        case UInt8(ascii: "["):
            return try nested { reader throws(JSONFormatError) in try reader.list() }
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try text())
        case let byte? where byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte):
            return try number()
        default: break
        }
        for (word, value) in [("true", JSON.bool(true)), ("false", .bool(false)), ("null", .null)]
        where bytes[place...].starts(with: word.utf8) {
            place += word.utf8.count
            return value
        }
        throw unexpected("a value")
    }

    private mutating func nested(
        _ read: (inout JSONReader) throws(JSONFormatError) -> JSON
    ) throws(JSONFormatError) -> JSON {
        guard depth < Self.deepest else { throw JSONFormatError(reason: "it is too deep") }
        depth += 1
        defer { depth -= 1 }
        place += 1
        return try read(&self)
    }

    private mutating func object() throws(JSONFormatError) -> JSON {
        var object = JSONObject()
        var names: Set<String> = []
        while true {
            try skipSpace()
            if take(UInt8(ascii: "}")) { return .object(object) }
            let name = try self.name()
            try skipSpace()
            guard take(UInt8(ascii: ":")) else { throw unexpected("a colon") }
            let value = try self.value()
            if names.insert(name).inserted {
                object.members.append(JSONObject.Member(name: name, value: value))
            } else {
                object[name] = value
            }
            try skipSpace()
            guard take(UInt8(ascii: ",")) || next == UInt8(ascii: "}") else {
                throw unexpected("a comma")
            }
        }
    }

    private mutating func list() throws(JSONFormatError) -> JSON {
        var elements: [JSON] = []
        while true {
            try skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            elements.append(try value())
            try skipSpace()
            guard take(UInt8(ascii: ",")) || next == UInt8(ascii: "]") else {
                throw unexpected("a comma")
            }
        }
    }

    private mutating func name() throws(JSONFormatError) -> String {
        if next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") { return try text() }
        let start = place
        while let byte = next,
            byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || byte.isASCIIWord
        {
            place += 1
        }
        guard place > start else { throw unexpected("a name") }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func number() throws(JSONFormatError) -> JSON {
        let start = place
        while let byte = next, byte.isASCIIWord || "+-.".utf8.contains(byte) { place += 1 }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        if let integer = Int(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw unexpected("a number") }
        return .number(number)
    }

    private mutating func text() throws(JSONFormatError) -> String {
        let mark = bytes[place]
        place += 1
        var text: [UInt8] = []
        while let byte = next {
            place += 1
            switch byte {
            case mark: return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(&text)
            default: text.append(byte)
            }
        }
        throw unexpected("the end of a string")
    }

    private mutating func escape(_ text: inout [UInt8]) throws(JSONFormatError) {
        guard let byte = next else { throw unexpected("an escape") }
        place += 1
        switch byte {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "u"): try unicode(&text)
        default: text.append(byte)
        }
    }

    private mutating func unicode(_ text: inout [UInt8]) throws(JSONFormatError) {
        var unit = try codeUnit()
        if (0xD800..<0xDC00).contains(unit), bytes[place...].starts(with: [0x5C, 0x75]) {
            place += 2
            let low = try codeUnit()
            guard (0xDC00..<0xE000).contains(low) else { throw unexpected("a surrogate") }
            unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(unit) else { throw unexpected("a character") }
        text += Array(String(scalar).utf8)
    }

    private mutating func codeUnit() throws(JSONFormatError) -> UInt32 {
        let digits = bytes[place...].prefix(4)
        guard digits.count == 4, digits.allSatisfy(\.isASCIIWord),
            let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw unexpected("four hex digits") }
        place += 4
        return unit
    }
}

extension UInt8 {
    /// Whether it is a letter or a digit of ASCII.
    var isASCIIWord: Bool {
        (0x30...0x39).contains(self) || (0x61...0x7A).contains(self | 0x20)
    }
}
