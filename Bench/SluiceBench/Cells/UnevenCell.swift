internal import BenchKit

/// Two workloads whose sides have different numbers of callers.
struct UnevenCell: PairCell {
    let workload: any Workload
    let loop: ClosedLoop
    let reference: any Workload
    let referenceLoop: ClosedLoop
    let referenceKind: Cell.ReferenceKind
    let bound: Bound

    let figure = PairFigure.rate
    var name: String { workload.name }
    var summary: String { workload.summary }
    var referenceName: String { reference.name }

    func setUp() throws {
        try workload.setUp()
        try reference.setUp()
    }

    func sides() -> (measured: Side, reference: Side) {
        (Side(workload, loop: loop), Side(reference, loop: referenceLoop))
    }

    func tearDown() throws {
        try workload.tearDown()
        try reference.tearDown()
    }
}
