internal import COpenSSL

/// A certificate for a server of this machine, signed by an authority that signs nothing else.
///
/// The authority is made for this one signature and its key is gone when `make` returns. Whoever trusts it trusts it for
/// the names given and for no others: its name constraints are critical. They say nothing of addresses.
public struct LocalCertificate: ~Copyable {
    /// The authority's certificate (DER), for clients to trust.
    public let authority: [UInt8]
    /// The server's certificate (DER).
    public let leaf: [UInt8]
    /// The server's private key on P-256 (DER of SEC 1).
    public let leafKey: SecretBytes

    /// What a certificate is to say.
    public struct Request: Sendable {
        /// The authority's common name.
        public var authorityName: String
        /// Names of hosts, with a star for the first label where any will do.
        public var hosts: [String]
        /// Domains that the authority may speak for: each, and all below it.
        public var domains: [String]
        /// Addresses of this machine.
        public var addresses: [String]
        /// For how long, from an hour ago, for clocks that are behind.
        public var days: Int

        /// All of it.
        public init(
            authorityName: String, hosts: [String], domains: [String], addresses: [String],
            days: Int
        ) {
            self.authorityName = authorityName
            self.hosts = hosts
            self.domains = domains
            self.addresses = addresses
            self.days = days
        }
    }

    /// Makes an authority and the one certificate that it signs, in about a millisecond.
    public static func make(
        _ request: Request, library: CryptoLibrary
    ) throws(CryptoError) -> LocalCertificate {
        let authorityKey = unsafe try makeKey(library)
        defer { unsafe EVP_PKEY_free(authorityKey) }
        let leafKey = unsafe try makeKey(library)
        defer { unsafe EVP_PKEY_free(leafKey) }
        let authority = unsafe try CertificateMaker(
            subject: request.authorityName, key: authorityKey, days: request.days, library)
        let domains = request.domains.map { "permitted;DNS:\($0)" }
        // BoringSSL, which many clients have, takes no certificate under constraints on addresses.
        unsafe try authority.sign(
            with: authorityKey, issuer: authority,
            [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
                (NID_key_usage, "critical,keyCertSign"),
                (NID_subject_key_identifier, "hash"),
                (NID_name_constraints, "critical," + domains.joined(separator: ",")),
            ])
        let leaf = unsafe try CertificateMaker(
            subject: "Sluice", key: leafKey, days: request.days, library)
        let names = request.hosts.map { "DNS:\($0)" } + request.addresses.map { "IP:\($0)" }
        unsafe try leaf.sign(
            with: authorityKey, issuer: authority,
            [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature"),
                (NID_ext_key_usage, "serverAuth"),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid"),
                (NID_subject_alt_name, names.joined(separator: ",")),
            ])
        return LocalCertificate(
            authority: try authority.encoded(), leaf: try leaf.encoded(),
            leafKey: unsafe try encodedPrivateKey(leafKey))
    }

    @unsafe private static func makeKey(_ library: CryptoLibrary) throws(CryptoError)
        -> OpaquePointer
    {
        guard let generator = unsafe EVP_PKEY_CTX_new_from_name(library.context, "EC", nil) else {
            throw .libraryFailure("EVP_PKEY_CTX_new_from_name")
        }
        defer { unsafe EVP_PKEY_CTX_free(generator) }
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_keygen_init(generator) == 1,
            unsafe EVP_PKEY_CTX_set_group_name(generator, "P-256") == 1,
            unsafe EVP_PKEY_generate(generator, &key) == 1, let key = unsafe key
        else { throw .libraryFailure("EVP_PKEY_generate") }
        return unsafe key
    }
}

/// A certificate in the making; one thread's.
@safe private final class CertificateMaker {
    private let certificate: OpaquePointer
    private let library: CryptoLibrary

    @unsafe init(
        subject: String, key: OpaquePointer, days: Int, _ library: CryptoLibrary
    ) throws(CryptoError) {
        guard let certificate = unsafe X509_new_ex(library.context, nil) else {
            throw .libraryFailure("X509_new_ex")
        }
        unsafe self.certificate = certificate
        self.library = library
        let hour = 3600
        let name = unsafe X509_get_subject_name(certificate)
        guard unsafe X509_set_version(certificate, 2) == 1,
            try setSerialNumber(),
            unsafe X509_gmtime_adj(X509_getm_notBefore(certificate), -hour) != nil,
            unsafe X509_gmtime_adj(X509_getm_notAfter(certificate), days * 24 * hour - hour) != nil,
            unsafe X509_set_pubkey(certificate, key) == 1,
            unsafe X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, subject, -1, -1, 0) == 1
        else { throw .libraryFailure("making a certificate") }
    }

    deinit {
        unsafe X509_free(certificate)
    }

    private func setSerialNumber() throws(CryptoError) -> Bool {
        // Positive, and of 16 bytes whatever they are.
        let bytes = [0x40] + (try library.randomBytes(byteCount: 15))
        return unsafe bytes.span.withUnsafeBufferPointer { bytes in
            let number = unsafe BN_bin2bn(bytes.baseAddress, Int32(bytes.count), nil)
            defer { unsafe BN_free(number) }
            return unsafe BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
        }
    }

    /// Adds extensions, each named by its number, and signs.
    @unsafe func sign(
        with key: OpaquePointer, issuer: CertificateMaker, _ extensions: [(Int32, String)]
    ) throws(CryptoError) {
        guard
            unsafe X509_set_issuer_name(
                certificate, X509_get_subject_name(issuer.certificate)) == 1
        else { throw .libraryFailure("X509_set_issuer_name") }
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(&context, issuer.certificate, certificate, nil, nil, 0)
        for (number, text) in extensions {
            guard let made = unsafe X509V3_EXT_conf_nid(nil, &context, number, text) else {
                throw .libraryFailure("X509V3_EXT_conf_nid")
            }
            defer { unsafe X509_EXTENSION_free(made) }
            guard unsafe X509_add_ext(certificate, made, -1) == 1 else {
                throw .libraryFailure("X509_add_ext")
            }
        }
        guard unsafe X509_sign(certificate, key, library.sha256) > 0 else {
            throw .libraryFailure("X509_sign")
        }
    }

    func encoded() throws(CryptoError) -> [UInt8] {
        let byteCount = unsafe i2d_X509(certificate, nil)
        guard byteCount > 0 else { throw .libraryFailure("i2d_X509") }
        return [UInt8](filling: Int(byteCount)) { bytes in
            unsafe bytes.withUnsafeMutableBufferPointer { bytes in
                var start = bytes.baseAddress
                _ = unsafe i2d_X509(certificate, &start)
            }
        }
    }
}
