import Testing

@testable import SluiceAccess

@Suite struct VaultClockTests {
    @Test func `a manual clock moves when told to`() {
        let clock = ManualClock(milliseconds: 5_000)
        #expect(clock.nowMilliseconds() == 5_000)
        clock.advance(bySeconds: 90 * 86_400)
        #expect(clock.nowMilliseconds() == 7_776_005_000)
        clock.advance(bySeconds: -1)
        #expect(clock.nowMilliseconds() == 7_776_004_000)
    }

    @Test func `the system's clock shows this century`() {
        #expect((1_700_000_000_000..<4_102_444_800_000).contains(SystemClock().nowMilliseconds()))
    }
}
