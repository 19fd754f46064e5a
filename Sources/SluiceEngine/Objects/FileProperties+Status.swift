internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

extension FileProperties {
    /// A time tells every later change of a file if it is so old when the file is read: file systems keep times that
    /// are up to two seconds coarse, and a change within that leaves the time as it is.
    private static let settlingSeconds = 2

    /// What a file is that is about to be read.
    init(_ status: FileStatus, _ kind: Kind) {
        let now = WallClock.nowMilliseconds / 1000
        self.init(
            kind: kind, mode: UInt16(truncatingIfNeeded: status.mode & 0o7777),
            modifiedSeconds: status.modified.seconds,
            // A file system in a user's hands may say any number.
            modifiedNanoseconds: min(max(status.modified.nanoseconds, 0), 999_999_999),
            ownerID: status.ownerID, groupID: status.groupID,
            isSettled: Self.isSettled(status.modified.seconds, at: now))
    }

    static func isSettled(_ seconds: Int, at now: Int) -> Bool {
        seconds < now - settlingSeconds
    }

    var modified: FileStatus.Time {
        FileStatus.Time(seconds: modifiedSeconds, nanoseconds: modifiedNanoseconds)
    }
}

extension OpenObject {
    /// What is noted of the file that it was put from. What is noted of a directory counts only if the object can be
    /// one.
    func file() throws(StoreError) -> FileProperties? {
        let document = document
        guard let file = try document.objectProperties().file else { return nil }
        let isDirectory = row.byteCount == 0 && document.name.last == UInt8(ascii: "/")
        return file.kind == .directory && !isDirectory ? nil : file
    }
}
