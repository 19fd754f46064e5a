internal import BenchKit
internal import SluiceNative

extension Counting {
    /// Counts what this process asks of the system, other than through SQLite, and of OpenSSL.
    static func store(_ operationCount: Int) -> Counting {
        Counting(operationCount: operationCount) {
            let (io, crypto) = (IOCounters.snapshot(), CryptoCounters.snapshot())
            return [
                "bytes written": io.writeByteCount,
                "writes": io.writeCallCount,
                "bytes read": io.readByteCount,
                "reads": io.readCallCount,
                "fsyncs": io.syncCallCount,
                "RSA private operations": crypto.rsaPrivateCount,
                "RSA public operations": crypto.rsaPublicCount,
                "EVP seals": crypto.sealCount,
                "EVP opens": crypto.openCount,
            ]
        }
    }
}
