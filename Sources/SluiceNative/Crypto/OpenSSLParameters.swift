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

@unsafe private func pointer(to name: StaticString) -> UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
}
