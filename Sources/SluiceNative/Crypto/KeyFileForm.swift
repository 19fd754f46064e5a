/// In which form a file has a key, as far as its first bytes and its PEM labels tell.
public enum KeyFileForm: Sendable {
    /// A private key in PEM, unencrypted.
    case pem
    /// A private key in PEM that is encrypted.
    case encryptedPEM
    /// A private key as `ssh-keygen` writes them.
    case openSSH
    /// A public key, in PEM or for SSH.
    case publicKey
    /// A certificate, or a request for one, in PEM.
    case certificate
    /// PKCS #1 or PKCS #8, or something else, in DER.
    case der
    /// PKCS #12, as in files named .pfx or .p12.
    case pkcs12
    /// A JSON Web Key, or a set of them.
    case jwk
    /// Something else.
    case other

    /// Looks at a file's bytes.
    public init(of bytes: Span<UInt8>) {
        let text = PEMLabels(bytes)
        let labels = text.labels
        if labels.contains("OPENSSH PRIVATE KEY") {
            self = .openSSH
        } else if labels.contains("ENCRYPTED PRIVATE KEY") || text.saysEncrypted {
            self = .encryptedPEM
        } else if labels.contains(where: { $0.hasSuffix("PRIVATE KEY") }) {
            self = .pem
        } else if labels.contains(where: { $0.hasSuffix("PUBLIC KEY") }) || text.isPublicSSH {
            self = .publicKey
        } else if labels.contains(where: { $0.contains("CERTIFICATE") }) {
            self = .certificate
        } else if text.isJSONKey {
            self = .jwk
        } else {
            self = Self.binaryForm(bytes)
        }
    }

    /// A sequence in DER; PKCS #12 begins with its version, 3, and a sequence, the others with the version 0.
    private static func binaryForm(_ bytes: Span<UInt8>) -> KeyFileForm {
        guard bytes.count >= 16, bytes[0] == 0x30 else { return .other }
        let headByteCount = bytes[1] < 0x80 ? 2 : 2 + Int(bytes[1] & 0x7F)
        guard headByteCount <= 6 else { return .other }
        let version = (0..<4).map { bytes[headByteCount + $0] }
        return version == [0x02, 0x01, 0x03, 0x30] ? .pkcs12 : .der
    }
}

/// What stands between `-----BEGIN ` and `-----` in a text, and other marks of it.
struct PEMLabels {
    let labels: [String]
    /// Whether the text says that a block is encrypted, as PEM did before PKCS #8.
    let saysEncrypted: Bool
    /// Whether it is a public key of SSH.
    let isPublicSSH: Bool
    /// Whether it is JSON that names a type of key.
    let isJSONKey: Bool

    init(_ bytes: Span<UInt8>) {
        labels = Self.labels(of: bytes)
        saysEncrypted = Self.contains(bytes, "Proc-Type: 4,ENCRYPTED")
        let first = bytes.indices.first { bytes[$0] > 0x20 } ?? 0
        isPublicSSH = Self.matches(bytes, first, "ssh-rsa ")
        isJSONKey = Self.matches(bytes, first, "{") && Self.contains(bytes, "\"kty\"")
    }

    private static func contains(_ bytes: Span<UInt8>, _ text: String) -> Bool {
        bytes.indices.contains { matches(bytes, $0, text) }
    }

    private static func labels(of bytes: Span<UInt8>) -> [String] {
        let opening = "-----BEGIN "
        let longestLabel = 40
        var labels: [String] = []
        for start in bytes.indices
        where bytes[start] == UInt8(ascii: "-") && matches(bytes, start, opening) {
            let first = start + opening.utf8.count
            let limit = min(bytes.count, first + longestLabel)
            guard let end = (first..<limit).first(where: { bytes[$0] == UInt8(ascii: "-") }) else {
                continue
            }
            let label = (first..<end).map { Character(Unicode.Scalar(bytes[$0])) }
            // A reason is shown on terminals.
            guard label.allSatisfy({ $0 == " " || $0.isASCII && ($0.isLetter || $0.isNumber) })
            else { continue }
            labels.append(String(label))
        }
        return labels
    }

    private static func matches(_ bytes: Span<UInt8>, _ start: Int, _ text: String) -> Bool {
        let text = text.utf8
        guard bytes.count - start >= text.count else { return false }
        return zip(start..., text).allSatisfy { bytes[$0] == $1 }
    }
}
