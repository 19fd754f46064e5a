internal import COpenSSL

/// The numbers of an RSA-2048 key as one run of bytes, from which OpenSSL builds a key without
/// decoding.
///
/// This is the stored form: 8 bytes `RSA2048` and the version 1, then the numbers one after
/// another, little-endian and of fixed length. Building a key from it was measured at 22 µs,
/// reading DER at 530 µs.
enum RSAKeyNumbers {
    static let modulusBitCount = 2048
    static let modulusByteCount = modulusBitCount / 8
    static let exponentByteCount = 8
    static let primeByteCount = modulusByteCount / 2

    /// A number's name in OpenSSL and its place in the stored form.
    struct Field {
        let name: StaticString
        let offset: Int
        let byteCount: Int

        var endOffset: Int { offset + byteCount }
    }

    /// OpenSSL's macros of these meanings are too involved for Swift to import.
    static let publicKeySelection = Int32(
        OSSL_KEYMGMT_SELECT_ALL_PARAMETERS | OSSL_KEYMGMT_SELECT_PUBLIC_KEY)
    static let keyPairSelection = publicKeySelection | Int32(OSSL_KEYMGMT_SELECT_PRIVATE_KEY)

    static let magic: [8 of UInt8] = [0x52, 0x53, 0x41, 0x32, 0x30, 0x34, 0x38, 1]
    static let modulus = Field(name: "n", offset: 8, byteCount: modulusByteCount)
    static let exponent = Field(name: "e", offset: 264, byteCount: exponentByteCount)
    static let privateExponent = Field(name: "d", offset: 272, byteCount: modulusByteCount)
    static let prime1 = Field(name: "rsa-factor1", offset: 528, byteCount: primeByteCount)
    static let prime2 = Field(name: "rsa-factor2", offset: 656, byteCount: primeByteCount)
    static let privateFields: [8 of Field] = [
        modulus,
        exponent,
        privateExponent,
        prime1,
        prime2,
        Field(name: "rsa-exponent1", offset: 784, byteCount: primeByteCount),
        Field(name: "rsa-exponent2", offset: 912, byteCount: primeByteCount),
        Field(name: "rsa-coefficient1", offset: 1040, byteCount: primeByteCount),
    ]
    static let storedByteCount = 1168

    // MARK: From and to OpenSSL

    /// Reads a key's numbers.
    ///
    /// - Throws: `unsupportedKey` when one is longer than its field (an exponent over 64 bits,
    ///   primes of unequal length) or there are more than two primes, `malformedKey` when one is
    ///   missing.
    @unsafe static func extract(from key: OpaquePointer) throws(CryptoError) -> SecretBytes {
        var third: OpaquePointer?
        guard unsafe EVP_PKEY_get_bn_param(key, "rsa-factor3", &third) != 1 else {
            unsafe BN_clear_free(third)
            throw .unsupportedKey(reason: "it has more than two primes")
        }
        ERR_clear_error()
        let numbers = SecretBytes(byteCount: storedByteCount)
        for index in magic.indices { unsafe numbers.start[index] = magic[index] }
        for index in privateFields.indices {
            let field = privateFields[index]
            var number: OpaquePointer?
            let isThere = unsafe field.name.utf8Start.withMemoryRebound(
                to: CChar.self, capacity: field.name.utf8CodeUnitCount
            ) { name in unsafe EVP_PKEY_get_bn_param(key, name, &number) == 1 }
            defer { unsafe BN_clear_free(number) }
            guard isThere else {
                ERR_clear_error()
                throw .malformedKey(reason: "it lacks the number \(field.name)")
            }
            guard
                unsafe BN_bn2lebinpad(
                    number, numbers.start + field.offset, Int32(field.byteCount)) > 0
            else {
                ERR_clear_error()
                throw .unsupportedKey(reason: "its number \(field.name) is unusually long")
            }
        }
        return numbers
    }

    /// Checks what can be checked quickly: the form, the modulus's length, and that the primes make
    /// it.
    static func validate(_ numbers: borrowing SecretBytes) throws(CryptoError) {
        guard numbers.byteCount == storedByteCount else {
            throw .malformedKey(reason: "the stored form has the wrong length")
        }
        let isOurs = numbers.withBytes { bytes in
            magic.indices.allSatisfy { bytes[$0] == magic[$0] }
        }
        guard isOurs else { throw .malformedKey(reason: "the stored form is of another version") }
        let modulus = unsafe number(numbers, modulus)
        let prime1 = unsafe number(numbers, prime1)
        let prime2 = unsafe number(numbers, prime2)
        let product = unsafe BN_new()
        let working = unsafe BN_CTX_secure_new()
        defer {
            unsafe BN_clear_free(modulus)
            unsafe BN_clear_free(prime1)
            unsafe BN_clear_free(prime2)
            unsafe BN_clear_free(product)
            unsafe BN_CTX_free(working)
        }
        guard unsafe product != nil, unsafe working != nil, unsafe modulus != nil,
            unsafe prime1 != nil, unsafe prime2 != nil,
            unsafe BN_mul(product, prime1, prime2, working) == 1
        else { throw .libraryFailure("BN_mul") }
        guard unsafe BN_num_bits(modulus) == modulusBitCount, unsafe BN_cmp(product, modulus) == 0
        else { throw .malformedKey(reason: "the stored form's numbers contradict each other") }
    }

    /// Builds a key of some of the numbers.
    @unsafe static func makeKey(
        fields: Span<Field>, numbers: UnsafeMutablePointer<UInt8>, selection: Int32,
        library: CryptoLibrary
    ) throws(CryptoError) -> OpaquePointer {
        var parameters: [OSSL_PARAM] = unsafe []
        for index in fields.indices {
            let field = fields[index]
            unsafe parameters.append(
                numberParameter(
                    field.name, numbers + field.offset, byteCount: field.byteCount))
        }
        unsafe parameters.append(OSSL_PARAM_construct_end())
        guard let maker = unsafe EVP_PKEY_CTX_new_from_name(library.context, "RSA", nil) else {
            throw .libraryFailure("EVP_PKEY_CTX_new_from_name")
        }
        defer { unsafe EVP_PKEY_CTX_free(maker) }
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_fromdata_init(maker) == 1,
            unsafe EVP_PKEY_fromdata(maker, &key, selection, &parameters) == 1,
            let key = unsafe key
        else {
            throw .malformedKey(reason: OpenSSLErrors.takeReason())
        }
        return unsafe key
    }

    @unsafe static func number(
        _ numbers: borrowing SecretBytes, _ field: Field
    ) -> OpaquePointer? {
        unsafe BN_lebin2bn(numbers.start + field.offset, Int32(field.byteCount), nil)
    }
}
