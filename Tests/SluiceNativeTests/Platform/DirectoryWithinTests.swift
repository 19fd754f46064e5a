import SluiceNative
import Testing

@Suite struct DirectoryWithinTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `a directory is within itself and those above it, whatever path leads there`() throws
    {
        try scratch.shell("mkdir -p a/b/c d; ln -s a/b link; mkdir a2")
        let a: Set = [try FileSystem.status(scratch("a")).identity]
        for (path, isWithin) in [
            ("a", true), ("a/b/c", true), ("link", true), ("link/c", true), ("d/../a/b", true),
            ("d", false), ("a2", false), (".", false), ("a/..", false),
        ] {
            #expect(try Directory.open(scratch(path)).isWithin(a) == isWithin, "\(path)")
        }
        #expect(try !Directory.open(scratch("a")).isWithin([]))
        #expect(try Directory.open("/").isWithin([FileSystem.status("/").identity]))
    }
}
