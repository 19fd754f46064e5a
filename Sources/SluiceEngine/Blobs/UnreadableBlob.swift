internal import SluiceAccess
internal import SluiceNative

/// A blob that can't be read: on a bad sector, without permission, with something else in the place of its file,
/// or from a backend that can't be reached. That says nothing of whether it is whole, nor of other blobs.
struct UnreadableBlob: Error {
    let reason: BlobError

    /// The error for what stands in a file's place.
    static func notAFile(_ path: String, _ kind: FileStatus.Kind) -> SystemError {
        switch kind {
        case .directory: .directory(path)
        default: .notAFile(path)
        }
    }
}

extension StoreError {
    /// Whether one blob can't be read, and others may be.
    var isUnreadableBlob: Bool { cause is UnreadableBlob }

    /// Whether a blob was not there when it was read, though it could be opened.
    var isMissingBlob: Bool { (cause as? BlobError)?.kind == .missing }
}
