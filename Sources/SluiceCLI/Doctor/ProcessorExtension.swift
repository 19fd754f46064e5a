internal import SluiceNative

/// An instruction set extension that speeds up sealing, hashing or RSA.
struct ProcessorExtension: Encodable {
    let name: String
    let purpose: String
    /// Whether the kernel reports it.
    let isPresent: Bool
    /// Whether OpenSSL uses it; nil if `OPENSSL_ia32cap` changes what OpenSSL goes by.
    let isUsed: Bool?
    /// Whether sealing is many times slower without it.
    let isEssential: Bool

    /// For people.
    var text: String {
        let state =
            switch (isPresent, isUsed) {
            case (false, _): "not there"
            case (true, true?): "used"
            case (true, false?): "there, not used by this OpenSSL"
            case (true, nil): "there; OPENSSL_ia32cap says whether it is used"
            }
        return "\(state) (\(purpose))"
    }

    /// Those that matter, on x86-64 and on ARM.
    static func all(openSSL version: OpenSSLVersion?) -> [ProcessorExtension] {
        let flags = Processor.flags
        let isArm = flags.contains("asimd")
        let isMasked = (try? Environment.variable("OPENSSL_ia32cap")) != nil
        return (isArm ? arm : x86).map { candidate in
            let isPresent = candidate.flags.allSatisfy(flags.contains)
            let isKnown = version.map { $0 >= candidate.since } ?? false
            let hasCompanions = candidate.companions.allSatisfy(flags.contains)
            return ProcessorExtension(
                name: candidate.name, purpose: candidate.purpose, isPresent: isPresent,
                isUsed: isMasked && isPresent ? nil : isPresent && isKnown && hasCompanions,
                isEssential: candidate.isEssential)
        }
    }

    // MARK: What OpenSSL makes use of

    private struct Candidate {
        let name: String
        let flags: [String]
        /// What its code needs besides.
        var companions: [String] = []
        let purpose: String
        /// The first OpenSSL that has code for it.
        var since = OpenSSLVersion(major: 3, minor: 0)
        var isEssential = false
    }

    private static let x86 = [
        Candidate(name: "AES", flags: ["aes"], purpose: "AES", isEssential: true),
        Candidate(name: "PCLMUL", flags: ["pclmulqdq"], purpose: "GCM", isEssential: true),
        Candidate(
            name: "VAES", flags: ["vaes", "vpclmulqdq"],
            companions: ["avx512f", "avx512bw", "avx512dq", "avx512vl"],
            purpose: "AES-GCM, four blocks at once; OpenSSL 3.1 or later",
            since: OpenSSLVersion(major: 3, minor: 1)),
        Candidate(name: "SHA", flags: ["sha_ni"], purpose: "SHA-256"),
        Candidate(
            name: "IFMA", flags: ["avx512ifma"],
            companions: ["avx512f", "avx512dq", "avx512vl"], purpose: "RSA private operations"),
    ]

    private static let arm = [
        Candidate(name: "AES", flags: ["aes"], purpose: "AES", isEssential: true),
        Candidate(name: "PMULL", flags: ["pmull"], purpose: "GCM", isEssential: true),
        Candidate(name: "SHA2", flags: ["sha2"], purpose: "SHA-256"),
    ]
}

/// The version of OpenSSL, as far as code is chosen by it.
struct OpenSSLVersion: Comparable {
    let major: Int
    let minor: Int

    init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads `OpenSSL 3.0.19 27 Jan 2026`.
    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count > 1 else { return nil }
        let numbers = words[1].split(separator: ".").prefix(2).compactMap { Int($0) }
        guard numbers.count == 2 else { return nil }
        self.init(major: numbers[0], minor: numbers[1])
    }

    static func < (a: OpenSSLVersion, b: OpenSSLVersion) -> Bool {
        (a.major, a.minor) < (b.major, b.minor)
    }
}
