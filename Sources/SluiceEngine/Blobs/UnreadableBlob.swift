internal import SluiceNative

/// A blob that is there and can't be read: on a bad sector, without permission, or with something else in the
/// place of its file. That says nothing of whether it is whole, nor of other blobs.
struct UnreadableBlob: Error {
    let reason: SystemError

    /// The error for what stands in a file's place.
    static func notAFile(_ path: String, _ kind: FileStatus.Kind) -> SystemError {
        switch kind {
        case .directory: .directory(path)
        default: .notAFile(path)
        }
    }
}

extension StoreError {
    /// A blob can't be read.
    init(unreadableBlob reason: SystemError) {
        let error = StoreError(system: reason, "read the blob")
        self.init(error.code, error.message, cause: UnreadableBlob(reason: reason))
    }

    /// Whether one blob can't be read, and others may be.
    var isUnreadableBlob: Bool { cause is UnreadableBlob }
}
