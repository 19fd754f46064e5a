/// The scopes that are open, and which of them are not used any more: when as many as half of the limit were used
/// since the last turn, the others go. For one thread at a time.
struct OpenScopes {
    private var young: [ScopeName: Scope] = [:]
    private var old: [ScopeName: Scope] = [:]

    private let limit: Int

    /// For `limit` scopes at most.
    init(limit: Int) {
        self.limit = max(2, limit)
    }

    /// The scope of that name, which is used by this.
    subscript(name: ScopeName) -> Scope? {
        mutating get {
            if let scope = young[name] { return scope }
            guard let scope = old[name] else { return nil }
            if young.count < limit / 2 {
                old[name] = nil
                young[name] = scope
            }
            return scope
        }
    }

    var all: [ScopeName: Scope] { young.merging(old) { young, _ in young } }

    /// Takes a scope in the place of the one that has its name; returns those that go for it.
    mutating func insert(_ scope: Scope, as name: ScopeName) -> [Scope] {
        _ = remove(name)
        let unused = young.count < limit / 2 ? [] : turn()
        young[name] = scope
        return unused
    }

    private mutating func turn() -> [Scope] {
        let unused = Array(old.values)
        old = young
        young = [:]
        return unused
    }

    mutating func removeAll() {
        young = [:]
        old = [:]
    }

    mutating func remove(_ name: ScopeName) -> Scope? {
        let (newer, older) = (young.removeValue(forKey: name), old.removeValue(forKey: name))
        return newer ?? older
    }
}
