internal import BenchKit
internal import SluiceNative

/// Puts files with a peer into a place that is empty at the beginning of each run.
struct PeerPut: Workload {
    let name: String
    let peer: Peer
    let program: String
    let files: PeerFiles
    let conditions: Conditions
    let unit = WorkUnit.bytes
    var summary: String { "Put \(files.name) with \(peer.name), on the disk when it is done." }

    private var store: String { conditions.path("put-\(peer.name)") }

    func setUp() throws {
        try files.makeOnce()
    }

    func prepareRun() throws {
        try tearDown()
        try peer.run(
            peer.prepare, source: files.directory, store: store, target: "", program: program)
    }

    func makeOperation(for caller: Caller) -> TimedOperation {
        {
            try peer.run(
                peer.put, source: files.directory, store: store, target: "", program: program)
            return files.byteCount
        }
    }

    func tearDown() throws {
        for path in [store, "\(store).key"] { try Scratch.remove(path) }
    }
}

/// Gets with a peer what it put; what came back is checked after each run.
struct PeerGet: Workload {
    let name: String
    let peer: Peer
    let program: String
    let files: PeerFiles
    let conditions: Conditions
    let unit = WorkUnit.bytes
    var summary: String { "Get \(files.name) with \(peer.name), from the page cache, not synced." }

    private var store: String { conditions.path("get-\(peer.name)") }
    private var target: String { conditions.path("got-by-\(peer.name)") }

    func setUp() throws {
        try files.makeOnce()
        for script in [peer.prepare, peer.put] {
            try peer.run(
                script, source: files.directory, store: store, target: target, program: program)
        }
    }

    func prepareRun() throws {
        try checkLastRun()
        try Scratch.remove(target)
    }

    func makeOperation(for caller: Caller) -> TimedOperation {
        {
            try peer.run(
                peer.get, source: files.directory, store: store, target: target, program: program)
            return files.byteCount
        }
    }

    func tearDown() throws {
        let checked = Result { try checkLastRun() }
        for path in [store, "\(store).key", target] { try Scratch.remove(path) }
        try checked.get()
    }

    private func checkLastRun() throws {
        if try FileSystem.exists(target) { try files.check(target, from: peer.name) }
    }
}
