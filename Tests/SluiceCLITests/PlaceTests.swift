internal import Foundation
internal import TestSupport
internal import Testing

/// Places that are named in ways that could lead to others.
@Suite struct PlaceTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
    }

    @Test(arguments: [
        #"SLUICE_HOME=$PWD/$'h\xff'"#, #"SLUICE_HOME= XDG_DATA_HOME=$PWD/$'h\xff'"#,
        #"SLUICE_HOME= HOME=$PWD/$'h\xff'"#, #"SLUICE_ROOT_KEY=$PWD/$'h\xff'"#,
        #"SLUICE_PASSPHRASE_FILE=$PWD/$'h\xff'"#,
    ])
    func `a variable that isn't UTF-8 is refused, and nothing is made elsewhere`(
        variable: String
    ) throws {
        let result = try home.shell("printf x > f; \(variable) \"$sluice\" put f --json")
        #expect(result.exitCode == 64)
        #expect(try errorCode(result) == "invalidArgument")
        #expect(home.files.files() == ["f"])
        #expect(!home.directory.exists("vaults"))
    }

    @Test(arguments: ["--home", "--store", "--vaults", "--root-key"])
    func `an option that isn't UTF-8, or is empty, is refused`(option: String) throws {
        for value in [#"$'h\xff'"#, "''"] {
            let result = try home.shell("printf x > f; \"$sluice\" \(option) \(value) put f")
            #expect(result.exitCode == 64, "\(value)")
        }
        #expect(home.files.files() == ["f"])
        #expect(!home.directory.exists("store"))
    }

    @Test func `the advice on a name that isn't UTF-8 leads somewhere`() throws {
        let result = try home.shell(
            #"""
            set -e; printf x > $'s\xff'
            "$sluice" put - --as s < $'s\xff' > log
            "$sluice" get s > $'t\xff'; cmp $'s\xff' $'t\xff'
            mkdir $'d\xff'; cd $'d\xff'; "$sluice" get s -o file > log; cmp file $'../s\xff'
            "$sluice" put -r . --prefix d > log
            """#)
        #expect(result.exitCode == 0, "\(result.errorText)")
        #expect(try home.text("ls", "-r") == "d/\nd/file\nd/log\ns\n")
    }
}
