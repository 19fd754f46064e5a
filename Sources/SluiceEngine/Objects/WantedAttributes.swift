internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// The extended attributes that a file of a tree has, or is to have. Thread-safe.
///
/// Our own note on a file is none of them. What a file has besides those that are wanted counts, and is removed, if its
/// owner has given it: the system gives files attributes of its own.
final class WantedAttributes: Sendable {
    /// The attribute of a file that says which state of an object it was got from: an entity tag.
    static let noteName = "sluice.tag"

    private static let ownNote = Array("user.\(noteName)".utf8)
    /// What gives a program rights: as the set-user-id bit, it is for who asks for owners.
    private static let capability = Array("security.capability".utf8)
    private static let givenByOwners = ["user.", "system.posix_acl_"].map { Array($0.utf8) }

    private let values: [[UInt8]: [UInt8]]
    private let unset = Mutex<Unset?>(nil)

    private struct Unset {
        var names: [[UInt8]]
        let error: SystemError
    }

    init(_ file: FileProperties, restoresOwners: Bool) {
        values = file.attributes.filter {
            $0.key != Self.ownNote && (restoresOwners || $0.key != Self.capability)
        }
    }

    /// Those that a file has, to be kept with it; throws if they are more than can be.
    ///
    /// - Parameter printable: What errors call the file.
    static func kept(
        of file: ExtendedAttributes, _ printable: String
    ) throws(StoreError) -> [[UInt8]: [UInt8]] {
        var attributes = try translated("put") { () throws(SystemError) in try file.all() }
        attributes[ownNote] = nil
        guard FileAttributes.arePossible(attributes) else {
            throw StoreError(
                .inputOutput,
                "'\(printable)' was left out: \(FileProperties.tooManyAttributes(attributes))",
                about: .file(printable),
                remedies: [.other("remove some of them, or put it without its extended attributes")]
            )
        }
        return attributes
    }

    /// Whether something has them.
    func areThose(of file: ExtendedAttributes) -> Bool {
        guard let names = try? file.names(), !names.contains(where: isExtra) else { return false }
        return values.allSatisfy { (try? file.value(of: $0.key)) == $0.value }
    }

    /// Gives something all that it can have; ``refusal(of:)`` tells of the rest.
    func set(on file: ExtendedAttributes) {
        var unset: Unset?
        func attempt(_ name: [UInt8], _ body: () throws(SystemError) -> Void) {
            do throws(SystemError) {
                try body()
            } catch {
                if unset == nil { unset = Unset(names: [], error: error) }
                unset?.names.append(name)
            }
        }
        for name in (try? file.names()) ?? [] where isExtra(name) {
            attempt(name) { () throws(SystemError) in try file.remove(name) }
        }
        for (name, value) in values.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            attempt(name) { () throws(SystemError) in
                if try file.value(of: name) != value { try file.set(name, to: value) }
            }
        }
        self.unset.withLock { [unset] in $0 = unset }
    }

    /// What couldn't be set when it last was; nil if nothing.
    func refusal(of name: ObjectName) -> StoreError? {
        unset.withLock(\.self).map { unset in
            let names = unset.names.map { "'\(ObjectName.printable($0))'" }
            return StoreError(
                .inputOutput,
                """
                '\(name)' was got, but extended attributes of it couldn't be set \
                (\(names.joined(separator: ", "))): \(unset.error.reason)
                """, about: .object(name.description),
                remedies: [
                    .other(
                        "get it as root, to a file system that keeps them, or without extended attributes"
                    )
                ], cause: unset.error)
        }
    }

    private func isExtra(_ name: [UInt8]) -> Bool {
        name != Self.ownNote && values[name] == nil
            && Self.givenByOwners.contains { name.starts(with: $0) }
    }
}
