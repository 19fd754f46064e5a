/// What an object of extents is made of: the blobs that it references, and what they were found by, which must be so
/// still when it is committed. Immutable; a class, for most puts have none.
final class ExtentBasis: Sendable {
    /// A blob that an object references, as large as it should be.
    struct Reference: Hashable, Sendable {
        let blobID: [UInt8]
        let storedByteCount: Int
    }

    /// An uncommitted part, as it was looked at.
    struct Part: Sendable {
        let rowID: Int
        let revision: [UInt8]
    }

    /// An object that has the blobs, as it was looked at.
    struct Source: Sendable {
        /// The row of the scope that has its name.
        let scope: Int
        let rowID: Int
        let revision: [UInt8]
    }

    /// Blobs that rows name already, each once.
    let references: Set<Reference>
    /// Blobs that no row names yet.
    let added: Set<Reference>
    /// They are committed parts then, and their rows go.
    let parts: [Part]
    let source: Source?
    /// Whether the uncommitted parts of the name go that were left out.
    let endsUpload: Bool

    init(
        _ references: Set<Reference>, adding added: Set<Reference> = [], parts: [Part] = [],
        source: Source? = nil, endsUpload: Bool = false
    ) {
        self.references = references
        self.added = added
        self.parts = parts
        self.source = source
        self.endsUpload = endsUpload
    }
}
