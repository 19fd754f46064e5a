internal import TestSupport

/// What a crash makes of changes that no sync had made durable.
enum CrashVariant: CustomStringConvertible {
    case allDropped
    /// And what failed syncs were to write is there.
    case allKept
    /// Everything is there but names, or nothing but names.
    case namesDropped, bytesDropped
    /// The last write arrived in units of so many bytes, all before it whole.
    case lastTorn(unit: Int)
    /// One change alone is missing, or alone is there; counted from the last.
    case oneDropped(Int), oneKept(Int)
    /// Each is kept, dropped or torn as the numbers fall.
    case random(UInt64)

    var description: String {
        switch self {
        case .allDropped: "all dropped"
        case .allKept: "all kept"
        case .namesDropped: "names dropped"
        case .bytesDropped: "bytes dropped"
        case .lastTorn(let unit): "last write torn at \(unit)"
        case .oneDropped(let index): "all but \(index) before the last kept"
        case .oneKept(let index): "only \(index) before the last kept"
        case .random(let seed): "random \(seed)"
        }
    }

    /// Those to look at where so many changes are not durable.
    static func all(pendingCount: Int, _ random: inout Randomness) -> [CrashVariant] {
        guard pendingCount > 0 else { return [.allKept] }
        var all: [CrashVariant] = [
            .allDropped, .allKept, .namesDropped, .bytesDropped, .lastTorn(unit: 512),
            .lastTorn(unit: 4096),
        ]
        guard pendingCount > 1 else { return all }
        for _ in 0..<2 {
            all.append(.oneDropped(random.below(pendingCount)))
            all.append(.oneKept(random.below(pendingCount)))
            all.append(.random(random.next()))
        }
        return all
    }

    /// The disk after it.
    func image(of model: DiskModel) -> DiskImage {
        let pending = model.pending
        var fates: [[Int]: DiskModel.Fate] = [:]
        var random = Randomness(seed: 1)
        if case .random(let seed) = self { random = Randomness(seed: seed) }
        let lastWrite = pending.lastIndex { !$0.change.isName }
        for (index, (inode, change)) in pending.enumerated() {
            let fromLast = pending.count - 1 - index
            let fate: DiskModel.Fate =
                switch self {
                case .allDropped: .dropped
                case .allKept: .kept
                case .namesDropped: change.isName ? .dropped : .kept
                case .bytesDropped: change.isName ? .kept : .dropped
                case .lastTorn(let unit):
                    index == lastWrite ? .torn(unit: unit, seed: random.next()) : .kept
                case .oneDropped(let one): fromLast == one ? .dropped : .kept
                case .oneKept(let one): fromLast == one ? .kept : .dropped
                case .random:
                    switch random.below(4) {
                    case 0: .dropped
                    case 1: .torn(unit: random.once(in: 2) ? 512 : 4096, seed: random.next())
                    default: .kept
                    }
                }
            fates[[inode, change.index]] = fate
        }
        let hasArrived = if case .allKept = self { true } else { false }
        return model.image(failedSyncsArrived: hasArrived) { inode, change in
            fates[[inode, change.index]] ?? .kept
        }
    }
}
