internal import TestSupport
internal import Testing

/// A command that meets a limit of its process ends soon, with a code and a message, or does its work.
@Suite(.serialized) struct ResourceLimitTests {
    private let home: CommandHome

    init() throws {
        home = try CommandHome()
        let made = try home.shell(
            """
            mkdir t && head -c 3000000 /dev/urandom > t/large && echo small > t/small &&
            "$sluice" put -r t && "$sluice" put t/large --as large
            """)
        #expect(made.exitCode == 0, "\(made.errorText)")
    }

    /// Runs the main commands under what `limit` puts before them, and says what went wrong.
    private func run(_ limit: String, before setUp: String = "") throws -> String {
        let result = try home.shell(
            """
            \(setUp)
            count=0
            while read -r command; do
                count=$((count + 1))
                rm -rf out tree copy other
                timeout 60 \(limit) "$sluice" ${command/COUNT/$count} > output 2> errors
                code=$?
                [ $code -eq 0 ] && continue
                if [ $code -lt 64 ] || [ $code -gt 78 ] || ! [ -s errors ]; then
                    echo "$command: $code $(head -c 200 errors)"
                fi
            done <<'END'
            put t/large --as again
            put -r t --prefix again
            get large -o out
            get -r t -o tree
            ls -r
            stat large
            mv again moved
            verify
            backup copy
            rewrap
            status
            keyvault create --name COUNT-vault
            keyvault list
            --home other put t/small
            END
            """)
        return result.outputText + result.errorText
    }

    @Test(arguments: [5, 8, 12, 16, 24])
    func `few open files are an error or enough`(count: Int) throws {
        #expect(try run("prlimit --nofile=\(count)") == "")
    }

    @Test(arguments: [60, 150])
    func `little memory is an error or enough`(mebibytes: Int) throws {
        #expect(try run("prlimit --as=\(mebibytes << 20)") == "")
        #expect(try run("prlimit --data=\(mebibytes << 18)") == "")
    }

    @Test(arguments: [64, 256])
    func `a small stack is enough`(kibibytes: Int) throws {
        #expect(try run("prlimit --stack=\(kibibytes << 10)") == "")
        let result = try home.shell("prlimit --stack=\(kibibytes << 10) \"$sluice\" get small -o -")
        #expect(result.exitCode == 66)
    }

    @Test func `no memory may be locked, and all works`() throws {
        let result = try home.shell("prlimit --memlock=0 \"$sluice\" get t/small")
        #expect(result.outputText == "small\n")
    }

    @Test(arguments: [1, 2])
    func `few processes are an error or enough`(count: Int) throws {
        // The limit is no limit for root.
        let isRoot = try home.shell("id -u").outputText == "0\n"
        guard isRoot else { return }
        let failures = try run(
            "setpriv --reuid 65534 --regid 65534 --clear-groups prlimit --nproc=\(count)",
            before: """
                place=$(mktemp -d) && trap 'rm -rf "$place"' EXIT
                cp -r t "$SLUICE_HOME" "$place" && chown -R 65534:65534 "$place"
                cp "$sluice" "$place/program" && chmod 755 "$place/program"
                export SLUICE_HOME="$place/${SLUICE_HOME##*/}" sluice="$place/program"
                cd "$place" && : > output && : > errors && chmod 666 output errors
                """)
        #expect(failures == "")
    }

    @Test(arguments: [50, 1000])
    func `a file beyond the limit of its size is an error`(kibibytes: Int) throws {
        #expect(try run("prlimit --fsize=\(kibibytes << 10)") == "")
        let put = try home.shell("prlimit --fsize=1024 \"$sluice\" put t/large --as more")
        #expect(put.exitCode == 74)
        #expect(!put.errorText.isEmpty)
        #expect(home.directory.files(below: "store/staging").isEmpty)
        #expect(try home.sluice("verify").exitCode == 0)
    }
}
