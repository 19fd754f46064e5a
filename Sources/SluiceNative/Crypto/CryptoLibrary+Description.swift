internal import COpenSSL
internal import Glibc

extension CryptoLibrary {
    /// Which OpenSSL is at work.
    public struct Description: Sendable, Equatable {
        /// The loaded library's version, such as `OpenSSL 3.0.19 27 Jan 2026`.
        public let version: String
        /// The file that the code was loaded from, or nil when the system doesn't tell.
        public let path: String?
        /// The names of the loaded providers.
        public let providers: [String]
        /// Whether every algorithm comes from the FIPS provider.
        public let isFIPS: Bool
    }

    /// Which OpenSSL is at work, for reports: it reads `/proc/self/maps`, which takes a while.
    public var description: Description {
        Description(
            version: unsafe String(cString: OpenSSL_version(OPENSSL_VERSION)),
            path: Self.libraryPath(), providers: providers(), isFIPS: isFIPS)
    }

    // MARK: Details

    private func providers() -> [String] {
        var names: [String] = []
        unsafe withUnsafeMutablePointer(to: &names) { names in
            _ = unsafe OSSL_PROVIDER_do_all(
                context,
                { provider, names in
                    if let name = unsafe OSSL_PROVIDER_get0_name(provider) {
                        unsafe names?.assumingMemoryBound(to: [String].self).pointee
                            .append(String(cString: name))
                    }
                    return 1
                }, names)
        }
        return names
    }

    /// The file of the mapping that holds OpenSSL's code. (`dladdr` needs `_GNU_SOURCE`.)
    private static func libraryPath() -> String? {
        guard let symbol = unsafe dlsym(nil, "OpenSSL_version"),
            let maps = unsafe fopen("/proc/self/maps", "re")
        else { return nil }
        defer { unsafe fclose(maps) }
        let address = UInt(bitPattern: symbol)
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { unsafe free(line) }
        while unsafe getline(&line, &capacity, maps) > 0, let text = unsafe line {
            let fields = unsafe String(cString: text).dropLast()
                .split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            let range = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            if range.count == 2, range[0] <= address, address < range[1], fields.count == 6 {
                return String(fields[5].drop { $0 == " " })
            }
        }
        return nil
    }
}
