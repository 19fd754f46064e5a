extension Store {
    /// Forgets the keys of objects, so that the next get of each takes a key operation: for
    /// benchmarks.
    package func forgetObjectKeys() {
        knownObjects.removeAll()
        dataKeyCache.removeAll()
    }
}
