internal import SluiceFormat
internal import SluiceNative

/// What an object of a tree is to be in the file system, besides its bytes.
struct WantedFile: Sendable {
    private let mode: UInt32
    private let owner: (userID: UInt32, groupID: UInt32)?
    private let modified: FileStatus.Time
    /// What says of a file from which state of the object it was got: the entity tag or, of a file with several names,
    /// what these have in common.
    private let state: [UInt8]
    /// Nil if they stay as they are.
    private let attributes: WantedAttributes?

    /// What an object is to be of whose file nothing may be known: then it is the user's own, and as old as the object.
    init(
        _ object: OpenObject, _ file: FileProperties?, _ options: TreeGetOptions,
        linkState: [UInt8]? = nil
    ) {
        state = linkState ?? object.row.entityTag
        guard let file else {
            let created = object.document.createdMilliseconds
            var (seconds, milliseconds) = created.quotientAndRemainder(dividingBy: 1000)
            if milliseconds < 0 { (seconds, milliseconds) = (seconds - 1, milliseconds + 1000) }
            (mode, owner, attributes) = (0o600, nil, nil)
            modified = FileStatus.Time(
                seconds: seconds, nanoseconds: milliseconds * 1_000_000)
            return
        }
        // What runs with somebody's rights is made only for who asks for it.
        mode = UInt32(file.mode) & (options.restoresOwners ? 0o7777 : 0o1777)
        owner = options.restoresOwners ? (file.ownerID, file.groupID) : nil
        modified = file.modified
        attributes =
            options.restoresAttributes
            ? WantedAttributes(file, restoresOwners: options.restoresOwners) : nil
    }

    /// Which file has a name, if it has all that, and was got from the same state of the object: what it says of that is
    /// believed of a file that nobody else has put there. Nil otherwise.
    func file(
        _ name: String, in directory: Directory, byteCount: Int
    ) -> FileStatus.Identity? {
        guard let file = try? directory.openFile(name), let status = try? file.status(),
            status.kind == .regular, status.byteCount == byteCount, isAs(status),
            (try? directory.trusts(status)) == true, hasAttributes(ExtendedAttributes(of: file)),
            file.note(WantedAttributes.noteName, limit: state.count) == state
        else { return nil }
        return status.identity
    }

    /// Whether a directory has all that.
    func isDirectory(_ directory: Directory) throws(SystemError) -> Bool {
        try isAs(directory.status()) && hasAttributes(ExtendedAttributes(of: directory))
    }

    /// Where a symbolic link that is there leads to, if it has the time and owner; nil if none does.
    func linkTarget(_ name: String, in directory: Directory) -> [UInt8]? {
        guard let status = try? directory.status(name), status.kind == .symbolicLink,
            hasTimeAndOwner(status),
            let found = try? ExtendedAttributes(of: name, in: directory), hasAttributes(found)
        else { return nil }
        return try? directory.symbolicLinkTarget(name)
    }

    /// Whether something has the mode, time and owner.
    private func isAs(_ status: FileStatus) -> Bool {
        status.mode == mode && hasTimeAndOwner(status)
    }

    private func hasAttributes(_ found: ExtendedAttributes) -> Bool {
        attributes?.areThose(of: found) ?? true
    }

    private func hasTimeAndOwner(_ status: FileStatus) -> Bool {
        guard status.modified == modified else { return false }
        return owner.map { $0 == (status.ownerID, status.groupID) } ?? true
    }

    /// Makes a file that.
    func apply(to file: File) throws(SystemError) {
        // First, for a file that can't be written takes no note.
        let now = WallClock.nowMilliseconds / 1000
        if FileProperties.isSettled(modified.seconds, at: now) {
            _ = try file.setNote(WantedAttributes.noteName, state)
        }
        if let owner { try file.setOwner(owner.userID, groupID: owner.groupID) }
        // Behind the owner, whose change removes capabilities; before a mode that forbids it.
        attributes?.set(on: ExtendedAttributes(of: file))
        try file.setMode(mode)
        try file.setModified(modified)
    }

    /// Makes a directory that.
    func apply(to directory: Directory) throws(SystemError) {
        if let owner { try directory.setOwner(owner.userID, groupID: owner.groupID) }
        let found = ExtendedAttributes(of: directory)
        if let attributes, !attributes.areThose(of: found) {
            // Who can't write to it can't give it any.
            try directory.setMode(mode | 0o200)
            attributes.set(on: found)
        }
        try directory.setMode(mode)
        try directory.setModified(modified)
    }

    /// Makes a symbolic link that is there that, which has no mode of its own.
    func apply(toLink name: String, in directory: Directory) throws(SystemError) {
        if let owner { try directory.setOwner(name, owner.userID, groupID: owner.groupID) }
        try attributes?.set(on: ExtendedAttributes(of: name, in: directory))
        try directory.setModified(name, modified)
    }

    /// What couldn't be made so though the rest was; nil if nothing.
    func refusal(of name: ObjectName) -> StoreError? { attributes?.refusal(of: name) }
}
