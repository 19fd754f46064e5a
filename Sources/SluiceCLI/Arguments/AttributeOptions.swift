internal import ArgumentParser
internal import Sluice

/// What is said of an object besides its bytes.
struct AttributeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The content type.", valueName: "type"))
    var contentType: String?

    @Option(help: ArgumentHelp("What was done to the bytes, as gzip.", valueName: "coding"))
    var contentEncoding: String?

    @Option(help: ArgumentHelp("The language, as en.", valueName: "language"))
    var contentLanguage: String?

    @Option(help: ArgumentHelp("How to show it, as attachment.", valueName: "disposition"))
    var contentDisposition: String?

    @Option(help: ArgumentHelp("How caches may keep it, as no-store.", valueName: "directive"))
    var cacheControl: String?

    @Option(help: "What it is kept as: a note, on which nothing acts.")
    var tier: AccessTier?

    @Option(
        name: .customLong("tag"),
        help: ArgumentHelp("A tag; may be repeated.", valueName: "key=value"),
        transform: KeyValueArgument.parse)
    var tags: [KeyValueArgument] = []

    @Option(
        name: .customLong("meta"),
        help: ArgumentHelp("User metadata; may be repeated.", valueName: "key=value"),
        transform: KeyValueArgument.parse)
    var metadata: [KeyValueArgument] = []

    func validate() throws {
        _ = try tags.dictionary(of: "--tag")
        _ = try metadata.dictionary(of: "--meta")
    }

    /// Whether nothing is said.
    var isEmpty: Bool {
        contentType == nil && contentEncoding == nil && contentLanguage == nil
            && contentDisposition == nil && cacheControl == nil && tier == nil && tags.isEmpty
            && metadata.isEmpty
    }

    /// Says it.
    func change(_ attributes: inout ObjectAttributes) throws(ValidationError) {
        let tags = try tags.dictionary(of: "--tag")
        let metadata = try metadata.dictionary(of: "--meta")
        let texts: [(String?, WritableKeyPath<ObjectProperties, String>)] = [
            (contentType, \.contentType), (contentEncoding, \.contentEncoding),
            (contentLanguage, \.contentLanguage), (contentDisposition, \.contentDisposition),
            (cacheControl, \.cacheControl),
        ]
        for case (let text?, let path) in texts { attributes.properties[keyPath: path] = text }
        if let tier { attributes.properties.tier = tier }
        attributes.properties.tags.merge(tags) { $1 }
        attributes.metadata.merge(metadata) { $1 }
    }
}
