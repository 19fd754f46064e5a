/// A number of an RSA key, in the order of the stored form.
public enum RSAKeyNumber: CaseIterable, Hashable, Sendable {
    /// n.
    case modulus
    /// e.
    case exponent
    /// d.
    case privateExponent
    /// p.
    case prime1
    /// q.
    case prime2
    /// d modulo p - 1.
    case exponent1
    /// d modulo q - 1.
    case exponent2
    /// The inverse of q modulo p.
    case coefficient
}

/// A private key as its numbers, each big-endian, with leading zeros or without.
public enum PrivateKeyNumbers: Sendable {
    /// All numbers of an RSA key.
    case rsa([RSAKeyNumber: SharedSecret])
    /// The point that is public, and the secret number.
    case elliptic(EllipticCurve, x: [UInt8], y: [UInt8], secret: SharedSecret)
}

extension SharedSecret {
    /// Writes a big-endian number to a place little-endian; says whether it fits.
    func writeNumber(to form: inout MutableSpan<UInt8>, _ place: Range<Int>) -> Bool {
        bytes.withBytes { bytes in
            for (digit, index) in bytes.indices.reversed().enumerated() {
                if digit < place.count {
                    form[place.lowerBound + digit] = bytes[index]
                } else if bytes[index] != 0 {
                    return false
                }
            }
            return true
        }
    }
}
