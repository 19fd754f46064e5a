extension Directory {
    /// Makes a file, mode 0600, that appears with all its bytes and durably, or not at all.
    ///
    /// - Returns: Whether it was made; not if there is anything of that name.
    public func createWhole(_ name: String, _ bytes: Span<UInt8>) throws(SystemError) -> Bool {
        do throws(SystemError) {
            if let file = try createUnnamed() {
                try file.write(bytes)
                try file.sync()
                try file.link(into: self, name: name)
            } else {
                // No unnamed files here. What a crash leaves of this one is in the way of nobody.
                let staged = ".\(name).\(Environment.processID).\(MonotonicClock.nowNanoseconds)"
                let file = try createExclusively(staged)
                defer { try? unlink(staged) }
                try file.write(bytes)
                try file.sync()
                try file.link(into: self, name: name)
            }
        } catch {
            if error.isExists { return false }
            throw error
        }
        try sync()
        return true
    }

    /// Puts a file, mode 0600, in the place of the one of that name, if there is one: whoever looks finds the old
    /// or the new, whole. Durable when it returns.
    ///
    /// What the old one held is overwritten then, see ``eraseContents(of:)``. For one caller at a time in the
    /// directory: a crash leaves at most a file of ``stagedName(_:)``, which the next call removes.
    public func replaceWhole(_ name: String, _ bytes: Span<UInt8>) throws(SystemError) {
        let staged = Self.stagedName(name)
        if try statusIfThere(staged) != nil { try erase(staged) }
        let file = try createExclusively(staged)
        do throws(SystemError) {
            try file.write(bytes)
            try file.sync()
            let old = try statusIfThere(name) == nil ? nil : try openFile(name, .readWrite)
            try replace(name, with: staged)
            try sync()
            if let old { Self.eraseContents(of: old) }
        } catch {
            try? unlink(staged)
            throw error
        }
    }

    /// What a file is called that is to take the place of another.
    public static func stagedName(_ name: String) -> String { ".\(name).new" }

    /// Removes a file's name, durably, and overwrites what it held; does nothing if there is none of that name.
    public func erase(_ name: String) throws(SystemError) {
        guard try statusIfThere(name) != nil else { return }
        // What is no file, or can't be written, still goes.
        let file = try? openFile(name, .readWrite)
        try unlink(name)
        try sync()
        if let file { Self.eraseContents(of: file) }
    }

    /// Overwrites a file that has no name any more with zeros. One that has another name is kept as it is: somebody
    /// has linked it.
    ///
    /// Promises nothing: a file system that writes elsewhere than where it was, snapshots and the disk itself may keep
    /// what was there.
    private static func eraseContents(of file: File) {
        guard let status = try? file.status(), status.kind == .regular, status.linkCount == 0
        else { return }
        let zeros = [UInt8](repeating: 0, count: status.byteCount)
        guard (try? file.write(zeros.span, at: 0)) != nil else { return }
        try? file.sync()
    }
}
