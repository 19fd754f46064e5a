internal import SluiceNative

/// Files of a directory that gets write there, under names of their own as long as they are not whole: where
/// the file system knows no files without a name, and, for a moment, where one is to take another's place.
///
/// Who writes one holds a lock on it, which ends with its process. One that isn't locked was left by a process
/// that was killed, and the next get into the directory removes it. Names are numbers, so that they are
/// found without reading the directory, which may be large.
struct PartialFiles {
    let directory: Directory

    private static func name(_ number: Int) -> String { ".sluice-get-\(number)" }

    /// So many names are looked at, and those that follow as long as there are any: more than are ever in use
    /// at once, unless so many gets write to one directory.
    private static let sweptCount = 64
    private static let sweptLimit = 4096

    /// Makes a file that is open for reading and writing, and locked.
    func make() throws(SystemError) -> (file: File, name: String) {
        var number = 0
        while true {
            let name = Self.name(number)
            do throws(SystemError) {
                let file = try directory.createExclusively(name)
                // Before it is locked it looks like one that was left behind.
                if Self.lock(file), isStill(file, name) { return (file, name) }
            } catch {
                guard error.isExists else { throw error }
            }
            number += 1
        }
    }

    /// Gives a file that has no name one of these, locked before.
    func link(_ file: File) throws(SystemError) -> String {
        _ = Self.lock(file)
        let owner = try file.status().ownerID
        var number = 0
        while true {
            let name = Self.name(number)
            do throws(SystemError) {
                try file.link(into: directory, name: name)
                return name
            } catch {
                guard error.isExists else { throw error }
            }
            if !remove(name, owner: owner) { number += 1 }
        }
    }

    /// A link that has got no name of its own yet was left behind if it is older than this: it has one at once.
    private static let linkSeconds = 60

    /// Makes a symbolic link that is to take another's place, under one of these names. It can't be locked.
    func makeSymbolicLink(to target: [UInt8]) throws(SystemError) -> String {
        var number = 0
        while true {
            let name = Self.name(number)
            do throws(SystemError) {
                try directory.makeSymbolicLink(name, to: target)
                return name
            } catch {
                guard error.isExists else { throw error }
            }
            if let status = try? directory.status(name), status.kind == .symbolicLink,
                status.changed.seconds < WallClock.nowMilliseconds / 1000 - Self.linkSeconds,
                (try? directory.unlink(name)) != nil
            {
                continue
            }
            number += 1
        }
    }

    /// Gives a file that has a name in another directory one in this, in the place of what has it.
    ///
    /// Throws `SystemError.isExchanged` if another file has that first name by now: it is not linked to.
    func link(
        _ other: String, in source: Directory, _ file: FileStatus.Identity, to name: String,
        if isSame: (FileStatus) -> Bool
    ) throws(SystemError) {
        var number = 0
        while true {
            let partialName = Self.name(number)
            do throws(SystemError) {
                try source.link(other, to: partialName, in: directory)
            } catch {
                guard error.isExists else { throw error }
                number += 1
                continue
            }
            do throws(SystemError) {
                let status = try directory.status(partialName)
                guard status.identity == file, isSame(status) else { throw .exchanged(other) }
                return try directory.replace(name, with: partialName)
            } catch {
                try? directory.unlink(partialName)
                throw error
            }
        }
    }

    /// Whether something may be one of these, by its name.
    static func isPartial(_ name: ArraySlice<UInt8>) -> Bool {
        name.starts(with: ".sluice-get-".utf8)
    }

    /// Removes what was left behind.
    ///
    /// - Parameter owner: Whose files that are made here are; those of others stay.
    func sweep(owner: UInt32) {
        var number = 0
        while number < Self.sweptLimit {
            let name = Self.name(number)
            if (try? directory.status(name)) != nil {
                _ = remove(name, owner: owner)
            } else if number >= Self.sweptCount {
                return
            }
            number += 1
        }
    }

    // MARK: Inside

    /// Removes a file if nobody is writing it; what can't be looked at stays.
    private func remove(_ name: String, owner: UInt32) -> Bool {
        guard let status = try? directory.status(name), Self.isOurs(status, owner),
            let file = try? directory.openFile(name, .readWrite),
            let opened = try? file.status(), Self.isOurs(opened, owner),
            (try? file.tryLock(offset: 0, byteCount: 1, exclusive: true)) == true,
            isStill(file, name)
        else { return false }
        return (try? directory.unlink(name)) != nil
    }

    /// Not a link, a pipe or a file that somebody else has put there.
    private static func isOurs(_ status: FileStatus, _ owner: UInt32) -> Bool {
        status.kind == .regular && status.ownerID == owner
    }

    /// Whether the name still leads to the file.
    private func isStill(_ file: File, _ name: String) -> Bool {
        guard let named = try? directory.status(name), let opened = try? file.status() else {
            return false
        }
        return named.identity == opened.identity
    }

    /// False if somebody else was first. Where the file system has no locks nothing is removed, either.
    private static func lock(_ file: File) -> Bool {
        (try? file.tryLock(offset: 0, byteCount: 1, exclusive: true)) ?? true
    }
}
