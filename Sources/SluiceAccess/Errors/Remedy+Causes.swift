package import SluiceNative

extension Remedy {
    /// What helps where the FIPS module is demanded and can't be used.
    package static let ofMissingFIPS: [Remedy] = [
        .machine(.installFIPSModule), .choose(.anyModule),
    ]

    /// What helps when a process has reached a limit.
    package static func raise(_ limit: SystemError.Limit) -> Remedy {
        switch limit {
        case .openFiles: .machine(.raise(.openFiles))
        case .processes: .machine(.raise(.processes))
        case .memory: .machine(.raise(.memory))
        case .fileSize: .machine(.raise(.fileSize))
        }
    }
}

extension SystemError {
    /// What helps, whatever was being done.
    package var remedies: [Remedy] {
        if let reachedLimit { return [.raise(reachedLimit)] }
        if isNoSpace { return [.machine(.freeSpace)] }
        if isSymbolicLink { return [.choose(.linkTarget)] }
        if isGivingAway || isPermissionDenied { return [.machine(.runAsFileOwner)] }
        return []
    }

    /// The system's words, and ours where those don't say enough.
    package var fullReason: String {
        if isSymbolicLink {
            return
                "a symbolic link that somebody else has made, or that stands where none may, is not followed"
        }
        if isGivingAway { return "\(reason); what root makes there is to be its owner's" }
        return reason
    }
}

extension CryptoError {
    /// Why OpenSSL can't be used at all.
    package var loadingReason: String {
        if case .fipsUnavailable(let reason) = self {
            return "OpenSSL's FIPS provider can't be used (\(reason))"
        }
        return "OpenSSL can't be used (\(self))"
    }
}
