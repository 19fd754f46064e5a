internal import ArgumentParser

/// A number of bytes: `65536`, `64KiB`, `1MiB`.
struct ByteCountArgument: ExpressibleByArgument {
    let byteCount: Int

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        let factor: Int? =
            switch argument.dropFirst(digits.count).lowercased() {
            case "", "b": 1
            case "kib": 1 << 10
            case "mib": 1 << 20
            case "gib": 1 << 30
            default: nil
            }
        guard let factor, let number = Int(digits) else { return nil }
        let (product, overflows) = number.multipliedReportingOverflow(by: factor)
        guard !overflows else { return nil }
        byteCount = product
    }
}
