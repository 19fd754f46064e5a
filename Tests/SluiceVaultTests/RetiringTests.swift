import SluiceAccess
import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceVault

@Suite struct RetiringTests {
    let vaults: TemporaryVaults
    let directory: VaultDirectory
    let key: KeyIdentifier

    init() throws {
        vaults = try TemporaryVaults()
        directory = try vaults.open()
        _ = try directory.acting(as: .owner).createVault(name: "default")
        key = try directory.addKnownKey(
            settings: KeySettings(operations: [.wrapKey, .unwrapKey, .sign]))
    }

    /// Something that needs a version.
    struct Need: Error {}

    /// Retires the key; whether it is disabled. `answers` say in turn whether something needs it.
    @discardableResult
    private func retire(
        _ directory: VaultDirectory, _ answers: Bool..., meanwhile: () throws -> Void = {}
    ) throws -> Bool {
        try Self.retire(key, directory, answers, meanwhile: meanwhile)
    }

    private static func retire(
        _ key: KeyIdentifier, _ directory: VaultDirectory, _ answers: [Bool],
        meanwhile: () throws -> Void = {}
    ) throws -> Bool {
        var answers = answers[...]
        do throws(RetirementError<Need>) {
            let change = try directory.retire(key, waiting: .seconds(60), as: .owner) {
                () throws(Need) in
                if answers.count == 1 {
                    do { try meanwhile() } catch { Issue.record("\(error)") }
                }
                if answers.popFirst() == true { throw Need() }
            }
            return !change.result.isEnabled
        } catch {
            switch error {
            case .needed: return false
            case .refused(let refusal): throw refusal
            }
        }
    }

    private func operations() throws -> [KeyOperation] {
        try vaults.open().acting(as: .owner).key(key).key.keyOperations
    }

    private func isMarked() throws -> Bool {
        var isMarked = false
        try vaults.tamper("default") { connection in
            let select = try connection.prepare("SELECT count(*) FROM versions WHERE retiring <> 0")
            isMarked = try select.step() && select.int(0) != 0
        }
        return isMarked
    }

    private func mark() throws {
        try vaults.tamper("default") { try $0.execute("UPDATE versions SET retiring = 1") }
        #expect(try isMarked())
    }

    @Test func `what nothing needs is disabled, and keeps its operations`() throws {
        #expect(try retire(directory, false, false))
        #expect(try operations() == [.wrapKey, .unwrapKey, .sign])
        #expect(vaults.refusal(of: key) == .keyDisabled)
        _ = try directory.acting(as: .owner).updateKey(key, KeyChanges(isEnabled: true))
        #expect(vaults.refusal(of: key) == nil)
        #expect(try !isMarked())
    }

    @Test func `what something needs from the start is never stopped`() throws {
        let epoch = directory.epoch
        #expect(try !retire(directory, true))
        #expect(directory.epoch == epoch)
        #expect(vaults.refusal(of: key) == nil)
    }

    @Test func `meanwhile it wraps nothing, in any instance, and unwraps`() throws {
        let other = try vaults.open()
        let wrapped = try other.wrap(secret, key)
        let isDisabled = try retire(directory, false, true) {
            for instance in [other, directory, try vaults.open()] {
                for _ in 0..<2 {
                    #expect(
                        refusal { () throws(VaultError) in try instance.wrap(secret, key) }
                            == .operationNotPermitted)
                    #expect(try instance.unwrap(wrapped) == secret)
                }
            }
            #expect(try isMarked())
        }
        #expect(!isDisabled)
        for instance in [other, directory] { _ = try instance.wrap(secret, key) }
        #expect(try operations() == [.wrapKey, .unwrapKey, .sign])
    }

    @Test func `a change of the operations meanwhile stands`() throws {
        let other = try vaults.open()
        try retire(directory, false, true) {
            _ = try other.acting(as: .owner).updateKey(
                key, KeyChanges(operations: [.wrapKey, .unwrapKey]))
        }
        #expect(try operations() == [.wrapKey, .unwrapKey])
        #expect(vaults.refusal(of: key) == nil)
    }

    @Test func `who died leaves a mark that the next use takes away`() throws {
        try mark()
        let instance = try vaults.open()
        _ = try instance.wrap(secret, key)
        #expect(try !isMarked())
        #expect(try operations() == [.wrapKey, .unwrapKey, .sign])
    }

    @Test func `one that was known to be stopped is asked about again`() throws {
        let other = try vaults.open()
        try retire(directory, false, true) {
            #expect(
                refusal { () throws(VaultError) in try other.wrap(secret, key) }
                    == .operationNotPermitted)
        }
        // As if that one had died before it took the mark away: no epoch tells of it.
        try mark()
        #expect(refusal { () throws(VaultError) in try other.wrap(secret, key) } == nil)
    }

    @Test func `who retires what somebody died over decides anew`() throws {
        try mark()
        #expect(try !retire(directory, false, true))
        #expect(try !isMarked())
        #expect(vaults.refusal(of: key) == nil)
        try mark()
        #expect(try retire(directory, false, false))
        #expect(try !isMarked())
        #expect(try operations() == [.wrapKey, .unwrapKey, .sign])
    }

    @Test func `who may not update may not retire`() throws {
        try directory.permit(.get, .wrapKey)
        let code = refusal { () throws(VaultError) in
            do throws(RetirementError<VaultError>) {
                _ = try directory.retire(key, waiting: .seconds(60), as: someone) {
                    () throws(VaultError) in
                }
            } catch {
                throw error.merged { $0 }
            }
        }
        #expect(code == .accessDenied)
        #expect(vaults.refusal(of: key) == nil)
    }

    @Test func `several at once leave what is needed as it was`() throws {
        let isDone = Atomic(false)
        let (vaults, key) = (vaults, key)
        let failures = Mutex<[String]>([])
        let threads = try (0..<3).map { _ in
            try NativeThread.start {
                do {
                    let instance = try vaults.open()
                    for _ in 0..<15 { _ = try Self.retire(key, instance, [false, true]) }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        let user = try NativeThread.start {
            do {
                let instance = try vaults.open()
                while !isDone.load(ordering: .relaxed) {
                    do throws(VaultError) {
                        _ = try instance.wrap(secret, key)
                    } catch {
                        guard error.code != .operationNotPermitted else { continue }
                        throw error
                    }
                }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        for thread in threads { thread.join() }
        isDone.store(true, ordering: .relaxed)
        user.join()
        #expect(failures.withLock { $0 } == [])
        #expect(try !isMarked())
        #expect(try operations() == [.wrapKey, .unwrapKey, .sign])
        #expect(vaults.refusal(of: key) == nil)
    }

    @Test func `vaults in memory retire too`() throws {
        let memory = try memoryVaults()
        let key = try memory.addKnownKey()
        for isNeeded in [true, false] {
            var count = 0
            _ = try? memory.retire(key, waiting: .seconds(60), as: .owner) { () throws(Need) in
                count += 1
                if isNeeded, count == 2 { throw Need() }
            }
            #expect(count == 2)
            let code = refusal { () throws(VaultError) in try memory.wrap(secret, key) }
            #expect(code == (isNeeded ? nil : .keyDisabled))
        }
    }
}

extension TemporaryVaults {
    /// Why a new instance can't wrap under a version; nil if it can.
    fileprivate func refusal(of key: KeyIdentifier) -> VaultError.Code? {
        TestSupport.refusal { () throws(VaultError) in try open().wrap(secret, key) }
    }
}
