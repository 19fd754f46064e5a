import Foundation
import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

@Suite struct GroupCommitTests {
    @Test func `nobody commits for others for ever`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            let isHome = Box(false)
            let otherCount = Box(0)
            // Each begins when the one before it has, comes again after its batch has been followed by
            // the next, and before that ends: so somebody always waits.
            let begun = (0..<3).map { _ in DispatchSemaphore(value: 0) }
            try together(3) { thread in
                if thread > 0 { begun[thread - 1].wait() }
                repeat {
                    try store.sqliteCatalog.write { _ in
                        begun[thread].signal()
                        Thread.sleep(forTimeInterval: 0.02)
                    }
                    Thread.sleep(forTimeInterval: 0.005)
                    otherCount.update { $0 += 1 }
                } while thread > 0 && !isHome.value && otherCount.value < 60
                isHome.update { $0 = true }
            }
            #expect(otherCount.value < 30)
        }
    }

    @Test(.enabled(if: Processor.count > 1))
    func `as many callers prepare as there are processors, also after a rush`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            for _ in 0..<10 {
                try together(32) { thread in
                    for index in 0..<10 {
                        try store.put([1], as: ObjectName("\(thread)/\(index)"), options: .with())
                    }
                }
                // Each waits until the other has begun.
                let begunCount = Box(0)
                try together(2) { _ in
                    _ = try store.sqliteCatalog.commits.commit(preparing: { () throws(StoreError) in
                        begunCount.update { $0 += 1 }
                        let limit = ContinuousClock.now + .seconds(5)
                        while begunCount.value < 2 {
                            guard ContinuousClock.now < limit else {
                                throw StoreError(.busy, "nobody else prepares")
                            }
                        }
                        return CatalogChange(works: [{ _ in }])
                    })
                }
            }
        }
    }

    @Test func `a batch that fails as a whole is committed one by one`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            // All wait behind the first, and so are one batch.
            let outcomes = Box([Bool?](repeating: nil, count: 8))
            try together(9) { thread in
                if thread == 8 {
                    try store.sqliteCatalog.write { _ in Thread.sleep(forTimeInterval: 0.2) }
                    return
                }
                Thread.sleep(forTimeInterval: 0.1)
                let failure = failure {
                    try store.sqliteCatalog.write { (writer) throws(StoreError) in
                        writer.hasWritten = true
                        if thread % 4 == 3 { throw StoreError(.conditionNotMet, "not this one") }
                    }
                }
                outcomes.update { $0[thread] = failure == nil }
            }
            #expect(outcomes.value == [true, true, true, false, true, true, true, false])
        }
    }
}
