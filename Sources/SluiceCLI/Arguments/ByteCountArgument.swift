/// A number of bytes: `65536`, `64K` or `64KiB`, `1M` or `1MiB`, in any case.
///
/// Units are binary, as those of `dd` and `truncate`. `KB` and `MB`, which are decimal there, are not
/// taken.
struct ByteCountArgument: SpelledArgument {
    let byteCount: Int

    static let form = "it as 65536, 64K or 64KiB, 1M or 1MiB, 1G or 1GiB"

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        let factor: Int? =
            switch argument.dropFirst(digits.count).lowercased() {
            case "", "b": 1
            case "k", "kib": 1 << 10
            case "m", "mib": 1 << 20
            case "g", "gib": 1 << 30
            default: nil
            }
        guard let factor, let number = Int(digits) else { return nil }
        let (product, overflows) = number.multipliedReportingOverflow(by: factor)
        guard !overflows else { return nil }
        byteCount = product
    }
}
