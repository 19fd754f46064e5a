internal import Foundation
internal import Sluice
internal import SluiceNative
internal import TestSupport

/// Uses a store and vaults that it can't write to, and prints what came of it. Root, who may write anything, becomes
/// nobody first.
struct UnwritableProbe {
    let home: String

    static let nobodyID: UInt32 = 65534

    private func loseRights() {
        guard geteuid() == 0 else { return }
        precondition(setgid(Self.nobodyID) == 0 && setuid(Self.nobodyID) == 0)
    }

    private func open() throws -> Store {
        var options = StoreOptions()
        options.createIfMissing = false
        return try Store.open(StoreLocation(home: home), options: options)
    }

    /// What is refused, and with which code.
    private func code(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "done"
        } catch {
            return Self.code(of: error)
        }
    }

    private static func code(of error: any Error) -> String {
        switch error {
        case let error as StoreError: error.code.description
        case let error as VaultError: error.code.description
        default: "\(error)"
        }
    }

    /// Tries everything once; a backup goes to `backupPath`.
    func tryAll(backupPath: String) throws {
        loseRights()
        let store = try open()
        let owner = store.vaults.acting(as: .owner)
        print("readOnly \(store.isReadOnly)")
        print("get \(String(decoding: try store.get("text"), as: UTF8.self))")
        print("large \(try store.get("large").count)")
        print("list \(try store.list().entries.count)")
        print("verify \(try store.verify().findings.count)")
        print("keyless \(try store.verifyWithoutKeys().findings.count)")
        print("scopes \(try store.scopes().count)")
        print("backup", code { try store.backup(to: backupPath) })
        print("put", code { try store.put([1], as: "new") })
        print(
            "large put",
            code { try store.put(Array(repeating: 1, count: 1 << 20), as: "new") })
        print("remove", code { try store.remove("text") })
        print("pin", code { _ = try store.pin("text") })
        print("scope", code { try store.createScope("other") })
        print("rewrap", code { _ = try store.rewrap() })
        print("rotate", code { _ = try owner.rotateKey(vault: "mine", name: "key") })
        print("confirm", code { _ = try store.confirmBarrier(waitingSeconds: 1) })
        try store.close()
    }

    /// Reads until it is refused: prints each text that it finds, and the refusal.
    func follow() throws {
        loseRights()
        let store = try open()
        var last = ""
        let limit = Deadline.seconds(120)
        while !limit.hasPassed {
            do {
                let text = String(decoding: try store.get("text"), as: UTF8.self)
                if text != last { print(text) }
                last = text
            } catch {
                print(Self.code(of: error))
                break
            }
            fflush(nil)
            NativeThread.sleep(nanoseconds: 1_000_000)
        }
        try store.close()
    }
}
