// What tests of the read barrier run, stop and kill:
//
//     read DIRECTORY THREADS [FAULT]      releases until the run is over
//     hold DIRECTORY                      makes `inside` in a release, and stays in it
//     die DIRECTORY [FAULT]               takes access away, and dies after the COMMIT
//     fork DIRECTORY                      forks in a release, and dies in it
//     run DIRECTORY PROCESSES THREADS REVOCATIONS [FAULT]
//                                         the whole proof; with a fault, until it is caught
//
// A run prints "REVOCATIONS RELEASES VIOLATIONS", and ends with 0 if there were no violations.
internal import Foundation
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
        directoryPath: directoryPath, fault: BarrierFault(rawValue: argument(3)))
    let vault = try ToyVault(directoryPath: directoryPath)
    _ = try barrier.change(waiting: .none) {
        vault.isAllowed = false
        die()
    }

case "fork":
    let barrier = try ReadBarrier.open(directoryPath: directoryPath)
    let vault = try ToyVault(directoryPath: directoryPath)
    try ForkProbe(directoryPath: directoryPath, gate: BarrierGate(barrier, vault)).run()

case "run":
    let fault = BarrierFault(rawValue: argument(6))
    let run = try Run(
        directoryPath: directoryPath, processCount: number(3), threadCount: number(4),
        fault: fault)
    var revocationCount = 0
    var checker = try run.check()
    let limit = Deadline.seconds(120)
    repeat {
        try run.revoke(times: number(5), disturbing: true)
        revocationCount += number(5)
        checker = try run.check()
    } while fault != nil && checker.violationCount == 0 && !limit.hasPassed
    try run.end()
    checker = try run.check()
    print(revocationCount, checker.releaseCount, checker.violationCount)
    exit(checker.violationCount == 0 ? 0 : 1)

default:
    print("usage: BarrierProbe read|hold|die|fork|run DIRECTORY …")
    exit(64)
}
