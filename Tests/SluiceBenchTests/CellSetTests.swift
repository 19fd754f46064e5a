import BenchKit
import Testing

@testable import SluiceBench

@Suite struct CellSetTests {
    @Test(arguments: Profile.allCases)
    func `there are at most 40 cells, whose names differ and can be file names`(
        profile: Profile
    ) throws {
        let cells = try CellSet(.unmeasured(profile)).cells
        #expect((1...40).contains(cells.count))
        #expect(Set(cells.map(\.name)).count == cells.count)
        #expect(cells.allSatisfy { !$0.name.contains("/") && !$0.summary.isEmpty })
    }

    @Test func `every figure stands beside a reference of the same unit`() throws {
        for cell in try CellSet(.unmeasured(.standard)).cells {
            #expect(cell.unit == cell.reference.workload.unit)
            #expect(cell.name != cell.reference.workload.name)
        }
    }

    @Test func `only the sizes that bounds are about have them`() throws {
        #expect(try CellSet(.unmeasured(.smoke)).cells.allSatisfy { $0.bound == nil })
        for profile in [Profile.standard, .full] {
            #expect(try CellSet(.unmeasured(profile)).cells.contains { $0.bound != nil })
        }
    }

    @Test func `objects are as many for each who fills a store`() {
        for profile in Profile.allCases {
            for count in [
                profile.tinyCatalogCount, profile.smallCatalogCount, profile.largeCatalogCount,
                profile.sweptObjectCount, profile.rewrappedObjectCount,
            ] {
                #expect(count % 8 == 0)
            }
        }
    }
}

@Suite struct ExitReasonTests {
    private let failure = CellFailure(name: "cell", reason: "it broke")

    @Test func `the worst verdict is the exit code`() {
        #expect(ExitReason.of([.noRegression], failures: []) == nil)
        #expect(ExitReason.of([.noRegression, .inconclusive], failures: []) == .inconclusive)
        #expect(ExitReason.of([.inconclusive, .regression], failures: [failure]) == .regression)
        #expect(ExitReason.of([.inconclusive], failures: [failure]) == .error)
        #expect(ExitReason.of([], failures: []) == .inconclusive)
    }
}

@Suite struct GatedCellsTests {
    @Test func `what the baseline lacks, and what is no more, is named and not measured`() throws {
        let all = try CellSet(.unmeasured(.standard)).cells
        let names = all.map(\.name)
        let wanted = Array(all.prefix(3))
        func gated(_ recordedNames: [String]) -> GatedCells {
            GatedCells(wanted, of: all, recordedNames: recordedNames)
        }

        let whole = gated(names)
        #expect(whole.cells.map(\.name) == Array(names.prefix(3)))
        #expect(whole.lackingNames.isEmpty && whole.goneNames.isEmpty && whole.notes.isEmpty)

        let partial = gated([names[2], names[0], "removed"])
        #expect(partial.cells.map(\.name) == [names[0], names[2]])
        #expect(partial.lackingNames == [names[1]])
        #expect(partial.goneNames == ["removed"])
        #expect(partial.notes.count == 2)

        let other = gated([names[3]])
        #expect(other.cells.isEmpty)
        #expect(other.lackingNames == Array(names.prefix(3)))
    }
}

@Suite struct CheckoutTests {
    @Test func `compile flags are those of the module, without paths`() {
        let plan = """
              "C.One":
                description: "Compiling Swift Module 'One' (1 sources)"
                args: ["swiftc","-target","x","-Onone"]
              "C.Two":
                description: "Compiling Swift Module 'Two' (2 sources)"
                args: ["/usr/bin/swiftc","-c","@/a/b","-target","x86_64","-I","/c/d","-O","-Xcc","-fmap=/e","-g","-Xcc","-fPIC"]
            """
        #expect(Checkout.compileFlags(plan: plan, module: "Two") == "-target x86_64 -O -Xcc -fPIC")
        #expect(Checkout.compileFlags(plan: plan, module: "One") == "-target x -Onone")
        #expect(Checkout.compileFlags(plan: plan, module: "Three") == nil)
    }

    @Test(arguments: [
        ("-O -j2 -num-threads 2 -DX", "-O -DX"), ("-j 4 -O", "-O"), ("-justify -O", "-justify -O"),
        ("-Xcc -fmap=/a -Xcc -fPIC", "-Xcc -fPIC"),
        ("-Xcc -I -Xcc /a -Xcc -D -Xcc X", "-Xcc -D -Xcc X"),
        ("-g -Xcc -g -O -Xcc -O2", "-O -Xcc -O2"), ("-O -Xcc", "-O"),
        ("-swift-version 6 -package-name main -I /a", "-swift-version 6"),
        ("-serialize-diagnostics -parseable-output -static-stdlib", "-static-stdlib"),
        ("-Xfrontend -x -Xcc y -Xfrontend z", "-Xfrontend -x -Xcc y -Xfrontend z"), ("", ""),
    ])
    func `compile flags that don't change the code go, with what introduces and follows them`(
        all: String, kept: String
    ) {
        let flags = CompileFlags.affectingCode(in: all.split(separator: " "))
        #expect(flags.joined(separator: " ") == kept)
    }
}

@Suite struct DelayedTests {
    @Test func `a delayed operation does the same work`() throws {
        let delayed = Delayed(workload: ProcessFloor(), share: 0.1)
        #expect(delayed.name == "true")
        let operation = try delayed.makeOperation(for: Caller(index: 0, count: 1, runSeed: 1))
        #expect(try operation() == 1)
    }
}

@Suite struct PeersCommandTests {
    @Test func `sizes are whole numbers of binary units`() throws {
        #expect(try PeersCommand.byteCount("64MiB") == 64 << 20)
        #expect(try PeersCommand.byteCount("1GiB") == 1 << 30)
        for text in ["", "1GB", "0KiB", "MiB", "-1MiB", "2000GiB"] {
            #expect(throws: BenchError.self) { try PeersCommand.byteCount(text) }
        }
    }
}
