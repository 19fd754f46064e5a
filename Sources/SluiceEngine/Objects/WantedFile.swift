internal import SluiceFormat
internal import SluiceNative

/// What an object of a tree is to be in the file system, besides its bytes.
struct WantedFile: Sendable {
    /// The attribute of a file that says which state of an object it was got from: an entity tag.
    private static let noteName = "sluice.tag"

    private let mode: UInt32
    private let owner: (userID: UInt32, groupID: UInt32)?
    private let modified: FileStatus.Time
    private let entityTag: [UInt8]

    /// What an object is to be of whose file nothing may be known: then it is the user's own, and as old as the object.
    init(_ object: OpenObject, _ file: FileProperties?, _ options: TreeGetOptions) {
        entityTag = object.row.entityTag
        guard let file else {
            let created = object.document.createdMilliseconds
            var (seconds, milliseconds) = created.quotientAndRemainder(dividingBy: 1000)
            if milliseconds < 0 { (seconds, milliseconds) = (seconds - 1, milliseconds + 1000) }
            (mode, owner) = (0o600, nil)
            modified = FileStatus.Time(
                seconds: seconds, nanoseconds: milliseconds * 1_000_000)
            return
        }
        // What runs with somebody's rights is made only for who asks for it.
        mode = UInt32(file.mode) & (options.restoresOwners ? 0o7777 : 0o1777)
        owner = options.restoresOwners ? (file.ownerID, file.groupID) : nil
        modified = file.modified
    }

    /// Whether a file has all that, and was got from the same state of the object: what it says of that is believed of
    /// a file that nobody else has put there.
    func isFile(_ name: String, in directory: Directory, byteCount: Int) -> Bool {
        guard let file = try? directory.openFile(name), let status = try? file.status(),
            status.kind == .regular, status.byteCount == byteCount, isAs(status),
            (try? directory.trusts(status)) == true
        else { return false }
        return file.note(Self.noteName, limit: entityTag.count) == entityTag
    }

    /// Where a symbolic link that is there leads to, if it has the time and owner; nil if none does.
    func linkTarget(_ name: String, in directory: Directory) -> [UInt8]? {
        guard let status = try? directory.status(name), status.kind == .symbolicLink,
            hasTimeAndOwner(status)
        else { return nil }
        return try? directory.symbolicLinkTarget(name)
    }

    /// Whether something has the mode, time and owner.
    func isAs(_ status: FileStatus) -> Bool { status.mode == mode && hasTimeAndOwner(status) }

    private func hasTimeAndOwner(_ status: FileStatus) -> Bool {
        guard status.modified == modified else { return false }
        return owner.map { $0 == (status.ownerID, status.groupID) } ?? true
    }

    /// Makes a file that.
    func apply(to file: File) throws(SystemError) {
        // First, for a file that can't be written takes no note.
        let now = WallClock.nowMilliseconds / 1000
        if FileProperties.isSettled(modified.seconds, at: now) {
            _ = try file.setNote(Self.noteName, entityTag)
        }
        if let owner { try file.setOwner(owner.userID, groupID: owner.groupID) }
        try file.setMode(mode)
        try file.setModified(modified)
    }

    /// Makes a directory that.
    func apply(to directory: Directory) throws(SystemError) {
        if let owner { try directory.setOwner(owner.userID, groupID: owner.groupID) }
        try directory.setMode(mode)
        try directory.setModified(modified)
    }

    /// Makes a symbolic link that is there that, which has no mode of its own.
    func apply(toLink name: String, in directory: Directory) throws(SystemError) {
        if let owner { try directory.setOwner(name, owner.userID, groupID: owner.groupID) }
        try directory.setModified(name, modified)
    }
}
