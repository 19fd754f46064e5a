import SluiceAccess
import Testing

@Suite struct Base64Tests {
    // RFC 4648, section 10; and the two digits that differ from plain base64.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"),
        ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"), ("??>", "Pz8-"), ("???", "Pz8_"),
    ])
    func `base64url is that of the standard`(bytes: String, text: String) {
        #expect(Base64.encodeForURL(Array(bytes.utf8)) == text)
        #expect(Base64.decodeForURL(text) == Array(bytes.utf8))
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        #expect(Base64.decodeForURL(text + padding) == Array(bytes.utf8))
    }

    @Test(arguments: [
        "Z", "Zg=", "Zg===", "Zh", "Zm9", "Z g", "Zg\n", "Pz8+", "Pz8/", "=", "Zm8=Zm8=",
    ])
    func `what is no base64url isn't read`(text: String) {
        #expect(Base64.decodeForURL(text) == nil)
    }
}
