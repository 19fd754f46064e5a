internal import Sluice

/// A scope as `--json` prints it.
struct ScopeDocument: Encodable {
    struct Census: Encodable {
        let keyIdentifier: KeyIdentifier
        let objectCount: Int
        let byteCount: Int
    }

    let name: String
    let keySetting: KeyIdentifier
    let currentKeyIdentifier: KeyIdentifier
    let isPinned: Bool
    let rewrapMode: String
    let pollSeconds: Int
    let keepsVersions: Bool
    let removedSeconds: Int
    let wrapping: String
    let identity: String?
    let created: String
    let census: [Census]

    init(_ info: ScopeInfo) {
        name = info.name.description
        keySetting = info.keySetting
        currentKeyIdentifier = info.currentKey
        isPinned = info.keySetting.version != nil
        rewrapMode = info.rewrapMode.rawValue
        pollSeconds = Int(info.pollInterval.components.seconds)
        keepsVersions = info.retention.keepsVersions
        removedSeconds = Int(info.retention.keepsRemovedFor.components.seconds)
        wrapping = info.wrapping.rawValue
        identity = info.identity?.objectID
        created = Timestamp(milliseconds: info.createdMilliseconds).description
        census = info.census.map {
            Census(keyIdentifier: $0.key, objectCount: $0.objectCount, byteCount: $0.byteCount)
        }
    }
}

extension ScopeInfo {
    /// Objects under any key version.
    var objectCount: Int { census.reduce(0) { $0 + $1.objectCount } }

    /// Their plaintext bytes.
    var byteCount: Int { census.reduce(0) { $0 + $1.byteCount } }

    /// For people: the scope, its key, and what is under which version of it.
    var text: String {
        var fields = Table(.left, .left)
        fields.append(["scope", name.description])
        fields.append(["key", keySetting.description])
        fields.append(["in use", currentKey.description])
        fields.append(["newer versions", takeUp])
        fields.append(["older objects", rewrapping])
        fields.append(["wrapping", wrappingText])
        if let identity { fields.append(["asks as", identity.objectID]) }
        if retention != RetentionPolicy() { fields.append(["keeps", kept]) }
        fields.append(["created", "\(Timestamp(milliseconds: createdMilliseconds).inTable) UTC"])
        for entry in census {
            let objects = Quantity.count(entry.objectCount, "object")
            fields.append(
                ["census", "\(objects), \(Quantity.bytes(entry.byteCount)) under \(entry.key)"])
        }
        return fields.text
    }

    private var takeUp: String {
        if keySetting.version != nil { return "are not taken up: the key's version is pinned" }
        let seconds = pollInterval.components.seconds
        return seconds == 0 ? "are taken up at once" : "are looked for every \(seconds) s"
    }

    private var kept: String {
        let seconds = retention.keepsRemovedFor.components.seconds
        let removed = "what is removed for \(seconds) s"
        guard retention.keepsVersions else { return removed }
        return "versions" + (seconds > 0 ? ", and \(removed)" : "")
    }

    private var wrappingText: String {
        switch wrapping {
        case .direct: "direct: each data key is wrapped under the key"
        case .intermediate:
            "intermediate: data keys are sealed under one that is wrapped under the key"
        }
    }

    private var rewrapping: String {
        switch rewrapMode {
        case .onRewrite: "come under the version in use when they are rewritten"
        case .onRead: "come under the version in use when they are read or rewritten"
        }
    }
}
