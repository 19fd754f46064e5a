extension Store {
    /// Forgets the keys of objects, so that the next get of each takes a key operation: for
    /// benchmarks.
    package func forgetObjectKeys() {
        knownObjects.removeAll()
        dataKeyCache.removeAll()
    }

    /// Does so many times what a read of an object does to release a chunk, and releases nothing: for
    /// benchmarks. Returns how often it did.
    package func releaseNothing(of name: ObjectName, count: Int) throws(StoreError) -> Int {
        try withContent(of: name, in: .default) { content throws(StoreError) in
            var reading = try reading(content.object)
            var done = 0
            for _ in 0..<count {
                try access.release(&reading) { () throws(StoreError) in done += 1 }
            }
            return done
        }
    }
}
