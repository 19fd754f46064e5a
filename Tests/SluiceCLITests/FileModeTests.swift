import TestSupport
import Testing

/// What is written is for its owner alone, whatever the mask of the process.
@Suite struct FileModeTests {
    @Test(arguments: ["0", "022", "0777"])
    func `everything written is for its owner alone`(mask: String) throws {
        let home = try CommandHome()
        // While a get waits for its reader, SQLite's files are there too.
        let result = try home.shell(
            """
            set -e
            umask 077; mkdir in out; head -c 3000000 /dev/urandom > in/large; echo small > in/small
            mkfifo pipe; exec 3<>pipe
            umask \(mask)
            $sluice put in/small --as small; $sluice put in/large --as large
            $sluice put -r in --prefix tree; $sluice put in/large --as large
            $sluice cp small copy; $sluice mv copy moved; $sluice rm moved; $sluice pin small
            $sluice keyvault create --name mode
            $sluice keyvault key create --vault-name mode --name k
            $sluice keyvault set-policy --name mode --object-id 11111111-2222-3333-4444-555555555555 --key-permissions get
            $sluice keyvault key rotate --vault-name mode --name k; $sluice rewrap
            $sluice identity disable; $sluice identity enable
            $sluice backup out/backup; $sluice restore out/backup --store out/restored
            $sluice get large -o out/file; $sluice get -r tree -o out/tree
            $sluice get large -o pipe > log & reader=$!
            head -c 1 <&3 > /dev/null
            echo ---
            find "$SLUICE_HOME" out -mindepth 1 -printf '%m %y %p\\n'
            head -c 2999999 <&3 > /dev/null
            wait $reader
            """)
        try #require(result.exitCode == 0, "\(result.errorText)")
        let lines = result.outputText.split(separator: "---\n").last?.split(separator: "\n") ?? []
        for line in lines {
            #expect(line.hasPrefix(line.contains(" d ") ? "700 d" : "600 f"), "\(line)")
        }
        for name in [
            "store/catalog.db", "store/catalog.db-wal", "store/catalog.db-shm", "store/reserve-1",
            "platform/vault.db", "platform/operations.log", "mode/reserve-1", "vaults/root.key",
            "vaults/barrier", "out/backup/catalog.db", "out/restored/catalog.db", "out/file",
            "out/tree/in/small",
        ] {
            #expect(lines.contains { $0.hasSuffix(name) }, "\(name) is missing")
        }
    }
}
