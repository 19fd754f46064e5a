package import SluiceNative

/// Makes what a home is known by: random ids and secrets, and a certificate. For any thread.
package struct HomeMaker: Sendable {
    /// What a certificate is to be for.
    package struct Names: Sendable {
        /// Names of hosts.
        package var hosts: [String]
        /// Domains that the authority may speak for.
        package var domains: [String]
        /// Addresses of this machine.
        package var addresses: [String]

        /// All of it.
        package init(hosts: [String], domains: [String], addresses: [String]) {
            self.hosts = hosts
            self.domains = domains
            self.addresses = addresses
        }
    }

    /// For how long a certificate is good, and how long before that there is another.
    static let days = 30
    static let renewalDays = 7
    private static let dayMilliseconds = 24 * 3600 * 1000

    private let unique: UniqueText
    private let names: Names

    /// Draws from the generator of a library.
    package init(_ library: CryptoLibrary, names: Names) {
        unique = UniqueText(library)
        self.names = names
    }

    /// A new home's.
    package func make() throws(ControlError) -> HomeState {
        var tenants: [HomeTenant] = []
        for name in ["provider", "customer"] { tenants.append(try makeTenant(name)) }
        return HomeState(
            nonce: try unique.uuid(), identitySecret: try makeSecret(), tenants: tenants,
            certificate: try makeCertificate())
    }

    /// The same home, with another certificate if its own ends soon.
    func renewed(_ state: HomeState) throws(ControlError) -> HomeState {
        let left = state.certificate.expiresMilliseconds - WallClock.nowMilliseconds
        return left > Self.renewalDays * Self.dayMilliseconds
            ? state : state.with(try makeCertificate())
    }

    private func makeTenant(_ name: String) throws(ControlError) -> HomeTenant {
        let subscription = try unique.uuid()
        return HomeTenant(
            name: name, id: try unique.uuid(), subscription: subscription, appID: try unique.uuid(),
            objectID: try unique.uuid(), secret: try makeSecret(),
            account: "sluice\(subscription.prefix(8))")
    }

    /// 240 bits that need no quoting anywhere.
    private func makeSecret() throws(ControlError) -> String {
        "sluice." + String(hexadecimal: try unique.random(30))
    }

    private func makeCertificate() throws(ControlError) -> HomeCertificate {
        do throws(CryptoError) {
            let made = try LocalCertificate.make(
                LocalCertificate.Request(
                    authorityName: "Sluice local test CA (not Microsoft)", hosts: names.hosts,
                    domains: names.domains, addresses: names.addresses, days: Self.days),
                library: unique.library)
            return HomeCertificate(
                authority: made.authority, leaf: made.leaf,
                leafKey: made.leafKey.withBytes { [UInt8](copying: $0) },
                expiresMilliseconds: WallClock.nowMilliseconds + Self.days * Self.dayMilliseconds)
        } catch {
            throw ControlError(
                .failed, "InternalServerError", "no certificate can be made: \(error)")
        }
    }
}
