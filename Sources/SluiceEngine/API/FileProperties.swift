internal import SluiceFormat

/// What a file was that an object was put from, so that a get of a tree makes it that again.
public struct FileProperties: Sendable, Hashable {
    /// What a file was.
    public enum Kind: Sendable, Hashable {
        /// A file with contents.
        case regular
        /// A directory: the object has its path with a `/` at the end for a name, and no bytes.
        case directory
        /// A symbolic link: the object's bytes are its target.
        case symbolicLink
    }

    /// What it was.
    public var kind: Kind
    /// The permission bits, with set-user-id, set-group-id and sticky: 12 bits.
    public var mode: UInt16
    /// When it was modified: whole seconds since 1970.
    public var modifiedSeconds: Int
    /// Nanoseconds beyond them, fewer than 1,000,000,000.
    public var modifiedNanoseconds: Int
    /// The number of the user who owned it.
    public var ownerID: UInt32
    /// The number of its group.
    public var groupID: UInt32
    /// Whether the time of modification was two seconds old or more when the file was read, so that it tells every
    /// later change of the file.
    public var isSettled: Bool
    /// Extended attributes that are kept of it: values by names with their namespace, both bytes, for neither need be
    /// text. A name has 1 to 255 bytes, none of them 0; all names and values have 16,384 at most. Of these, nothing tells
    /// a file that had none from one whose attributes weren't kept.
    public var attributes: [[UInt8]: [UInt8]]
    /// Of a file that had several names 16 bytes that its names have in common, and no other file of the tree; nil of one
    /// with a single name. A get of a tree links names with the same again, if they are otherwise alike and their objects
    /// have their bytes in common, or are small and have the same.
    public var link: [UInt8]?

    /// Properties that say these things.
    public init(
        kind: Kind = .regular, mode: UInt16, modifiedSeconds: Int, modifiedNanoseconds: Int,
        ownerID: UInt32, groupID: UInt32, isSettled: Bool = false,
        attributes: [[UInt8]: [UInt8]] = [:], link: [UInt8]? = nil
    ) {
        self.kind = kind
        self.mode = mode
        self.modifiedSeconds = modifiedSeconds
        self.modifiedNanoseconds = modifiedNanoseconds
        self.ownerID = ownerID
        self.groupID = groupID
        self.isSettled = isSettled
        self.attributes = attributes
        self.link = link
    }
}

extension FileProperties {
    private static let kinds: [(Kind, FileNote.Kind)] = [
        (.regular, .regular), (.directory, .directory), (.symbolicLink, .symbolicLink),
    ]

    init(_ note: FileNote) {
        self.init(
            kind: Self.kinds.first { $0.1 == note.kind }?.0 ?? .regular, mode: note.mode,
            modifiedSeconds: Int(note.modifiedSeconds),
            modifiedNanoseconds: Int(note.modifiedNanoseconds), ownerID: note.ownerID,
            groupID: note.groupID, isSettled: note.isSettled, attributes: note.attributes,
            link: note.link)
    }

    /// For a document.
    var note: FileNote {
        FileNote(
            kind: Self.kinds.first { $0.0 == kind }?.1 ?? .regular, isSettled: isSettled,
            mode: mode, ownerID: ownerID, groupID: groupID,
            modifiedSeconds: Int64(modifiedSeconds),
            modifiedNanoseconds: UInt32(modifiedNanoseconds), attributes: attributes, link: link)
    }

    /// Whether a file is the same, by extended attributes only if that is asked for.
    func isSame(as other: FileProperties, comparingAttributes: Bool) -> Bool {
        var file = self
        if !comparingAttributes { file.attributes = other.attributes }
        return file == other
    }

    /// Throws ``StoreError/Code/invalidArgument`` if a document can't say it.
    func check() throws(StoreError) {
        guard mode <= 0o7777, 0..<1_000_000_000 ~= modifiedNanoseconds else {
            throw StoreError(
                .invalidArgument,
                "a file's mode has 12 bits, and its time fewer than 1,000,000,000 nanoseconds")
        }
        guard link.map({ $0.count == Format.linkByteCount }) ?? true else {
            throw StoreError(
                .invalidArgument, "a file's link number has \(Format.linkByteCount) bytes")
        }
        guard FileAttributes.arePossible(attributes) else {
            throw StoreError(.invalidArgument, Self.tooManyAttributes(attributes))
        }
    }

    /// What is wrong with attributes that aren't possible.
    static func tooManyAttributes(_ attributes: [[UInt8]: [UInt8]]) -> String {
        """
        its extended attributes have \(FileAttributes.byteCount(of: attributes)) bytes, names included: \
        the most is \(Format.maximumAttributesByteCount), and names have 1 to \
        \(Format.maximumAttributeNameByteCount)
        """
    }
}
