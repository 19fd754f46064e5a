internal import SluiceAccess
internal import SluiceNative

extension StoreError {
    /// What a backend threw while doing `what`: the one place in which its errors become the store's.
    init(blob error: BlobError, _ what: String) {
        if let own = error.cause as? StoreError {
            self = own
            return
        }
        if let system = error.cause as? SystemError {
            self.init(system: system, what)
            return
        }
        let place = error.place.map { " '\($0)'" } ?? ""
        let code: Code =
            switch error.kind {
            case .noSpace: .noSpace
            case .missing, .damaged: .integrity
            default: .inputOutput
            }
        self.init(
            code, "can't \(what)\(place): \(error.message)",
            about: error.place.map { .file($0) },
            remedies: code == .noSpace
                ? [.machine(.freeSpace)] : error.isTransient ? [.tryAgain] : [],
            cause: error)
    }

    /// What making the directories of blobs threw.
    init(making error: BlobError) {
        let what = "make the store's directories"
        guard let system = error.cause as? SystemError else {
            self.init(blob: error, what)
            return
        }
        self.init(system: system, what, otherwise: .cannotCreate)
    }

    /// What a backend threw while a blob was looked for or read.
    init(reading error: BlobError) {
        switch error.kind {
        case .ended, .damaged: self.init(blob: error, "read the blob")
        // A file that is opened is there to the end.
        case .missing: self.init(.integrity, "its blob is missing", cause: error)
        default:
            let translated = StoreError(blob: error, "read the blob")
            self.init(
                translated.code, translated.reason, about: translated.subject,
                remedies: translated.remedies, cause: UnreadableBlob(reason: error))
        }
    }
}

extension BlobError: StoreErrorCause {
    func storeError(_ what: String) -> StoreError { StoreError(blob: self, what) }
}
