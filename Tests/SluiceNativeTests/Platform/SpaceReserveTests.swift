import SluiceNative
import Testing

@Suite struct SpaceReserveTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func reserve(byteCount: Int = 8192) -> SpaceReserve {
        SpaceReserve(in: scratch.directory, fileCount: 2, fileByteCount: byteCount)
    }

    private func allocated(_ name: String) -> Int? {
        try? scratch.directory.status(name).allocatedByteCount
    }

    @Test func `what is taken has its space, and is for its owner alone`() throws {
        reserve().take()
        for name in ["reserve-1", "reserve-2"] {
            #expect(allocated(name) == 8192)
            #expect(try scratch.directory.status(name).mode == 0o600)
        }
    }

    @Test func `what is given up is gone, and says whether there was any`() throws {
        let reserve = reserve()
        #expect(!reserve.giveUp())
        reserve.take()
        #expect(reserve.giveUp())
        #expect(try scratch.directory.names().isEmpty)
        reserve.take()
        #expect(allocated("reserve-2") == 8192)
    }

    @Test func `another's reserve can be given up, which is seen by who looks anew`() throws {
        let own = reserve()
        own.take()
        #expect(reserve().giveUp())
        own.take()
        #expect(allocated("reserve-1") == nil)
        own.take(lookingAnew: true)
        #expect(allocated("reserve-1") == 8192)
    }

    @Test func `what a crash or a copy left without its space is completed`() throws {
        try scratch.makeFile("reserve-1")
        try scratch.makeFile("reserve-2").truncate(to: 8192)
        reserve().take()
        #expect(allocated("reserve-1") == 8192)
        #expect(allocated("reserve-2") == 8192)
    }

    @Test func `what can't be taken is left alone`() throws {
        try scratch.directory.makeDirectory("reserve-1")
        try scratch.shell("ln -s /nowhere reserve-2")
        let reserve = reserve()
        reserve.take()
        #expect(try scratch.directory.status("reserve-1").kind == .directory)
        #expect(try scratch.directory.status("reserve-2").kind == .symbolicLink)
    }

    @Test func `a reserve of nothing takes nothing, and gives up what is there`() throws {
        reserve().take()
        let nothing = reserve(byteCount: 0)
        nothing.take(lookingAnew: true)
        #expect(allocated("reserve-1") == 8192)
        #expect(nothing.giveUp())
    }
}
