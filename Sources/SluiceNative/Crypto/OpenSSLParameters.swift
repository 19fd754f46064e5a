internal import COpenSSL

// OSSL_PARAM keeps the pointer to its name: only names of static storage are safe here.

/// A parameter whose value is a fixed text.
@unsafe func textParameter(_ name: StaticString, _ value: StaticString) -> OSSL_PARAM {
    unsafe value.utf8Start.withMemoryRebound(to: CChar.self, capacity: value.utf8CodeUnitCount) {
        value in
        unsafe OSSL_PARAM_construct_utf8_string(
            pointer(to: name), UnsafeMutablePointer(mutating: value), 0)
    }
}

/// A parameter whose value is a little-endian number, which must outlive the parameter.
@unsafe func numberParameter(
    _ name: StaticString, _ value: UnsafeMutablePointer<UInt8>, byteCount: Int
) -> OSSL_PARAM {
    // OSSL_PARAM numbers are of native byte order.
    precondition(UInt16(1).littleEndian == 1, "a big-endian machine")
    return unsafe OSSL_PARAM_construct_BN(pointer(to: name), value, byteCount)
}

/// A parameter whose value is bytes, which must outlive the parameter.
@unsafe func bytesParameter(
    _ name: StaticString, _ value: UnsafeMutablePointer<UInt8>, byteCount: Int
) -> OSSL_PARAM {
    unsafe OSSL_PARAM_construct_octet_string(pointer(to: name), value, byteCount)
}

/// Which halves of a key its parameters are: OpenSSL's macros of these meanings are too involved for Swift to import.
enum KeyHalves {
    case publicKey
    case keyPair

    fileprivate var selection: Int32 {
        let publicKey = Int32(OSSL_KEYMGMT_SELECT_ALL_PARAMETERS | OSSL_KEYMGMT_SELECT_PUBLIC_KEY)
        return self == .publicKey
            ? publicKey : publicKey | Int32(OSSL_KEYMGMT_SELECT_PRIVATE_KEY)
    }
}

/// Builds a key of a type, as OpenSSL names it, of its parameters.
@unsafe func makeKey(
    _ type: String, _ parameters: [OSSL_PARAM], _ halves: KeyHalves, library: CryptoLibrary
) throws(CryptoError) -> OpaquePointer {
    var parameters = unsafe parameters + [OSSL_PARAM_construct_end()]
    guard let maker = unsafe EVP_PKEY_CTX_new_from_name(library.context, type, nil) else {
        throw .libraryFailure("EVP_PKEY_CTX_new_from_name")
    }
    defer { unsafe EVP_PKEY_CTX_free(maker) }
    var key: OpaquePointer?
    guard unsafe EVP_PKEY_fromdata_init(maker) == 1,
        unsafe EVP_PKEY_fromdata(maker, &key, halves.selection, &parameters) == 1,
        let key = unsafe key
    else {
        throw .malformedKey(reason: OpenSSLErrors.takeReason())
    }
    return unsafe key
}

/// Returns if a key is sound, whose halves belong together: some tens of milliseconds.
///
/// - Throws: `malformedKey`.
@unsafe func requireSound(
    _ key: OpaquePointer, library: CryptoLibrary
) throws(CryptoError) {
    guard let checker = unsafe EVP_PKEY_CTX_new_from_pkey(library.context, key, nil) else {
        throw .libraryFailure("EVP_PKEY_CTX_new_from_pkey")
    }
    defer { unsafe EVP_PKEY_CTX_free(checker) }
    guard unsafe EVP_PKEY_check(checker) == 1 else {
        throw .malformedKey(reason: OpenSSLErrors.takeReason())
    }
}

/// Has OpenSSL make a key of a type, as it names it, once `set` has set its size or curve.
@unsafe func generateKey(
    _ type: String, library: CryptoLibrary, _ set: (OpaquePointer) -> Bool
) throws(CryptoError) -> OpaquePointer {
    guard let generator = unsafe EVP_PKEY_CTX_new_from_name(library.context, type, nil) else {
        throw .libraryFailure("EVP_PKEY_CTX_new_from_name")
    }
    defer { unsafe EVP_PKEY_CTX_free(generator) }
    var key: OpaquePointer?
    guard unsafe EVP_PKEY_keygen_init(generator) == 1, unsafe set(generator),
        unsafe EVP_PKEY_generate(generator, &key) == 1, let key = unsafe key
    else { throw .libraryFailure("EVP_PKEY_generate") }
    return unsafe key
}

/// One number of a key, which the caller frees; nil if the key hasn't got it.
@unsafe func number(_ name: StaticString, of key: OpaquePointer) -> OpaquePointer? {
    var number: OpaquePointer?
    guard unsafe EVP_PKEY_get_bn_param(key, pointer(to: name), &number) == 1 else {
        ERR_clear_error()
        return nil
    }
    return unsafe number
}

@unsafe private func pointer(to name: StaticString) -> UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
}
