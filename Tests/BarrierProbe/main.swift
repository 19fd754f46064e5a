// What tests of the read barrier run, stop and kill:
//
//     read DIRECTORY THREADS [FAULT]      releases until the run is over
//     hold DIRECTORY                      makes `inside` in a release, and stays in it
//     die DIRECTORY [FAULT]               takes access away, and dies after the COMMIT
//     fork DIRECTORY                      forks in a release, and dies in it
//     read-store DIRECTORY THREADS [FAULT]
//                                         reads a real store's objects until the run is over
//     flip DIRECTORY IDENTITY [FAULT]     switches an identity off and on until it is killed
//     run | run-store DIRECTORY PROCESSES THREADS REVOCATIONS READS [FAULT]
//                                         the whole proof, with so many reads at least; with a fault,
//                                         until it is caught
//     unwritable HOME BACKUP              tries everything with a store that it can't write to
//     follow HOME                         reads such a store's `text` until it is refused
//     sweep HOME [entered|done COUNT]     rewraps a store; dies in the COUNTth COMMIT, or after it
//
// A run prints "REVOCATIONS READS RELEASES VIOLATIONS", and ends with 0 if there were no violations.
internal import Foundation
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import TestSupport

func argument(_ index: Int) -> String {
    CommandLine.arguments.indices.contains(index) ? CommandLine.arguments[index] : ""
}

func number(_ index: Int) -> Int { Int(argument(index)) ?? 0 }

func die() -> Never {
    _ = kill(getpid(), SIGKILL)
    fatalError("SIGKILL didn't end the process")
}

let directoryPath = argument(2)

switch argument(1) {
case "read":
    try Reader(
        directoryPath: directoryPath, threadCount: number(3),
        fault: BarrierFault(rawValue: argument(4))
    ).run()

case "unwritable":
    try UnwritableProbe(home: directoryPath).tryAll(backupPath: argument(3))

case "follow":
    try UnwritableProbe(home: directoryPath).follow()

case "hold":
    let gate = BarrierGate(
        try ReadBarrier.open(directoryPath: directoryPath),
        try ToyVault(directoryPath: directoryPath))
    var passage = try ToyVault.passage()
    try gate.release(&passage) { () throws(SystemError) in
        _ = try File.createExclusively("\(directoryPath)/inside")
        while true { NativeThread.sleep(nanoseconds: 1_000_000_000) }
    }

case "die":
    let barrier = try ReadBarrier.open(
        directoryPath: directoryPath, hook: BarrierFault(rawValue: argument(3)))
    let vault = try ToyVault(directoryPath: directoryPath)
    _ = try barrier.change(waiting: .none) {
        vault.board.isAllowed = false
        die()
    }

case "fork":
    let barrier = try ReadBarrier.open(directoryPath: directoryPath)
    let vault = try ToyVault(directoryPath: directoryPath)
    try ForkProbe(directoryPath: directoryPath, gate: BarrierGate(barrier, vault)).run()

case "read-store":
    try StoreReader(
        directoryPath: directoryPath, threadCount: number(3),
        fault: BarrierFault(rawValue: argument(4))
    ).run()

case "flip":
    try StoreSwitch.flip(
        directoryPath: directoryPath, Identity(objectID: argument(3)),
        fault: BarrierFault(rawValue: argument(4)))

case "run", "run-store":
    let fault = BarrierFault(rawValue: argument(7))
    let access: any AccessSwitch
    if argument(1) == "run" {
        access = try ToySwitch(directoryPath: directoryPath, fault: fault)
    } else {
        let identity = try StoreHome(directoryPath: directoryPath).make()
        access = try StoreSwitch(directoryPath: directoryPath, identity, fault: fault)
    }
    let (revocationCount, readCount) = (max(1, number(5)), number(6))
    let run = try Run(
        access, directoryPath: directoryPath, processCount: number(3), threadCount: number(4),
        fault: fault)
    let limit = Deadline.seconds(300)
    var found = (releaseCount: 0, violationCount: 0)
    repeat {
        try run.revoke(times: revocationCount, readCount: readCount / revocationCount)
        found = try run.check()
    } while fault != nil && found.violationCount == 0 && !limit.hasPassed
    try run.end()
    found = try run.check()
    print(run.revocationCount, run.readCount, found.releaseCount, found.violationCount)
    exit(found.violationCount == 0 ? 0 : 1)

case "sweep":
    try SweepProbe(home: directoryPath, moment: argument(3), count: number(4)).run()

default:
    print("usage: BarrierProbe read|hold|die|fork|read-store|flip|run|run-store|sweep DIRECTORY …")
    exit(64)
}
