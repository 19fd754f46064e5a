internal import SluiceREST

/// Names that are whole clouds' own: of vaults, of storage accounts. For any thread.
public struct GlobalNames: Sendable {
    private let documents: Documents

    init(_ documents: Documents) { self.documents = documents }

    /// The resource that has a name; nil if none has.
    public func resource(named name: String, kind: String) throws(ControlError) -> ResourceID? {
        try documents.document(Self.place(name, kind))?["id"]?.string.map {
            ResourceID($0.split(separator: "/").map(String.init))
        }
    }

    /// Takes a name for a resource; whether it has it now.
    func claim(_ name: String, kind: String, for id: ResourceID) throws(ControlError) -> Bool {
        let place = Self.place(name, kind)
        if try documents.add(["id": .string("\(id)")], as: place) { return true }
        guard let owner = try resource(named: name, kind: kind), owner != id else { return true }
        // A claim of a process that ended before it made the resource.
        guard try documents.document(Resources.place(owner)) == nil,
            try documents.document(VaultRules.deletedPlace(name)) == nil
        else { return false }
        try documents.put(["id": .string("\(id)")], as: place)
        return true
    }

    func release(_ name: String, kind: String) throws(ControlError) {
        try documents.remove(Self.place(name, kind))
    }

    private static func place(_ name: String, _ kind: String) -> String {
        "names/\(kind)/\(name.lowercased())"
    }
}
