internal import Sluice
internal import SluiceNative

/// What the machine gives to Sluice, and what is amiss with it, a store's files included.
struct DoctorReport: Encodable {
    struct Libraries: Encodable {
        let openSSL: String
        let openSSLPath: String?
        let openSSLProviders: [String]
        let isFIPS: Bool
        let lz4: String
        let sqlite: String
    }

    struct Machine: Encodable {
        let model: String?
        let usableCount: Int
        let extensions: [ProcessorExtension]
    }

    struct Limits: Encodable {
        /// Nil without a limit.
        let lockedMemoryByteCount: Int?
        let openFileCount: Int?
        let secretsAreLocked: Bool
    }

    let libraries: Libraries
    let processor: Machine
    let fileSystems: [FileSystemReport]
    let limits: Limits
    let warnings: [String]

    /// Looks at the machine; throws if OpenSSL, or its FIPS provider where it is required, can't be
    /// loaded.
    init(_ options: GlobalOptions) throws {
        let library: CryptoLibrary
        do throws(CryptoError) {
            library = try CryptoLibrary.load(requireFIPS: options.requiresFIPS)
        } catch {
            throw Failure(error)
        }
        let openSSL = library.description
        libraries = Libraries(
            openSSL: openSSL.version, openSSLPath: openSSL.path,
            openSSLProviders: openSSL.providers, isFIPS: openSSL.isFIPS, lz4: LZ4.version,
            sqlite: Connection.version)
        processor = Machine(
            model: Processor.model, usableCount: Processor.count,
            extensions: ProcessorExtension.all(openSSL: OpenSSLVersion(openSSL.version)))
        let location = try options.location()
        fileSystems = [
            FileSystemReport(role: "store", path: location.store),
            FileSystemReport(role: "vaults", path: location.vaults),
        ]
        // A secret tells whether it could be locked, whatever the limit says.
        let secret = SecretBytes(byteCount: 32)
        let usage = ProcessUsage.current()
        limits = Limits(
            lockedMemoryByteCount: usage.lockedMemoryLimitByteCount,
            openFileCount: usage.openFileLimitCount,
            secretsAreLocked: SecretArena.usage.unlockedByteCount < secret.byteCount)
        warnings =
            Self.warnings(processor, fileSystems, limits) + (try Self.rootKeyWarnings(options))
            + Self.vaultWarnings(options) + Self.storeWarnings(options)
    }

    private static func warnings(
        _ processor: Machine, _ fileSystems: [FileSystemReport], _ limits: Limits
    ) -> [String] {
        var warnings = fileSystems.flatMap(\.warnings)
        for feature in processor.extensions where feature.isEssential && !feature.isPresent {
            warnings.append("the processor has no \(feature.name): sealing is slow")
        }
        if let mask = try? Environment.variable("OPENSSL_ia32cap") {
            warnings.append("OPENSSL_ia32cap=\(mask) changes which instructions OpenSSL uses")
        }
        if !limits.secretsAreLocked {
            warnings.append(
                "keys can't be locked in memory and may be swapped to disk: raise `ulimit -l`")
        }
        if let count = limits.openFileCount, count < 256 {
            warnings.append("only \(count) files may be open: raise `ulimit -n` to 256 or more")
        }
        return warnings
    }
}

// MARK: - What is there already

extension DoctorReport {
    private static func rootKeyWarnings(_ options: GlobalOptions) throws -> [String] {
        let path: String?
        switch try options.rootKeySource() {
        case .file(let given): path = given
        case .passphrase: return []
        }
        let place = try path ?? "\(options.location().vaults)/root.key"
        guard let status = try? FileSystem.status(place), status.mode & 0o077 != 0 else {
            return []
        }
        return [
            "the root key is open to others than its owner, and with it every key in the vaults: "
                + "run `chmod 600 '\(place)'`"
        ]
    }

    /// Opens every vault, as any command does that needs it.
    private static func vaultWarnings(_ options: GlobalOptions) -> [String] {
        do {
            try options.withVaults(as: .owner) { _ = try $0.vaults() }
            return []
        } catch {
            let failure = Failure(error)
            return [Advice(options).message(failure.reason, failure.remedies)]
        }
    }

    /// Opens the store, as any command does, if there is one.
    private static func storeWarnings(_ options: GlobalOptions) -> [String] {
        do throws(StoreError) {
            try options.openStore().close()
            return []
        } catch {
            let isTold = (error.cause as? VaultError)?.code == .rootKeyExposed
            return isTold || error.code == .notFound ? [] : [Advice(options).message(error)]
        }
    }
}

// MARK: - For people

extension DoctorReport {
    var text: String {
        var table = Table(.left, .left)
        let providers = libraries.openSSLProviders.joined(separator: ", ")
        table.append(["OpenSSL", libraries.openSSL])
        table.append(["", libraries.openSSLPath ?? "from a place that the system doesn't tell"])
        table.append(["", "providers: \(providers)"])
        table.append([
            "FIPS", libraries.isFIPS ? "active" : "not active: see --require-fips",
        ])
        table.append(["LZ4", libraries.lz4])
        table.append(["SQLite", libraries.sqlite])
        let count = processor.usableCount
        table.append([
            "processor", "\(processor.model ?? "of unknown make"), \(count) usable",
        ])
        for feature in processor.extensions {
            table.append(["  \(feature.name)", feature.text])
        }
        for fileSystem in fileSystems {
            table.append([fileSystem.role, fileSystem.path])
            table.append(["", fileSystem.text])
        }
        table.append(["limits", limits.text])
        let remarks =
            warnings.isEmpty
            ? "\nnothing amiss\n"
            : "\n" + warnings.map { "warning: \(PrintableText.escaped($0))\n" }.joined()
        return table.text + remarks
    }
}

extension DoctorReport.Limits {
    fileprivate var text: String {
        let locked = lockedMemoryByteCount.map(Quantity.bytes) ?? "any amount of"
        let files = openFileCount.map { "\($0)" } ?? "any number of"
        let secrets = secretsAreLocked ? "keys are locked" : "keys are not locked"
        return "\(locked) memory may be locked (\(secrets)), \(files) files may be open"
    }
}
