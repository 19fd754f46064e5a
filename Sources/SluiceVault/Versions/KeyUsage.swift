internal import SluiceAccess

/// What a key version may be used for, and when, whoever asks.
struct KeyUsage: Sendable {
    let identifier: KeyIdentifier
    let operations: [KeyOperation]
    let isEnabled: Bool
    let notBeforeSeconds: Int?
    let expiresSeconds: Int?
    let isRetiring: Bool

    init(_ row: KeyVersionRow, as identifier: KeyIdentifier) {
        self.identifier = identifier
        operations = row.operations
        isEnabled = row.isEnabled
        notBeforeSeconds = row.notBeforeSeconds
        expiresSeconds = row.expiresSeconds
        isRetiring = row.isRetiring
    }

    /// Returns if the version may be used for an operation now.
    ///
    /// - Throws: `keyDisabled`, `operationNotPermitted`, `keyNotYetValid`, `keyExpired`.
    func check(_ operation: KeyOperation, _ clock: any VaultClock) throws(VaultError) {
        guard isEnabled else { throw .disabled(identifier) }
        guard KeyOperation.ofKeys.contains(operation) else { return }
        guard operations.contains(operation) else {
            throw VaultError(
                .operationNotPermitted,
                "\(identifier) may not be used for \(operation.rawValue): its key operations are "
                    + "\(operations.isEmpty ? "none" : operations.text)", about: .key(identifier),
                remedies: [
                    .change(
                        .allow(
                            identifier,
                            KeyOperation.ofKeys.filter {
                                operations.contains($0) || $0 == operation
                            })),
                    .list(.keyVersions(identifier.versionless)),
                ])
        }
        guard operation.bindsNewData else { return }
        guard !isRetiring else {
            throw VaultError(
                .operationNotPermitted,
                "\(identifier) takes no new data while it is being retired",
                about: .key(identifier),
                remedies: [.other("try again when that has ended")])
        }
        if let seconds = notBeforeSeconds, clock.nowSeconds() < seconds {
            throw VaultError(
                .keyNotYetValid,
                "\(identifier) takes new data only from \(CalendarDuration.text(ofSeconds: seconds)) on (nbf)",
                about: .key(identifier),
                remedies: [
                    .list(.keyVersions(identifier.versionless)),
                    .other("use another version until then"),
                ])
        }
        if let seconds = expiresSeconds, clock.nowSeconds() >= seconds {
            throw .expired(identifier, seconds)
        }
    }
}

extension VaultError {
    static func disabled(_ key: KeyIdentifier) -> VaultError {
        VaultError(
            .keyDisabled, "\(key) is disabled, and what it has wrapped can't be read",
            about: .key(key),
            remedies: [.change(.enable(key)), .list(.keyVersions(key.versionless))])
    }

    static func expired(_ key: KeyIdentifier, _ seconds: Int) -> VaultError {
        VaultError(
            .keyExpired,
            "\(key) takes no new data since \(CalendarDuration.text(ofSeconds: seconds)) (exp), though what it has "
                + "wrapped can be read", about: .key(key),
            remedies: [.make(.keyVersion(key.versionless))])
    }
}
