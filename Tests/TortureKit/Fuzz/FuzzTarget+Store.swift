internal import Sluice
internal import SluiceNative

extension FuzzTarget {
    /// What lies behind the authentication of objects.
    static let storeTargets = [
        FuzzTarget(
            "forged-object",
            (0..<4).map { [UInt8($0)] } + [
                [0, 0, 0, 0, 0, 0, 0, 0, 0, 9], [3, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 1],
                [3, 6, 2, 5, 1, 2, 3, 4, 5], [2, 5, 3, 3, 9, 9, 9], [1, 2, 13], [2, 3, 0],
                // A table of 45 GB.
                [11, 1, 13, 15, 0, 98, 98, 1, 0, 0, 0, 0, 0, 0, 0, 14],
            ]
        ) { directoryPath in
            let forger = try ObjectForger(directoryPath: directoryPath)
            return { input in forger.use(input) }
        }
    ]
}
