internal import Foundation
import Sluice
import TestSupport
import Testing

@Suite struct StoreCancellationTests {
    /// A home with `old` under the name `o`, and 40 MB to get under `large`.
    private static let template = Result {
        let home = try TestHome()
        try home.withStore { store throws in
            try store.put(textBytes(70_000), as: "o", options: .with())
            try store.put(textBytes(40 << 20), as: "large", options: .with())
        }
        return home
    }

    private func expectUntouched(_ home: TestHome, _ store: Store) throws {
        #expect(try store.get("o") == textBytes(70_000))
        #expect(home.files("staging") == [])
        #expect(home.files("blobs").count == 2)
        #expect(try store.status().garbageCount == 0)
    }

    /// A source that never ends, and says how often it was read: after 200 times it waits until the
    /// operation has been cancelled.
    private func endless(_ begun: Box<Int>, until isCancelled: Box<Bool>) -> ClosureSource {
        ClosureSource { buffer in
            for place in buffer.indices { buffer[place] = UInt8(truncatingIfNeeded: place) }
            begun.update { $0 += 1 }
            while begun.value >= 200, !isCancelled.value { Thread.sleep(forTimeInterval: 0.001) }
            precondition(begun.value < 20_000, "the operation goes on though it was cancelled")
            return buffer.count
        }
    }

    private func waitUntil(_ condition: @Sendable () -> Bool) async {
        for _ in 0..<20_000 where !condition() {
            try? await Task.sleep(for: .milliseconds(1))
        }
        #expect(condition())
    }

    /// Counts, and from the fifth call on waits until the operation has been cancelled.
    private func hold(_ count: Box<Int>, until isCancelled: Box<Bool>) {
        count.update { $0 += 1 }
        while count.value >= 5, !isCancelled.value { Thread.sleep(forTimeInterval: 0.001) }
    }

    private func code(_ task: Task<ObjectInfo, any Error>) async -> StoreError.Code? {
        do {
            _ = try await task.value
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }

    @Test(arguments: [false, true])
    func `cancelling ends a long put, and nothing stays`(ofAll: Bool) async throws {
        let home = try TestHome(copying: Self.template.get())
        let store = try home.open()
        let begun = Box(0)
        let isCancelled = Box(false)
        let source = endless(begun, until: isCancelled)
        let task = Task { try await store.put(from: source, as: "o", options: .with(.lz4)) }
        await waitUntil { begun.value >= 200 }
        if ofAll { store.cancelAll() } else { task.cancel() }
        isCancelled.update { $0 = true }
        #expect(await code(task) == .cancelled)
        try check(home, store)
    }

    private func check(_ home: TestHome, _ store: Store) throws {
        try expectUntouched(home, store)
        try store.close()
    }

    @Test func `cancelling ends a long put of a file`() async throws {
        let home = try TestHome(copying: Self.template.get())
        let store = try home.open()
        let path = try home.directory.write(textBytes(8 << 20), to: "source")
        let task = Task {
            try await store.put(fileAt: path, as: "o", options: .with(.lz4)) { done, _ in
                // In the middle, and so that the rest would still have to be read.
                if done > 1 << 20 { store.cancelAll() }
            }
        }
        #expect(await code(task) == .cancelled)
        try check(home, store)
    }

    @Test func `a task that is cancelled already does nothing`() async throws {
        let home = try TestHome(copying: Self.template.get())
        let store = try home.open()
        let gate = Box(false)
        let task = Task {
            while !gate.value { await Task.yield() }
            return try await store.put([1], as: "o")
        }
        task.cancel()
        gate.update { $0 = true }
        #expect(await code(task) == .cancelled)
        try check(home, store)
    }

    @Test func `cancelling ends a long get to a file, and the old file stays`() async throws {
        let home = try TestHome(copying: Self.template.get())
        let store = try home.open()
        try home.directory.write([5], to: "out/f")
        let path = home.directory.path("out/f")
        let begun = Box(0)
        let isCancelled = Box(false)
        let task = Task {
            try await store.get("large", toFileAt: path) { _, _ in
                hold(begun, until: isCancelled)
            }
        }
        await waitUntil { begun.value >= 5 }
        task.cancel()
        isCancelled.update { $0 = true }
        #expect(await code(task) == .cancelled)
        #expect(try home.directory.read("out/f") == [5])
        #expect(home.directory.files(below: "out") == ["f"])
        try check(home, store)
    }

    @Test func `cancelling ends a get to a sink, and a verification`() async throws {
        let home = try TestHome(copying: Self.template.get())
        let store = try home.open()
        let began = Box(0)
        let isCancelled = Box(false)
        let get = Task {
            try await store.get("large", to: KeepingSink()) { _, _ in
                hold(began, until: isCancelled)
            }
        }
        await waitUntil { began.value >= 5 }
        get.cancel()
        isCancelled.update { $0 = true }
        #expect(await code(get) == .cancelled)
        began.update { $0 = 0 }
        isCancelled.update { $0 = false }
        let verify = Task {
            _ = try await store.verify { _, _ in hold(began, until: isCancelled) }
            return try await store.info("o")
        }
        await waitUntil { began.value >= 5 }
        verify.cancel()
        isCancelled.update { $0 = true }
        #expect(await code(verify) == .cancelled)
        try check(home, store)
    }

    @Test func `cancelling ends a copy, and nothing stays`() throws {
        let home = try TestHome(copying: Self.template.get())
        let store = try home.open()
        let code = Box<StoreError.Code?>(nil)
        try together(2) { index in
            if index == 0 {
                // To its own name, which seals it anew: any other copy shares its blob at once.
                let result = failure { try store.copy("large", to: "large") }
                code.update { $0 = result }
            } else {
                #expect(eventually { !home.files("staging").isEmpty })
                store.cancelAll()
            }
        }
        #expect(code.value == .cancelled)
        try check(home, store)
    }

    @Test func `what begins after all were cancelled goes on`() async throws {
        let store = try Store.inMemory()
        store.cancelAll()
        try await store.put(textBytes(100_000), as: "o")
        store.cancelAll()
        #expect(try await store.get("o") == textBytes(100_000))
    }

    @Test func `closing ends what is in flight`() async throws {
        let home = try TestHome(copying: Self.template.get())
        let store = try home.open()
        let begun = Box(0)
        let isCancelled = Box(false)
        let source = endless(begun, until: isCancelled)
        let task = Task { try await store.put(from: source, as: "o", options: .with()) }
        await waitUntil { begun.value >= 50 }
        try close(store)
        isCancelled.update { $0 = true }
        #expect(await code(task) == .cancelled)
        let again = try home.open()
        try check(home, again)
    }

    private func close(_ store: Store) throws { try store.close() }

    @Test func `asynchronous calls do what their twins do`() async throws {
        let store = try Store.inMemory()
        let put = try await store.put([1, 2, 3], as: "a/b")
        #expect(try await store.info("a/b") == put)
        #expect(try await store.get("a/b", range: .last(1)) == [3])
        #expect(try await store.list().entries == [.object(put)])
        let renamed = try await store.rename("a/b", to: "c")
        #expect(renamed.entityTag == put.entityTag)
        try await store.copy("c", to: "d")
        #expect(try await store.verify().objectCount == 2)
        #expect(try await store.verifyWithoutKeys().objectCount == 2)
        try await store.createScope("other")
        #expect(try await store.scopes().map(\.name) == ["default", "other"])
        #expect(try await store.scope("other").census == [])
        #expect(try await store.status().scopes.count == 2)
        try await store.remove("c")
        #expect(try await store.list().entries.count == 1)
    }
}
