import Testing

@testable import BenchKit

@Suite struct RandomTests {
    @Test func `SplitMix64 gives the reference sequence`() {
        // The output of Vigna's splitmix64.c for the seed 1234567.
        var random = SplitMix64(seed: 1_234_567)
        #expect(random.next() == 6_457_827_717_110_365_317)
        #expect(random.next() == 3_203_168_211_198_807_973)
        #expect(random.next() == 9_817_491_932_198_370_423)
    }

    @Test func `xoshiro256** gives the reference sequence`() {
        // The output of Blackman and Vigna's xoshiro256starstar.c for the state 1, 2, 3, 4.
        var random = Xoshiro256(state: (1, 2, 3, 4))
        let expected: [UInt64] = [
            11_520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360,
        ]
        #expect(expected.map { _ in random.next() } == expected)
    }

    @Test func `unit numbers and indexes stay in their ranges and reach the ends`() {
        var random = Xoshiro256(seed: 1)
        let units = (0..<10_000).map { _ in random.nextUnit() }
        #expect(units.allSatisfy { 0 <= $0 && $0 < 1 })
        #expect(units.contains { $0 < 0.01 } && units.contains { $0 > 0.99 })
        #expect(Set((0..<1000).map { _ in random.nextIndex(below: 3) }) == [0, 1, 2])
        #expect(random.nextIndex(below: 1) == 0)
    }
}

@Suite struct IndexChoiceTests {
    private func shares(_ law: IndexChoice.Law, count: Int, sampleCount: Int) -> [Double] {
        var random = Xoshiro256(seed: 1)
        let choice = IndexChoice(law, count: count)
        var counts = [Int](repeating: 0, count: count)
        for _ in 0..<sampleCount { counts[choice.next(using: &random)] += 1 }
        return counts.map { Double($0) / Double(sampleCount) }
    }

    @Test func `Zipf shares agree with SciPy`() {
        // p = scipy.stats.zipfian(0.99, 1000); [p.pmf(k) for k in (1, 2, 3, 10)], p.cdf(10), p.cdf(100)
        let shares = shares(.zipf(exponent: 0.99), count: 1000, sampleCount: 400_000)
        // Four standard deviations of a share near 0.13 are 0.0021, of one near 0.38 are 0.0031.
        #expect(abs(shares[0] - 0.129384) < 0.0022)
        #expect(abs(shares[1] - 0.065142) < 0.0016)
        #expect(abs(shares[2] - 0.043604) < 0.0013)
        #expect(abs(shares[9] - 0.013240) < 0.0008)
        #expect(abs(shares[..<10].reduce(0, +) - 0.382472) < 0.0031)
        #expect(abs(shares[..<100].reduce(0, +) - 0.685031) < 0.0030)
    }

    @Test func `an exponent of exactly one works too`() {
        // 1 / (1 + 1/2 + 1/3 + 1/4) = 0.48
        let shares = shares(.zipf(exponent: 1), count: 4, sampleCount: 100_000)
        #expect(abs(shares[0] - 0.48) < 0.0064)
        #expect(abs(shares[3] - 0.12) < 0.0042)
    }

    @Test func `uniform shares are alike`() {
        let shares = shares(.uniform, count: 10, sampleCount: 100_000)
        #expect(shares.allSatisfy { abs($0 - 0.1) < 0.0038 })
    }

    @Test(arguments: [IndexChoice.Law.uniform, .zipf(exponent: 0.99)])
    func `one thing is always chosen, and of many none beyond the last`(law: IndexChoice.Law) {
        var random = Xoshiro256(seed: 2)
        #expect(IndexChoice(law, count: 1).next(using: &random) == 0)
        let many = IndexChoice(law, count: 1_000_000_000)
        let indexes = (0..<10_000).map { _ in many.next(using: &random) }
        #expect(indexes.allSatisfy { (0..<1_000_000_000).contains($0) })
        #expect(indexes.contains { $0 > 500_000_000 })
    }
}
