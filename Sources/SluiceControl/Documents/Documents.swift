internal import Sluice
internal import SluiceNative
public import SluiceREST

/// JSON documents by name, each sealed in a Sluice store; several processes may have them. For any thread.
public final class Documents: Sendable {
    private let store: Store

    /// Documents of a store that nobody else puts anything into.
    init(_ store: Store) { self.store = store }

    /// A document and the tag of its state.
    struct Versioned {
        var document: JSON
        var tag: EntityTag
    }

    /// A document; nil if there is none.
    public func document(_ name: String) throws(ControlError) -> JSON? {
        try versioned(name)?.document
    }

    func versioned(_ name: String) throws(ControlError) -> Versioned? {
        do throws(StoreError) {
            let object = try store.open(Self.objectName(name))
            let bytes = try object.read()
            return Versioned(document: try Self.read(bytes, name), tag: object.info.entityTag)
        } catch  where error.code == .notFound {
            return nil
        } catch {
            throw ControlError(store: error)
        }
    }

    /// Puts a document in the place of what is there.
    public func put(_ document: JSON, as name: String) throws(ControlError) {
        _ = try put(document, as: name, if: .always)
    }

    /// Puts a document if there is none of the name; whether it did.
    public func add(_ document: JSON, as name: String) throws(ControlError) -> Bool {
        try put(document, as: name, if: .absent)
    }

    private func put(
        _ document: JSON, as name: String, if condition: Condition
    ) throws(ControlError) -> Bool {
        do throws(StoreError) {
            try store.put(
                document.encoded, as: Self.objectName(name),
                options: PutOptions(condition: condition))
            return true
        } catch  where [.alreadyExists, .conditionNotMet].contains(error.code) {
            return false
        } catch {
            throw ControlError(store: error)
        }
    }

    /// Changes a document, or makes it. `change` is given what is there, and called again if somebody else changed it
    /// meanwhile; what it throws is thrown, and nothing is changed.
    ///
    /// - Returns: The document before, and as it is now.
    @discardableResult
    public func change(
        _ name: String, _ change: (JSON?) throws(ControlError) -> JSON
    ) throws(ControlError) -> (old: JSON?, new: JSON) {
        for _ in 0..<64 {
            let old = try versioned(name)
            let new = try change(old?.document)
            let condition = old.map { Condition.matches($0.tag) } ?? .absent
            if try put(new, as: name, if: condition) { return (old?.document, new) }
        }
        throw ControlError(
            .conflict, "Conflict", "Others are changing '\(name)' all the time: try again.")
    }

    /// Removes a document; whether there was one.
    @discardableResult
    public func remove(_ name: String) throws(ControlError) -> Bool {
        do throws(StoreError) {
            try store.remove(Self.objectName(name))
            return true
        } catch  where error.code == .notFound {
            return false
        } catch {
            throw ControlError(store: error)
        }
    }

    /// The names that begin with a prefix, in byte order.
    public func names(under prefix: String) throws(ControlError) -> [String] {
        var names: [String] = []
        do throws(StoreError) {
            for entry in try store.list(ListOptions(prefix: prefix)).entries {
                names.append(entry.name.description)
            }
        } catch {
            throw ControlError(store: error)
        }
        return names
    }

    /// The documents whose names begin with a prefix, in byte order of the names; what is removed meanwhile is left out.
    public func documents(
        under prefix: String
    ) throws(ControlError) -> [(name: String, document: JSON)] {
        var found: [(name: String, document: JSON)] = []
        for name in try names(under: prefix) {
            if let document = try document(name) { found.append((name, document)) }
        }
        return found
    }

    /// Closes the store.
    func close() { try? store.close() }

    private static func objectName(_ name: String) throws(StoreError) -> ObjectName {
        try ObjectName(name)
    }

    private static func read(_ bytes: [UInt8], _ name: String) throws(StoreError) -> JSON {
        do throws(JSONFormatError) {
            return try JSONReader.read(bytes)
        } catch {
            throw StoreError(.integrity, "the document '\(name)' is no JSON: \(error.reason)")
        }
    }
}

extension ControlError {
    /// What a store's error is to a client: a name that can't be, or a failure whose reason is the server's to know.
    init(store error: StoreError) {
        switch error.code {
        case .invalidName, .invalidArgument:
            self.init(
                .badRequest, "InvalidResourceName",
                "The name can't be used: \(error.details.reason).")
        default:
            self.init(
                .failed, "InternalServerError",
                "The service's store failed: \(error.details.reason).")
        }
    }
}
