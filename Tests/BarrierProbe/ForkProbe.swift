internal import Foundation
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import TestSupport

/// Forks inside a release. The child must be refused everything, and must not keep its parent's slot
/// when that dies, though it lives on.
struct ForkProbe {
    let directoryPath: String
    let gate: BarrierGate<ToyVault>

    /// Makes `refused` if the child was, and dies in the release; the child ends when `over` appears.
    func run() throws {
        var passage = try ToyVault.passage()
        try gate.release(&passage) { () throws(SystemError) in
            ForkGuard.forkChild {
                if isRefused() { _ = try? File.createExclusively("\(directoryPath)/refused") }
                let limit = Deadline.seconds(120)
                while !limit.hasPassed, (try? FileSystem.exists("\(directoryPath)/over")) == false {
                    NativeThread.sleep(nanoseconds: 1_000_000)
                }
            }
            let limit = Deadline.seconds(60)
            while !limit.hasPassed, !(try FileSystem.exists("\(directoryPath)/refused")) {
                NativeThread.sleep(nanoseconds: 1_000_000)
            }
            die()
        }
    }

    private func isRefused() -> Bool {
        do {
            // Its parent's grant is of the present epoch.
            var passage = try ToyVault.passage()
            passage.first.epoch = gate.barrier.epoch
            do throws(GateError<Never>) {
                try gate.release(&passage) { () throws(Never) in }
                return false
            } catch {
                switch error {
                case .refused(let refusal): guard refusal.code == .closed else { return false }
                }
            }
            do throws(VaultError) {
                _ = try gate.barrier.confirm(waiting: .none)
                return false
            } catch {
                guard error.code == .closed else { return false }
            }
            // Opened anew, it may.
            let own = BarrierGate(
                try ReadBarrier.open(directoryPath: directoryPath),
                try ToyVault(directoryPath: directoryPath))
            passage.first.epoch = 0
            try own.release(&passage) { () throws(Never) in }
            return true
        } catch {
            return false
        }
    }
}
