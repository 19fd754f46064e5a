import Testing

@testable import SluiceEngine

@Suite struct TreePatternsTests {
    @Test(arguments: [
        (
            "name", ["name", "a/name", "name/below", "a/name/below/it"],
            ["names", "a/nam", "aname"]
        ),
        ("*.o", ["x.o", ".o", "a/b.o", "d.o/x"], ["x.c", "o", "x.o.c"]),
        ("/top", ["top", "top/x"], ["a/top"]),
        ("a/b", ["a/b", "c/a/b", "a/b/c"], ["a/c/b", "b", "xa/b"]),
        ("/a/*/c", ["a/b/c", "a/bb/c/d"], ["a/c", "a/b/b/c", "x/a/b/c"]),
        ("a/**/c", ["a/b/c", "x/a/b/b/c"], ["a/c", "b/c"]),
        ("**", ["a", "a/b"], []),
        ("?", ["a", "\u{E9}", "x/\u{1F600}"], ["ab", ""]),
        ("a?c", ["abc", "a\u{E9}c"], ["ac", "a/c", "abbc"]),
        ("dir/", ["dir/", "dir/x", "a/dir/x"], ["dir", "a/dir"]),
        ("a*b*c", ["abc", "axxbxxc"], ["acb", "ab/c"]),
        ("", [], ["", "a"]),
        ("/", [], ["a", "a/b"]),
    ])
    func `a pattern is about what it says`(pattern: String, does: [String], doesNot: [String]) {
        let patterns = TreePatterns([pattern])
        for path in does { #expect(patterns.matchBelow(Array(path.utf8)), "\(path)") }
        for path in doesNot { #expect(!patterns.matchBelow(Array(path.utf8)), "\(path)") }
    }

    @Test func `one of several is enough, and many stars take no time`() {
        let patterns: TreePatterns = ["x", "*.o"]
        #expect(patterns.matchBelow(Array("a.o".utf8)) && patterns.matchBelow(Array("x/y".utf8)))
        #expect(!TreePatterns().matchBelow(Array("a".utf8)))
        let stars = TreePatterns([String(repeating: "*a", count: 40) + "b"])
        #expect(!stars.matchBelow([UInt8](repeating: 0x61, count: 400)))
    }
}
