import Dispatch
import Foundation
import SluiceAccess
import SluiceNative
import TestSupport
import Testing

@testable import SluiceVault

@Suite struct RotationPolicyTests {
    let files: TemporaryVaults
    let vaults: VaultDirectory
    let first: KeyIdentifier
    var clock: ManualClock { files.clock }

    init() throws {
        files = try TemporaryVaults()
        vaults = try files.open()
        _ = try vaults.acting(as: .owner).createVault(name: "default")
        first = try vaults.addKnownKey()
    }

    private func set(_ policy: RotationPolicy) throws(VaultError) {
        _ = try vaults.acting(as: .owner).setRotationPolicy(policy, vault: "default", name: "k")
    }

    private func current() throws(VaultError) -> KeyDescription {
        try vaults.describe(first.versionless, as: .owner, deadline: .none)
    }

    private func versionCount() throws -> Int {
        try vaults.acting(as: .owner).keyVersions(vault: "default", name: "k").count
    }

    @Test func `a version is made when its time has come, and not before`() throws {
        try set(RotationPolicy(rotateAfterCreate: .days(30), expiryTime: .days(60)))
        clock.advance(bySeconds: days(30) - 1)
        #expect(try current().identifier == first)
        clock.advance(bySeconds: 1)
        let second = try current()
        #expect(second.identifier != first)
        #expect(second.expiresSeconds == clock.nowSeconds() + days(60))
        #expect(try current().identifier == second.identifier)
        clock.advance(bySeconds: days(29))
        #expect(try versionCount() == 2)
        clock.advance(bySeconds: days(300))
        #expect(try versionCount() == 3)
        #expect(try versionCount() == 3)
    }

    @Test func `a version is made before the last one expires`() throws {
        try set(RotationPolicy(rotateBeforeExpiry: .days(10), expiryTime: .days(60)))
        clock.advance(bySeconds: days(1000))
        #expect(try current().identifier == first)
        let rotated = try vaults.acting(as: .owner).rotateKey(vault: "default", name: "k").result
            .key.kid
        clock.advance(bySeconds: days(50) - 1)
        #expect(try current().identifier == rotated)
        clock.advance(bySeconds: 1)
        #expect(try current().identifier != rotated)
    }

    @Test func `of all who find it due one makes the version`() throws {
        try set(RotationPolicy(rotateAfterCreate: .days(30)))
        clock.advance(bySeconds: days(31))
        let instances = try (0..<4).map { _ in try files.open() }
        let key = first.versionless
        DispatchQueue.concurrentPerform(iterations: 4) { index in
            _ = try? instances[index].describe(key, as: .owner, deadline: .none)
        }
        #expect(try versionCount() == 2)
    }

    @Test func `a record is made once for each version that is about to expire`() throws {
        _ = try vaults.acting(as: .owner).updateKey(
            first, KeyChanges(expiresSeconds: clock.nowSeconds() + days(100)))
        func records() throws -> [OperationRecord] {
            try vaults.acting(as: .owner).operations(vault: "default").records.filter {
                $0.operation == "nearExpiry"
            }
        }
        clock.advance(bySeconds: days(70) - 1)
        _ = try current()
        #expect(try records().isEmpty)
        clock.advance(bySeconds: 1)
        for _ in 0..<3 { _ = try current() }
        #expect(try records().map(\.key) == [first])
        #expect(try versionCount() == 1)
    }

    @Test func `nobody without permission has a rotation done`() throws {
        try set(RotationPolicy(rotateAfterCreate: .days(30)))
        clock.advance(bySeconds: days(31))
        #expect(
            refusal { () throws(VaultError) in
                try vaults.acting(as: someone).keyVersions(vault: "default", name: "k")
            } == .accessDenied)
        #expect(vaults.authorizeRefusal(first.versionless, .wrapKey) == .accessDenied)
        #expect(!vaults.operationCounts.contains { $0.operation == "rotate" })
        #expect(try current().identifier != first)
        #expect(vaults.operationCounts.contains { $0.operation == "rotate" })
    }

    @Test func `a policy is heeded by who knows the newest version already`() throws {
        let other = try files.open()
        let resolve = { () throws(VaultError) in
            try other.authorize(first.versionless, for: .wrapKey, as: .owner, deadline: .none).key
        }
        #expect(try resolve() == first)
        clock.advance(bySeconds: days(30))
        #expect(try resolve() == first)
        try set(RotationPolicy(rotateAfterCreate: .days(30)))
        let second = try resolve()
        #expect(second != first)
        clock.advance(bySeconds: days(30))
        #expect(try resolve() != second)
    }

    @Test func `a rotation that fails stands in nobody's way and is tried again later`() throws {
        try set(RotationPolicy(rotateAfterCreate: .days(30)))
        vaults.faults.fail(.io, callNumber: nil, of: .rotate)
        clock.advance(bySeconds: days(30))
        for _ in 0..<3 { #expect(try current().identifier == first) }
        let failures = vaults.operationCounts.filter { $0.operation == "rotate" }
        #expect(failures.map(\.count) == [1])
        vaults.faults.removeAll()
        #expect(try current().identifier == first)
        clock.advance(bySeconds: 60)
        #expect(try current().identifier != first)
    }

    @Test func `a deleted key is not rotated`() throws {
        try set(RotationPolicy(rotateAfterCreate: .days(30)))
        _ = try vaults.acting(as: .owner).deleteKey(first.versionless)
        clock.advance(bySeconds: days(31))
        #expect(refusal { () throws(VaultError) in try current() } == .keyDeleted)
        _ = try vaults.acting(as: .owner).recoverKey(first.versionless)
        #expect(try current().identifier != first)
    }

    @Test func `what was set is shown and lasts`() throws {
        let unset = try vaults.acting(as: .owner).rotationPolicy(vault: "default", name: "k")
        #expect(unset.lifetimeActions.map(\.action.type) == [.notify])
        #expect(unset.attributes.created == nil)
        let policy = RotationPolicy(
            rotateAfterCreate: try CalendarDuration(parsing: "P18M"),
            notifyBeforeExpiry: .days(30), expiryTime: try CalendarDuration(parsing: "P2Y"))
        try set(policy)
        let shown = try files.open().acting(as: .owner).rotationPolicy(vault: "default", name: "k")
        #expect(shown.lifetimeActions == policy.lifetimeActions)
        #expect(shown.attributes.expiryTime == policy.attributes.expiryTime)
        #expect(shown.attributes.created == clock.nowSeconds())
        clock.advance(bySeconds: 5)
        try set(RotationPolicy())
        let changed = try vaults.acting(as: .owner).rotationPolicy(vault: "default", name: "k")
        #expect(changed.lifetimeActions.isEmpty)
        #expect(changed.attributes.updated == clock.nowSeconds())
        #expect(changed.attributes.created == clock.nowSeconds() - 5)
    }

    @Test func `a policy that makes no sense is refused`() {
        var twice = RotationPolicy(rotateAfterCreate: .days(30))
        twice.lifetimeActions += twice.lifetimeActions
        var both = RotationPolicy(rotateAfterCreate: .days(30), expiryTime: .days(60))
        both.lifetimeActions[0].trigger.timeBeforeExpiry = .days(3)
        var neither = RotationPolicy(rotateAfterCreate: .days(30))
        neither.lifetimeActions[0].trigger.timeAfterCreate = nil
        for policy in [
            twice, both, neither, RotationPolicy(rotateBeforeExpiry: .days(8)),
            RotationPolicy(rotateAfterCreate: .days(6)), RotationPolicy(expiryTime: .days(27)),
            RotationPolicy(rotateBeforeExpiry: .days(6), expiryTime: .days(28)),
            RotationPolicy(rotateBeforeExpiry: .days(22), expiryTime: .days(28)),
            RotationPolicy(rotateAfterCreate: .days(22), expiryTime: .days(28)),
        ] {
            #expect(refusal { () throws(VaultError) in try set(policy) } == .invalidArgument)
        }
    }

    @Test func `it has the field names of the service's interface`() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let policy = RotationPolicy(
            rotateAfterCreate: .days(30), notifyBeforeExpiry: .days(3), expiryTime: .days(60))
        let expected = """
            {"attributes":{"expiryTime":"P60D"},"lifetimeActions":[{"action":{"type":"Rotate"},\
            "trigger":{"timeAfterCreate":"P30D"}},{"action":{"type":"Notify"},\
            "trigger":{"timeBeforeExpiry":"P3D"}}]}
            """
        #expect(String(decoding: try encoder.encode(policy), as: UTF8.self) == expected)
        let lowercase = Data(expected.replacingOccurrences(of: "Rotate", with: "rotate").utf8)
        #expect(try JSONDecoder().decode(RotationPolicy.self, from: lowercase) == policy)
    }
}

@Suite struct CalendarDurationTests {
    @Test(arguments: [
        ("P90D", "P90D"), ("P18M", "P1Y6M"), ("P2Y", "P2Y"), ("P1Y2M3W4D", "P1Y2M25D"),
        ("PT12H", "PT12H"), ("P1DT2H3M4S", "P1DT2H3M4S"), ("PT24H", "P1D"), ("P100Y", "P100Y"),
    ])
    func `a duration is read and written`(text: String, normal: String) throws {
        let duration = try CalendarDuration(parsing: text)
        #expect(duration.description == normal)
        #expect(try CalendarDuration(parsing: normal) == duration)
    }

    @Test(arguments: [
        "", "P", "PT", "P0D", "90D", "P90", "PD", "P1D2M", "P1M1M", "P-1D", "P1.5D", "PT1D",
        "P1H", "p1d", "P1D ", "P1DT", "P101Y", "P99999999999D", "P36601D",
    ])
    func `what is no duration is refused`(text: String) {
        #expect(
            refusal { () throws(VaultError) in try CalendarDuration(parsing: text) }
                == .invalidArgument)
    }

    // Seconds from `date -u -d DATE +%s`.
    @Test(arguments: [
        // 2026-01-31 12:00:00 and a month: 2026-02-28 12:00:00.
        (1_769_860_800, "P1M", 1_772_280_000),
        // 2024-01-31 and a month: 2024-02-29, a leap year.
        (1_706_659_200, "P1M", 1_709_164_800),
        // 2025-12-15 and three months: 2026-03-15.
        (1_765_756_800, "P3M", 1_773_532_800),
        // 2024-02-29 and a year: 2025-02-28.
        (1_709_164_800, "P1Y", 1_740_700_800),
        // 1970-01-01 and a day and a second.
        (0, "P1DT1S", 86_401),
    ])
    func `a moment moves by the calendar`(moment: Int, text: String, later: Int) throws {
        #expect(try CalendarDuration(parsing: text).added(toSeconds: moment) == later)
    }

    @Test(arguments: [
        (0, "1970-01-01 00:00:00 UTC"), (-1, "1969-12-31 23:59:59 UTC"),
        (253_402_300_799, "9999-12-31 23:59:59 UTC"),
        // The first of the year 0, which the era before begins in March of.
        (-62_167_219_200, "0-01-01 00:00:00 UTC"), (-62_167_219_201, "-1-12-31 23:59:59 UTC"),
    ])
    func `a moment is written as the calendar has it`(moment: Int, text: String) {
        #expect(CalendarDuration.text(ofSeconds: moment) == text)
    }

    @Test(arguments: [Int.min, -(1 << 53), -62_167_219_201, 1 << 53, .max])
    func `any number is a moment to reckon from`(moment: Int) throws {
        let span = try CalendarDuration(parsing: "P100Y")
        #expect(span.subtracted(fromSeconds: moment) < span.added(toSeconds: moment))
    }

    @Test func `a moment moves back`() throws {
        let month = try CalendarDuration(parsing: "P1M")
        // 2026-03-31 to 2026-02-28, 2026-01-15 to 2025-12-15.
        #expect(month.subtracted(fromSeconds: 1_774_915_200) == 1_772_236_800)
        #expect(month.subtracted(fromSeconds: 1_768_435_200) == 1_765_756_800)
    }
}
