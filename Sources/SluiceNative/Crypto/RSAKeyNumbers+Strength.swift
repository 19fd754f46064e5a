internal import COpenSSL

/// What is known to make an RSA key weak though it works. OpenSSL's own check looks for none of it.
extension RSAKeyNumbers {
    /// Returns if a key is as FIPS 186-5 wants one: e odd and above 2^16, |p - q| > 2^(nlen/2 - 100),
    /// d > 2^(nlen/2); and not of those that a faulty library made (ROCA, CVE-2017-15361).
    ///
    /// - Throws: `unsupportedKey`, with the reason.
    func requireStrong(_ numbers: borrowing SecretBytes) throws(CryptoError) {
        let exponent = publicExponent(numbers)
        guard exponent >= 65_537, exponent & 1 == 1 else {
            throw .unsupportedKey(
                reason:
                    "it is weak: its public exponent is \(exponent), and must be odd and at least "
                    + "65537")
        }
        let primeBitCount = primeByteCount * 8
        guard try primeDifferenceBitCount(numbers) > primeBitCount - 100 else {
            throw .unsupportedKey(
                reason: "it is weak: its primes are so close that Fermat's method finds them")
        }
        guard unsafe bitCount(numbers, .privateExponent) > primeBitCount else {
            throw .unsupportedKey(
                reason: "it is weak: its private exponent is so small that Wiener's method finds it"
            )
        }
        guard unsafe !isOfFaultyLibrary(numbers) else {
            throw .unsupportedKey(
                reason:
                    "it is weak: it is one of those that a faulty library made, and that can be "
                    + "factored (ROCA)")
        }
    }

    private func publicExponent(_ numbers: borrowing SecretBytes) -> UInt64 {
        let offset = field(.exponent).offset
        return numbers.withBytes { bytes in
            (0..<Self.exponentByteCount).reduce(0) { value, index in
                value | UInt64(bytes[offset + index]) << UInt64(8 * index)
            }
        }
    }

    private func primeDifferenceBitCount(
        _ numbers: borrowing SecretBytes
    ) throws(CryptoError) -> Int {
        let first = unsafe Self.number(numbers, field(.prime1))
        let second = unsafe Self.number(numbers, field(.prime2))
        let difference = unsafe BN_new()
        defer {
            unsafe BN_clear_free(first)
            unsafe BN_clear_free(second)
            unsafe BN_clear_free(difference)
        }
        guard unsafe first != nil, unsafe second != nil, unsafe difference != nil,
            unsafe BN_sub(difference, first, second) == 1
        else { throw .libraryFailure("BN_sub") }
        return unsafe Int(BN_num_bits(difference))
    }

    @unsafe private func bitCount(
        _ numbers: borrowing SecretBytes, _ number: RSAKeyNumber
    ) -> Int {
        let value = unsafe Self.number(numbers, field(number))
        defer { unsafe BN_clear_free(value) }
        return unsafe value == nil ? 0 : Int(BN_num_bits(value))
    }

    /// The primes of those keys are k · M + 65537^a mod M, with M a product of small primes: so the modulus is
    /// a power of 65537 modulo each of them, which of other keys one in 2^27 is.
    @unsafe private func isOfFaultyLibrary(_ numbers: borrowing SecretBytes) -> Bool {
        let value = unsafe Self.number(numbers, field(.modulus))
        defer { unsafe BN_clear_free(value) }
        let smallPrimes: [UInt64] = [
            3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89,
            97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
        ]
        return smallPrimes.allSatisfy { prime in
            let rest = unsafe UInt64(BN_mod_word(value, UInt(prime)))
            var power: UInt64 = 1
            for _ in 0..<prime {
                if power == rest { return true }
                power = power * 65_537 % prime
            }
            return false
        }
    }
}
