/// The properties of an account's Blob service. They are kept and shown; of them soft deletion alone does something.
public struct ServiceProperties: Hashable, Sendable {
    /// For how long something is kept.
    public struct Retention: Hashable, Sendable {
        /// Whether it ends.
        public var isEnabled = false
        /// In days, 1 to 365.
        public var days: Int?
    }

    /// What is logged.
    public struct Logging: Hashable, Sendable {
        /// Of the log's format.
        public var version = "1.0"
        /// Whether deletions are.
        public var deletes = false
        /// Whether reads are.
        public var reads = false
        /// Whether writes are.
        public var writes = false
        /// For how long it is kept.
        public var retention = Retention()
    }

    /// What is counted.
    public struct Metrics: Hashable, Sendable {
        /// Of the metrics' format.
        public var version = "1.0"
        /// Whether anything is.
        public var isEnabled = false
        /// Whether each operation is by itself; nil where nothing is.
        public var includesAPIs: Bool?
        /// For how long it is kept.
        public var retention = Retention()
    }

    /// From where browsers may ask.
    public struct CORSRule: Hashable, Sendable {
        /// Origins, separated by commas.
        public var origins = ""
        /// Methods, separated by commas.
        public var methods = ""
        /// Headers of requests, separated by commas.
        public var headers = ""
        /// Headers of answers, separated by commas.
        public var exposed = ""
        /// For how long an answer to a preflight holds, in seconds.
        public var maximumAge = 0
    }

    /// The most rules for browsers.
    public static let mostRules = 5

    /// What is logged.
    public var logging = Logging()
    /// What is counted by the hour.
    public var hourMetrics = Metrics()
    /// What is counted by the minute.
    public var minuteMetrics = Metrics()
    /// From where browsers may ask.
    public var rules: [CORSRule] = []
    /// The version of requests that name none.
    public var defaultVersion: String?
    /// For how long deleted blobs can be brought back.
    public var deletedBlobs = Retention()
    /// Whether they can be deleted for good before.
    public var allowsPermanentDelete = false

    /// What an account has that nobody has set.
    public init() {}

    /// These with what a document of Set Blob Service Properties says; what it doesn't say stays.
    ///
    /// Throws `InvalidXmlDocument`, `InvalidXmlNodeValue`, `MissingRequiredXmlNode`, and `NotImplemented` for a static website.
    public func changed(by document: [UInt8]) throws(BlobRefusal) -> Self {
        var changed = self
        var reader = try XMLReader(document, root: "StorageServiceProperties")
        while let name = try reader.child() {
            switch name {
            case "Logging": changed.logging = try Self.logging(&reader)
            case "HourMetrics": changed.hourMetrics = try Self.metrics(&reader)
            case "MinuteMetrics": changed.minuteMetrics = try Self.metrics(&reader)
            case "Cors": changed.rules = try Self.rules(&reader)
            case "DefaultServiceVersion":
                let text = try reader.text()
                guard BlobTime(iso: text) != nil, text.utf8.count == 10 else { throw .node(name) }
                changed.defaultVersion = text
            case "DeleteRetentionPolicy": try changed.readDeletedBlobs(&reader)
            case "StaticWebsite": try Self.website(&reader)
            default: throw .node(name, .unsupportedXmlNode)
            }
        }
        try reader.finish()
        return changed
    }

    // MARK: Reading

    private static func flag(_ name: String, _ reader: inout XMLReader) throws(BlobRefusal) -> Bool
    {
        switch try reader.text() {
        case "true": return true
        case "false": return false
        default: throw .node(name)
        }
    }

    private static func days(_ reader: inout XMLReader) throws(BlobRefusal) -> Int {
        guard let days = Int(try reader.text()), (1...365).contains(days) else {
            throw .node("Days")
        }
        return days
    }

    private static func retention(_ reader: inout XMLReader) throws(BlobRefusal) -> Retention {
        var retention = Retention()
        while let name = try reader.child() {
            switch name {
            case "Enabled": retention.isEnabled = try flag(name, &reader)
            case "Days": retention.days = try days(&reader)
            default: throw .node(name, .unsupportedXmlNode)
            }
        }
        try check(retention)
        return retention
    }

    private static func check(_ retention: Retention) throws(BlobRefusal) {
        guard !retention.isEnabled || retention.days != nil else {
            throw .node("Days", .missingRequiredXmlNode)
        }
    }

    private static func logging(_ reader: inout XMLReader) throws(BlobRefusal) -> Logging {
        var logging = Logging()
        while let name = try reader.child() {
            switch name {
            case "Version": logging.version = try reader.text()
            case "Delete": logging.deletes = try flag(name, &reader)
            case "Read": logging.reads = try flag(name, &reader)
            case "Write": logging.writes = try flag(name, &reader)
            case "RetentionPolicy": logging.retention = try retention(&reader)
            default: throw .node(name, .unsupportedXmlNode)
            }
        }
        return logging
    }

    private static func metrics(_ reader: inout XMLReader) throws(BlobRefusal) -> Metrics {
        var metrics = Metrics()
        while let name = try reader.child() {
            switch name {
            case "Version": metrics.version = try reader.text()
            case "Enabled": metrics.isEnabled = try flag(name, &reader)
            case "IncludeAPIs": metrics.includesAPIs = try flag(name, &reader)
            case "RetentionPolicy": metrics.retention = try retention(&reader)
            default: throw .node(name, .unsupportedXmlNode)
            }
        }
        return metrics
    }

    private static func rules(_ reader: inout XMLReader) throws(BlobRefusal) -> [CORSRule] {
        var rules: [CORSRule] = []
        while let name = try reader.child() {
            guard name == "CorsRule" else { throw .node(name, .unsupportedXmlNode) }
            guard rules.count < mostRules else {
                throw BlobRefusal(.invalidXmlDocument, "There are at most \(mostRules) rules.")
            }
            var rule = CORSRule()
            while let name = try reader.child() {
                let text = try reader.text()
                switch name {
                case "AllowedOrigins": rule.origins = text
                case "AllowedMethods": rule.methods = text
                case "AllowedHeaders": rule.headers = text
                case "ExposedHeaders": rule.exposed = text
                case "MaxAgeInSeconds":
                    guard let age = Int(text), age >= 0 else { throw .node(name) }
                    rule.maximumAge = age
                default: throw .node(name, .unsupportedXmlNode)
                }
            }
            rules.append(rule)
        }
        return rules
    }

    private mutating func readDeletedBlobs(_ reader: inout XMLReader) throws(BlobRefusal) {
        deletedBlobs = Retention()
        allowsPermanentDelete = false
        while let name = try reader.child() {
            switch name {
            case "Enabled": deletedBlobs.isEnabled = try Self.flag(name, &reader)
            case "Days": deletedBlobs.days = try Self.days(&reader)
            case "AllowPermanentDelete": allowsPermanentDelete = try Self.flag(name, &reader)
            default: throw .node(name, .unsupportedXmlNode)
            }
        }
        try Self.check(deletedBlobs)
    }

    private static func website(_ reader: inout XMLReader) throws(BlobRefusal) {
        while let name = try reader.child() {
            guard name == "Enabled" else {
                try reader.skip()
                continue
            }
            if try flag(name, &reader) { throw .notEmulated("Static websites") }
        }
    }
}

// MARK: Writing

extension ServiceProperties {
    /// The document of Get Blob Service Properties.
    public var document: [UInt8] {
        var writer = XMLWriter()
        writer.open("StorageServiceProperties")
        writer.open("Logging")
        writer.element("Version", logging.version)
        writer.element("Read", logging.reads)
        writer.element("Write", logging.writes)
        writer.element("Delete", logging.deletes)
        Self.write(logging.retention, "RetentionPolicy", &writer)
        writer.close("Logging")
        for (name, metrics) in [("HourMetrics", hourMetrics), ("MinuteMetrics", minuteMetrics)] {
            writer.open(name)
            writer.element("Version", metrics.version)
            writer.element("Enabled", metrics.isEnabled)
            if let includesAPIs = metrics.includesAPIs {
                writer.element("IncludeAPIs", includesAPIs)
            }
            Self.write(metrics.retention, "RetentionPolicy", &writer)
            writer.close(name)
        }
        writer.open("Cors")
        for rule in rules {
            writer.open("CorsRule")
            writer.element("AllowedMethods", rule.methods)
            writer.element("AllowedOrigins", rule.origins)
            writer.element("AllowedHeaders", rule.headers)
            writer.element("ExposedHeaders", rule.exposed)
            writer.element("MaxAgeInSeconds", rule.maximumAge)
            writer.close("CorsRule")
        }
        writer.close("Cors")
        writer.element("DefaultServiceVersion", ifPresent: defaultVersion)
        Self.write(
            deletedBlobs, "DeleteRetentionPolicy", &writer, permanent: allowsPermanentDelete)
        writer.open("StaticWebsite")
        writer.element("Enabled", false)
        writer.close("StaticWebsite")
        writer.close("StorageServiceProperties")
        return writer.bytes
    }

    private static func write(
        _ retention: Retention, _ name: String, _ writer: inout XMLWriter, permanent: Bool? = nil
    ) {
        writer.open(name)
        writer.element("Enabled", retention.isEnabled)
        if let days = retention.days { writer.element("Days", days) }
        if let permanent { writer.element("AllowPermanentDelete", permanent) }
        writer.close(name)
    }

    /// The document of Get Blob Service Stats, of an account whose second region has everything up to a time.
    public static func stats(lastSync: BlobTime) -> [UInt8] {
        var writer = XMLWriter()
        writer.open("StorageServiceStats")
        writer.open("GeoReplication")
        writer.element("Status", "live")
        writer.element("LastSyncTime", lastSync)
        writer.close("GeoReplication")
        writer.close("StorageServiceStats")
        return writer.bytes
    }
}
