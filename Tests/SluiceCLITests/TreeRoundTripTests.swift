internal import SluiceNative
internal import TestSupport
internal import Testing

@Suite struct TreeRoundTripTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
    }

    /// Prints what `find` knows of each thing below a directory, itself too.
    private static let facts = #"""
        facts() { (cd "$1" && find . -printf '%P %y %m %T@ %l ' \
            \( -type d -printf '\n' -o -printf '%s\n' \) | sort); }
        same() { diff <(facts "$1") <(facts "$2") && diff -r --no-dereference "$1" "$2"; }
        """#

    private func script(_ text: String) throws {
        let result = try home.shell("set -e -o pipefail\n\(Self.facts)\n\(text)")
        #expect(result.exitCode == 0, "\(result.outputText)\(result.errorText)")
    }

    /// Whether the file system of the tests keeps attributes: where it doesn't, everything is got again.
    private func keepsNotes() throws -> Bool {
        let file = try File.createUnnamed(inDirectory: home.files.path)
        return try file?.setNote("sluice.test", [1]) ?? false
    }

    private static let tree = """
        mkdir -p t/a/b/c t/empty t/closed; echo 1 > t/a/one; echo 22 > t/a/b/two
        head -c 300000 /dev/urandom > t/a/large; : > t/none
        ln -s nowhere t/dangling; ln -s ../../../outside t/a/out; ln -s b t/a/dir
        chmod 640 t/a/one; chmod 4755 t/none; chmod 1777 t/empty; chmod 755 t/a
        touch -d '2001-02-03 04:05:06.789012345 UTC' t/a/one t/a/large; touch -d '1969-01-01 UTC' t/none
        touch -h -d '2002-03-04 UTC' t/dangling t/a/dir
        echo 3 > t/closed/three; touch -d '2003-04-04 UTC' t/closed/three; chmod 555 t/closed; touch -d '2003-04-05 UTC' t/closed t/a/b t/a/b/c
        chmod 444 t/a/b/two; touch -d '2004-05-06 UTC' t/a/b/two t/empty; touch -h -d '2005-06-07 UTC' t/a/out
        touch -d '2006-07-08 UTC' t/a; touch -d '2007-08-09 UTC' t
        """

    @Test func `a tree comes back as it was, by what find says of it`() throws {
        try script(
            """
            \(Self.tree)
            "$sluice" put -r t > log; "$sluice" get -r t -o u > log
            # Set-user-id comes back for who asks for it.
            [ "$(stat -c %a u/none)" = 755 ]; chmod 4755 u/none; touch -d '1969-01-01 UTC' u/none
            same t u
            """)
    }

    @Test func `owners come back for who asks, with set-user-id`() throws {
        try script(
            """
            [ "$(id -u)" = 0 ] || exit 0
            \(Self.tree)
            chown 7:8 t/a/one t/a; chown -h 7:8 t/dangling; chown 7:8 t/none; chmod 4755 t/none
            "$sluice" put -r t > log; "$sluice" get -r t -o u > log; [ "$(stat -c %u u/a/one)" = 0 ]
            "$sluice" get -r t -o v --owner > log; same t v
            owners() { (cd "$1"; find . -printf '%P %U:%G %m\\n' | sort); }
            diff <(owners t) <(owners v)
            """)
    }

    @Test func `what is unchanged is neither put nor got again`() throws {
        try script(
            """
            \(Self.tree)
            "$sluice" put -r t > log; "$sluice" put -r t > log
            grep -q ': 0 objects, 0 B; 14 unchanged' log || { cat log; exit 1; }
            echo 11 > t/a/one; touch -d '2008-01-01 UTC' t/a/one t/a
            "$sluice" put -r t --json | grep -q '"unchangedCount" *: *12' || exit 1
            "$sluice" get t/a/one | cmp - t/a/one
            "$sluice" put -r t --all > log; grep -q ': 14 objects' log || { cat log; exit 1; }
            """)
        guard try keepsNotes() else { return }
        try script(
            """
            "$sluice" get -r t -o u > log; inode=$(stat -c %i u/a/large)
            "$sluice" get -r t -o u > log
            grep -q ': 0 objects, 0 B; 14 unchanged' log || { cat log; exit 1; }
            [ $inode = $(stat -c %i u/a/large) ]
            # A change of any of them is seen: bytes, mode, a link's target, what it was got from.
            printf x >> u/a/large; chmod 600 u/a/one; ln -sf else u/dangling
            "$sluice" set t/none --meta a=b > log
            "$sluice" get -r t -o u > log
            # Three files, a link, and the directory whose time that changed.
            grep -q '5 objects' log || { cat log; exit 1; }
            chmod 4755 u/none; touch -d '1969-01-01 UTC' u/none; touch -r t u; same t u
            [ $inode != $(stat -c %i u/a/large) ]
            """)
    }

    @Test func `a file that was just modified is not taken for unchanged`() throws {
        try script(
            """
            mkdir t
            # As often as it takes to have put them within two seconds.
            for i in $(seq 50); do
                echo a > t/now; start=$(date +%s%N)
                "$sluice" put -r t > log
                [ $(( $(date +%s%N) - start )) -lt 1500000000 ] && break
            done
            # Another content, at the same time as the file system tells it.
            time=$(stat -c %y t/now); echo b > t/now; touch -d "$time" t/now
            "$sluice" put -r t > log; "$sluice" get t/now | cmp - t/now
            """)
    }

    @Test func `a get that was interrupted goes on`() throws {
        try script(
            """
            mkdir t; for i in $(seq 20); do head -c 100000 /dev/urandom > t/$i; done
            touch -d '2001-01-01 UTC' t/* t; "$sluice" put -r t > log
            "$sluice" get -r t -o u > log; rm u/1 u/2; head -c 5 t/3 > u/3
            "$sluice" get -r t -o u > log; touch -r t u; same t u
            grep -q '3 objects' log || ! \(try keepsNotes()) || { cat log; exit 1; }
            """)
    }

    @Test func `--delete makes the store what the directory is`() throws {
        try script(
            """
            mkdir -p t/a/b t/keep; touch t/a/one t/a/b/two t/keep/x.o t/three; ln -s a t/link
            "$sluice" put -r t > log; echo 1 | "$sluice" put - --as beside > log
            rm -r t/a t/link t/keep/x.o; mkdir t/link
            "$sluice" put -r t --delete --exclude '*.o' > log
            grep -q '5 removed' log || { cat log; exit 1; }
            diff <("$sluice" ls -r) - <<< $'beside\\nt/\\nt/keep/\\nt/keep/x.o\\nt/link/\\nt/three'
            # What can't be put keeps everything.
            rm t/three; mkfifo t/pipe; if "$sluice" put -r t --delete --yes > log 2>&1; then exit 1; fi
            grep -q "nothing was removed from 't'" log || { cat log; exit 1; }
            "$sluice" get t/three > three; rm t/pipe; "$sluice" put -r t --delete --yes > log
            diff <("$sluice" ls -r) - <<< $'beside\\nt/\\nt/keep/\\nt/link/'
            """)
    }

    @Test func `--delete makes the directory what the store is, and touches nothing outside`()
        throws
    {
        try script(
            """
            mkdir -p t/a/b out u/a/x/y u/empty; touch t/a/one t/a/b/two out/victim; touch -d '2001-01-01 UTC' t/a
            "$sluice" put -r t > log; touch u/a/x/y/z u/own.o u/a/other; ln -s ../out u/link; mkfifo u/pipe
            ln -s ../../out u/a/x/out
            "$sluice" get -r t -o u --delete --yes --exclude '*.o' > log
            grep -q '8 removed' log || { cat log; find u; exit 1; }
            [ -e u/own.o ]; rm u/own.o; [ -e out/victim ]; touch -r t u; same t u
            # What can't be got keeps everything, and that is told.
            touch u/more; echo 1 | "$sluice" put - --as t/a > log
            if "$sluice" get -r t -o u --delete > log 2>&1; then exit 1; fi; [ -e u/more ]
            grep -q "nothing was removed from 'u'" log || { cat log; exit 1; }
            """)
    }

    @Test func `--exclude passes over what rsync's patterns would`() throws {
        try script(
            """
            mkdir -p t/a/build t/build t/x/y; touch t/a/build/1 t/build/2 t/m.o t/a/n.o t/x/y/é t/x/f t/top t/a/top t/file
            put() { "$sluice" rm -r t > log 2>&1 || true; "$sluice" put -r t "$@" > log; "$sluice" ls -r | grep -v '/$' | tr '\\n' ' '; }
            [ "$(put --exclude build/ --exclude '*.o')" = 't/a/top t/file t/top t/x/f t/x/y/é ' ]
            [ "$(put --exclude /top --exclude 'a/**' --exclude file/ --exclude 'x/*/?')" = 't/build/2 t/file t/m.o t/x/f ' ]
            "$sluice" put -r t > log; "$sluice" get -r t -o u --exclude a > log; [ ! -e u/a ]; [ -e u/build/2 ]
            """)
    }

    @Test func `runs of zeros become holes`() throws {
        try script(
            """
            truncate -s 8M zeros; { head -c 100000 /dev/urandom; head -c 3000000 /dev/zero; echo end; } > mixed
            truncate -s 2500000 tail; printf x | dd of=tail conv=notrunc status=none; truncate -s 65536 one
            for f in zeros mixed tail one; do "$sluice" put $f > log; "$sluice" get $f -o got > log; cmp $f got
                echo $f $(stat -c '%s %b' got) >> sizes; done
            awk '$1 == "zeros" && $3 > 64 || $1 == "mixed" && $3 > 1000 || $1 == "tail" && $3 > 600 { bad = 1 } END { exit bad }' sizes || { cat sizes; exit 1; }
            """)
    }

    @Test func `--xattrs keeps attributes, and gives them back`() throws {
        guard try keepsNotes() else { return }
        try home.files.write([1], to: "t/file")
        let name = Array("user.sluice.test".utf8)
        let file = try File.open(home.files.path("t/file"))
        try ExtendedAttributes(of: file).set(name, to: [2, 0])
        func found(_ path: String) throws -> [UInt8]? {
            try ExtendedAttributes(of: File.open(home.files.path(path))).value(of: name)
        }
        try script(#""$sluice" put -r t > log; "$sluice" get -r t -o u --xattrs > log"#)
        #expect(try found("u/file") == nil)
        try script(
            #"""
            "$sluice" put -r t --xattrs > log; "$sluice" get -r t -o v > log
            "$sluice" get -r t -o u --xattrs > log
            """#)
        #expect(try found("v/file") == nil)
        #expect(try found("u/file") == [2, 0])
    }

    @Test func `what is for trees only needs -r`() throws {
        try home.files.write([1], to: "x")
        for option in ["--delete", "--exclude=a", "--all", "--xattrs", "--one-file-system"] {
            #expect(try home.sluice("put", "x", option).exitCode == 64)
        }
        try home.put([1], as: "x")
        for option in ["--delete", "--exclude=a", "--all", "--xattrs", "--owner"] {
            #expect(try home.sluice("get", "x", "-o", "y", option).exitCode == 64)
        }
        #expect(try home.sluice("put", "-r", ".", "--exclude", "").exitCode == 64)
    }
}
