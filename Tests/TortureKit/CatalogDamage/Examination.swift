internal import Sluice
internal import SluiceAccess
internal import SluiceVault
internal import TestSupport

/// What a damaged home gives when it is used.
struct Examination {
    /// Objects that read right, by scope and name.
    private(set) var readable: Set<String> = []
    /// What a verification found; nil if it could not be done.
    private(set) var findings: [String]?
    /// What must never be.
    private(set) var faults: [String] = []
    /// Whether the store could be opened.
    private(set) var isOpen = false

    private let template: DamageTemplate.State
    private let isRepaired: Bool
    /// Whether a state that was once true may come back: a log was damaged.
    private let mayRollBack: Bool

    /// What an error may be; each says what is damaged and what to do.
    private static let verdicts: Set<StoreError.Code> = [
        .integrity, .damagedCatalog, .wrongVault, .vaultUnavailable, .accessDenied, .newerVersion,
    ]

    /// Opens the home and does everything once.
    init(
        _ home: String, _ template: DamageTemplate.State, mayRollBack: Bool, isRepaired: Bool,
        isRotated: Bool
    ) {
        self.template = template
        self.isRepaired = isRepaired
        self.mayRollBack = mayRollBack
        let store: Store
        do throws(StoreError) {
            store = try Store.open(StoreLocation(home: home), options: .damaged)
        } catch {
            expect(error, "open")
            return
        }
        isOpen = true
        read(store)
        list(store)
        verify(store)
        write(store, isRotated: isRotated)
        do throws(StoreError) { try store.close() } catch { expect(error, "close") }
    }

    private mutating func expect(
        _ error: StoreError, _ what: String, or other: Set<StoreError.Code> = []
    ) {
        if !Self.verdicts.contains(error.code) && !other.contains(error.code) {
            faults.append("\(what): \(error.code): \(error)")
        }
    }

    // MARK: Reading

    private mutating func read(_ store: Store) {
        for (key, versions) in template.versions {
            do throws(StoreError) {
                let (scope, name) = try Self.place(key)
                let got = try store.get(name, in: scope)
                let isRight = mayRollBack ? versions.contains(got) : got == versions.last
                if isRight {
                    readable.insert(key)
                } else {
                    faults.append("get \(key): wrong bytes")
                }
                _ = try store.info(name, in: scope)
            } catch {
                expect(error, "get \(key)", or: [.notFound])
            }
        }
    }

    private static func place(
        _ key: String
    ) throws(StoreError) -> (scope: ScopeName, name: ObjectName) {
        let parts = key.split(separator: "/", maxSplits: 1).map(String.init)
        return (try ScopeName(parts[0]), try ObjectName(parts[1]))
    }

    private mutating func list(_ store: Store) {
        for scope in DamageTemplate.scopes {
            do throws(StoreError) {
                for entry in try store.list(in: ScopeName(scope)).entries
                where template.versions["\(scope)/\(entry.name)"] == nil && !mayRollBack {
                    faults.append("\(scope) lists \(entry.name)")
                }
                _ = try store.objectIDs(in: ScopeName(scope))
            } catch {
                expect(error, "list \(scope)", or: [.notFound])
            }
        }
        do throws(StoreError) {
            _ = try store.pins()
            _ = try store.status()
        } catch {
            expect(error, "pins or status")
        }
    }

    private mutating func verify(_ store: Store) {
        do throws(StoreError) {
            let keyless = try store.verifyWithoutKeys().findings
            let found = try store.verify().findings
            findings = (keyless + found).map { "\($0.subject): \($0.problem)" }
        } catch {
            expect(error, "verify")
            return
        }
        let isWhole = template.versions.keys.allSatisfy { readable.contains($0) }
        if !isWhole, findings?.isEmpty == true, !mayRollBack, !isRepaired {
            let missing = template.versions.keys.filter { !readable.contains($0) }
            faults.append("verify finds nothing, and \(missing.sorted()) can't be read")
        }
    }

    // MARK: Writing

    private mutating func write(_ store: Store, isRotated: Bool) {
        if isRotated {
            do throws(VaultError) {
                _ = try store.vaults.acting(as: .owner).rotateKey(
                    vault: "platform", name: "platform")
            } catch {
                if error.message.isEmpty { faults.append("rotate: \(error)") }
            }
        }
        do throws(StoreError) {
            let name: ObjectName = "dir 9/new"
            let bytes = patternedBytes(900, seed: 77)
            try store.put(bytes, as: name)
            do throws(StoreError) {
                if try store.get(name) != bytes { faults.append("what was put reads wrong") }
            } catch {
                expect(error, "get what was put")
            }
            try store.remove(name)
            _ = try store.rewrap()
        } catch {
            // A failed COMMIT on damaged pages leaves the outcome unknown, and says so.
            expect(error, "put, remove and rewrap", or: [.outcomeUnknown, .notFound])
        }
    }
}
