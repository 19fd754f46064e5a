internal import Foundation
internal import Sluice
internal import TestSupport

/// A process that does a scenario, and is killed as one of its syncs fails. What it changes it records.
struct FaultVictim {
    /// What its arguments begin with.
    static let word = "victim"

    private let scenario: FaultScenario
    private let call: Int
    private let expectation: Expectation
    private let path: String

    /// What is to be done in the home at `path`, of which this is known.
    init(
        _ scenario: FaultScenario, call: Int, _ expectation: Expectation, _ path: String
    ) {
        self.scenario = scenario
        self.call = call
        self.expectation = expectation
        self.path = path
    }

    /// From the arguments of the process.
    init(_ arguments: [String]) throws {
        precondition(
            arguments.count >= 4 && arguments.count.isMultiple(of: 2),
            "a victim has a path, a scenario, a call, and names with what they hold")
        let objects = stride(from: 4, to: arguments.count, by: 2).map {
            (arguments[$0], Int(arguments[$0 + 1]) ?? 0)
        }
        var expectation = Expectation()
        expectation.objects = Dictionary(uniqueKeysWithValues: objects)
        self.init(
            FaultScenario.all[Int(arguments[2]) ?? 0].scenario, call: Int(arguments[3]) ?? 0,
            expectation, arguments[1])
    }

    private var arguments: [String] {
        let number = FaultScenario.all.firstIndex { $0.scenario == scenario } ?? 0
        return [Self.word, path, "\(number)", "\(call)"]
            + expectation.objects.flatMap { [$0.key, "\($0.value)"] }
    }

    /// Where the victim in a home records what it changes.
    static func logPath(_ path: String) -> String { "\(path)-victim.log" }

    /// Starts the process, and waits for its end: 0 if it made no such call.
    func start(in directory: String) throws -> CommandResult {
        try CommandRunner(
            besideTests: "Torture", environment: CallShim.environment, workingDirectory: directory
        ).run(["child", CallFaults.name] + arguments)
    }

    /// Does the scenario, in this process.
    func run() throws {
        try CallShim.record(below: path, to: Self.logPath(path))
        try CallShim.fail(
            call: call, .inputOutput, syncsOnly: true, isKilling: true, below: path)
        var expectation = expectation
        let home = TrialHome(path: path)
        let store = try home.open()
        try scenario.run(store, in: home, &expectation)
        try store.close()
    }
}
