/// Writes the documents of the Blob service into one buffer; names of elements are ones that XML allows.
struct XMLWriter {
    /// What has been written.
    private(set) var bytes: [UInt8] = []

    /// A writer at the start of a document, with room for so many bytes.
    init(capacity: Int = 1024) {
        bytes.reserveCapacity(capacity)
        raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>")
    }

    /// Text that stands for itself.
    mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// `<name>`
    mutating func open(_ name: String) {
        bytes.append(UInt8(ascii: "<"))
        raw(name)
        bytes.append(UInt8(ascii: ">"))
    }

    /// `<name attribute="value">`
    mutating func open(_ name: String, _ attribute: String, _ value: String) {
        bytes.append(UInt8(ascii: "<"))
        raw(name)
        bytes.append(UInt8(ascii: " "))
        raw(attribute)
        raw("=\"")
        text(value)
        raw("\">")
    }

    /// `</name>`
    mutating func close(_ name: String) {
        raw("</")
        raw(name)
        bytes.append(UInt8(ascii: ">"))
    }

    /// `<name>text</name>`; an element of an empty text is `<name />`.
    mutating func element(_ name: String, _ value: String) {
        guard !value.isEmpty else {
            bytes.append(UInt8(ascii: "<"))
            raw(name)
            raw(" />")
            return
        }
        open(name)
        text(value)
        close(name)
    }

    /// The same, unless there is no value.
    mutating func element(_ name: String, ifPresent value: String?) {
        if let value { element(name, value) }
    }

    /// `<name>true</name>`, and so on.
    mutating func element(_ name: String, _ value: Bool) { element(name, value ? "true" : "false") }

    /// `<name>Tue, 01 Dec 2026 08:49:37 GMT</name>`
    mutating func element(_ name: String, _ time: BlobTime) {
        open(name)
        time.appendHTTP(to: &bytes)
        close(name)
    }

    /// `<name>12</name>`
    mutating func element(_ name: String, _ value: Int) { element(name, String(value)) }

    /// A text that may have characters which XML 1.0 hasn't: then it is percent-encoded and says so,
    /// `<name Encoded="true">`.
    mutating func encodedElement(_ name: String, _ value: String) {
        guard !value.isXML else { return element(name, value) }
        open(name, "Encoded", "true")
        for byte in value.utf8 { percentEncoded(byte) }
        close(name)
    }

    private static let hex = Array("0123456789ABCDEF".utf8)

    private mutating func percentEncoded(_ byte: UInt8) {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"):
            bytes.append(byte)
        default:
            bytes.append(UInt8(ascii: "%"))
            bytes.append(Self.hex[Int(byte >> 4)])
            bytes.append(Self.hex[Int(byte & 15)])
        }
    }

    /// Text between elements, or the value of an attribute; characters that XML hasn't become `?`.
    mutating func text(_ text: String) {
        if text.utf8.allSatisfy({ $0.isPlainXML }) {
            bytes.append(contentsOf: text.utf8)
            return
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": raw("&amp;")
            case "<": raw("&lt;")
            case ">": raw("&gt;")
            case "\"": raw("&quot;")
            // What is left as it is, a parser makes a line end of.
            case "\r": raw("&#xD;")
            default:
                bytes.append(contentsOf: String(Character(scalar.isXML ? scalar : "?")).utf8)
            }
        }
    }
}

extension String {
    /// Whether XML 1.0 has all its characters.
    fileprivate var isXML: Bool {
        // All below 0x20 but three are illegal, and beyond ASCII U+FFFE and U+FFFF alone, which begin with 0xEF.
        if utf8.allSatisfy({ ($0 >= 0x20 && $0 != 0xEF) || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D })
        {
            return true
        }
        return unicodeScalars.allSatisfy(\.isXML)
    }
}

extension UInt8 {
    /// Whether it stands for itself between elements.
    fileprivate var isPlainXML: Bool {
        switch self {
        case 0x09, 0x0A: true
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), 0xEF:
            false
        default: self >= 0x20
        }
    }
}
