/// What a store whose keys live should do, in a few variables.
struct LifeModel {
    struct Object: Equatable {
        var content: Int
        var version: Int
    }

    var objects: [Int: Object] = [:]
    /// Contents by pin.
    var pins: [String: Int] = [:]
    /// The key's versions, and whether each is enabled.
    var versions: [String]
    var isEnabled = [true]
    var isDeleted = false
    /// The version that the scope is pinned to; nil if it follows.
    var pinned: Int?
    var current = 0

    /// Whether the scope can be used; if so it has taken up the newest version that is enabled.
    mutating func enter() -> Bool {
        guard !isDeleted, isEnabled[current] else { return false }
        if pinned == nil, let newest = isEnabled.lastIndex(of: true) { current = newest }
        return true
    }

    /// What a read of an object comes to.
    mutating func answer(reading name: Int) -> String {
        guard enter() else { return "accessDenied" }
        guard let object = objects[name] else { return "notFound" }
        return isEnabled[object.version] ? "ok" : "accessDenied"
    }

    /// How many objects need each version, as participants answer.
    var census: [String] {
        var counts: [Int: Int] = [:]
        for object in objects.values { counts[object.version, default: 0] += 1 }
        return counts.map { "\(versions[$0.key])=\($0.value)" }.sorted()
    }
}
