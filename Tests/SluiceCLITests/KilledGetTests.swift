internal import Foundation
internal import TestSupport
internal import Testing

/// Gets that are killed, also where the file system knows no files without a name.
@Suite struct KilledGetTests {
    let home: CommandHome
    private let bytes = patternedBytes(400_000)

    init() throws {
        home = try CommandHome()
        try home.put(bytes, as: "x")
        try home.put(bytes, as: "t/a")
        try home.put(bytes, as: "t/d/b")
    }

    private static let noUnnamed = "CALL_SHIM_NAMED_FILES=1"
    private static let kill = "CALL_SHIM_KILL=.sluice-get-"

    @Test(arguments: [false, true], [false, true])
    func `what one leaves is recognised, and removed by the next`(
        knowsUnnamed: Bool, nextKnowsUnnamed: Bool
    ) throws {
        let flags = knowsUnnamed ? [] : [Self.noUnnamed]
        try home.files.write([7], to: "out")
        let killed = try home.shell(
            "\(CommandHome.shim(Self.kill)) \(flags.joined()) \"$sluice\" get x -o out")
        #expect(killed.exitCode == 137)
        #expect(home.files.files() == [".sluice-get-0", "out"])
        #expect(try home.files.read("out") == [7])
        let next = nextKnowsUnnamed ? [] : [Self.noUnnamed]
        let other = try home.shell(
            "\(CommandHome.shim()) \(next.joined()) \"$sluice\" get x -o other")
        #expect(other.exitCode == 0, "\(other.errorText)")
        #expect(home.files.files() == ["other", "out"])
        #expect(try home.files.read("other") == bytes)
    }

    @Test func `one without files that have no name writes, replaces and fails as others do`()
        throws
    {
        let command = "\(CommandHome.shim(Self.noUnnamed)) \"$sluice\""
        for _ in 0..<2 {
            let result = try home.shell("\(command) get x -o out && \(command) get -r t -o tree")
            #expect(result.exitCode == 0, "\(result.errorText)")
            #expect(home.files.files() == ["out", "tree/a", "tree/d/b"])
            #expect(try home.files.read("out") == bytes)
            #expect(try home.files.read("tree/d/b") == bytes)
        }
        try home.damageBlobs()
        #expect(try home.shell("\(command) get x -o out").exitCode == 65)
        #expect(home.files.files() == ["out", "tree/a", "tree/d/b"])
        #expect(try home.files.read("out") == bytes)
    }

    // one get                  | another              | a third
    // -------------------------|----------------------|---------------------
    // is stopped at its end    |                      |
    //                          | gets: leaves it alone|
    // is killed                |                      |
    //                          |                      | gets: removes it
    @Test func `one that is still writing is left alone`() throws {
        let result = try home.shell(
            """
            \(CommandHome.shim(Self.noUnnamed, "CALL_SHIM_STOP=.sluice-get-")) "$sluice" get x -o out & first=$!
            until [ "$(cut -d' ' -f3 /proc/$first/stat)" = T ]; do sleep 0.01; done
            "$sluice" get x -o other; ls -A | grep get-
            kill -KILL $first
            until s=$(cut -d' ' -f3 /proc/$first/stat) 2>&1; [ "$s" = Z ] || [ -z "$s" ]
            do sleep 0.01; done
            "$sluice" get x -o other; ls -A | grep get- || echo none
            """)
        #expect(
            result.outputText == "got x as other\n.sluice-get-0\ngot x as other\nnone\n",
            "\(result.errorText)")
        #expect(home.files.files() == ["other"])
    }
}
