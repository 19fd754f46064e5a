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

    /// A source without end that says when it has begun.
    private func endless(_ begun: Box<Int>) -> ClosureSource {
        ClosureSource { buffer in
            for place in buffer.indices { buffer[place] = UInt8(truncatingIfNeeded: place) }
            begun.update { $0 += 1 }
            return buffer.count
        }
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
        let source = endless(begun)
        let task = Task { try await store.put(from: source, as: "o", options: .with(.lz4)) }
        while begun.value < 200 { await Task.yield() }
        if ofAll { store.cancelAll() } else { task.cancel() }
        #expect(await code(task) == .cancelled)
        try check(home, store)
    }

    private func check(_ home: TestHome, _ store: Store) throws {
        try expectUntouched(home, store)
        try store.close()
    }

    @Test func `cancelling ends a long put of bytes and of a file`() async throws {
        let home = try TestHome(copying: Self.template.get())
        let store = try home.open()
        let bytes = textBytes(40 << 20)
        let path = try home.directory.write(bytes, to: "source")
        for isFile in [true, false] {
            let task = Task {
                isFile
                    ? try await store.put(fileAt: path, as: "o", options: .with(.lz4))
                    : try await store.put(bytes, as: "o", options: .with(.lz4))
            }
            while home.files("staging").isEmpty { await Task.yield() }
            task.cancel()
            #expect(await code(task) == .cancelled)
        }
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
        let task = Task {
            try await store.get("large", toFileAt: path) { _, _ in begun.update { $0 += 1 } }
        }
        while begun.value < 20 { await Task.yield() }
        task.cancel()
        #expect(await code(task) == .cancelled)
        #expect(try home.directory.read("out/f") == [5])
        #expect(home.directory.files(below: "out") == ["f"])
        try check(home, store)
    }

    @Test func `cancelling ends a get to a sink, a copy and a verification`() async throws {
        let home = try TestHome(copying: Self.template.get())
        let store = try home.open()
        let began = Box(0)
        let get = Task {
            try await store.get("large", to: KeepingSink()) { _, _ in began.update { $0 += 1 } }
        }
        while began.value < 5 { await Task.yield() }
        get.cancel()
        #expect(await code(get) == .cancelled)
        let copy = Task { try await store.copy("large", to: "o") }
        while home.files("staging").isEmpty { await Task.yield() }
        copy.cancel()
        #expect(await code(copy) == .cancelled)
        began.update { $0 = 0 }
        let verify = Task {
            _ = try await store.verify { _, _ in began.update { $0 += 1 } }
            return try await store.info("o")
        }
        while began.value < 5 { await Task.yield() }
        verify.cancel()
        #expect(await code(verify) == .cancelled)
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
        let source = endless(begun)
        let task = Task { try await store.put(from: source, as: "o", options: .with()) }
        while begun.value < 50 { await Task.yield() }
        try close(store)
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
