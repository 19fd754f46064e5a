internal import SluiceFormat

/// Names a part of an upload: 1 to 64 bytes of UTF-8, compared as bytes.
public struct PartID: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    let utf8: [UInt8]

    /// The id with this text; ``StoreError/Code/invalidName`` if it is empty, or too long.
    public init(_ text: String) throws(StoreError) {
        try self.init(utf8: Array(text.utf8))
    }

    /// The id that is written here, which the compiler can't check: the process ends if it is empty, or too long.
    public init(stringLiteral text: String) {
        utf8 = Array(text.utf8)
        precondition(Self.isPossible(utf8), "a part's id has 1 to 64 bytes")
    }

    init(utf8: [UInt8]) throws(StoreError) {
        guard Self.isPossible(utf8), String(validating: utf8, as: UTF8.self) != nil else {
            throw StoreError(
                .invalidName,
                "a part's id has 1 to \(Format.maximumPartIDByteCount) bytes of UTF-8, not \(utf8.count)"
            )
        }
        self.utf8 = utf8
    }

    private static func isPossible(_ utf8: [UInt8]) -> Bool {
        (1...Format.maximumPartIDByteCount).contains(utf8.count)
    }

    /// The id's text.
    public var description: String { String(decoding: utf8, as: UTF8.self) }
}

/// A part of an upload that isn't committed.
public struct PartInfo: Hashable, Sendable {
    /// The id under which it was put.
    public let id: PartID
    /// Its bytes.
    public let byteCount: Int
    /// When it was put, in milliseconds since 1970.
    public let createdMilliseconds: Int
}

/// Which part a commit names.
public struct PartChoice: Hashable, Sendable, ExpressibleByStringLiteral {
    /// Where a part of that id is looked for.
    public enum Place: Hashable, Sendable {
        /// Among the uncommitted ones or, if there is none, in the object that has the name now.
        case latest
        /// Among the uncommitted ones.
        case uncommitted
        /// In the object that has the name now.
        case committed
    }

    /// The part's id.
    public let id: PartID
    /// Where it is looked for.
    public let place: Place

    /// The part with this id.
    public init(_ id: PartID, _ place: Place = .latest) {
        self.id = id
        self.place = place
    }

    /// The part with this id, wherever it is.
    public init(stringLiteral text: String) {
        self.init(PartID(stringLiteral: text))
    }
}

extension PartChoice.Place {
    /// What a message says of the part.
    var words: String {
        switch self {
        case .latest: ""
        case .uncommitted: "uncommitted "
        case .committed: "committed "
        }
    }
}
