internal import SluiceNative
public import SluiceREST

/// The resources of all subscriptions: each a document, with the rules of its type. For any thread.
public final class Resources: Sendable {
    private let documents: Documents
    private let identities: ManagedIdentities
    private let state: HomeState
    private let rules: [String: any ResourceRules]

    init(
        _ documents: Documents, _ identities: ManagedIdentities, _ state: HomeState,
        rules: [any ResourceRules]
    ) {
        self.documents = documents
        self.identities = identities
        self.state = state
        self.rules = Dictionary(uniqueKeysWithValues: rules.map { ($0.type.lowercased(), $0) })
    }

    static func place(_ id: ResourceID) -> String { "resources\(id.key)" }

    /// Of which resource a document is, in lower case.
    static func id(ofPlace name: String) -> ResourceID {
        ResourceID(name.split(separator: "/").dropFirst().map(String.init))
    }

    // MARK: Reading

    /// A resource; nil if it isn't there.
    public func find(_ id: ResourceID) throws(ControlError) -> JSON? {
        try documents.document(Self.place(id))
    }

    /// A resource.
    ///
    /// - Throws: `ResourceNotFound`, `ResourceGroupNotFound`.
    public func get(_ id: ResourceID) throws(ControlError) -> JSON {
        if let document = try find(id) { return document }
        throw try Self.missing(id, isGroupThere: id.group.map(isThere) ?? true)
    }

    /// The resources within a scope: those of a type, or all but groups.
    public func list(
        within scope: ResourceID, type: String? = nil
    ) throws(ControlError) -> [JSON] {
        try documents.documents(under: Self.place(scope) + "/").map(\.document).filter { document in
            guard let found = document["type"]?.string else { return false }
            guard let type else {
                return !found.equalsIgnoringCase(GroupRules().type) && found.isTopLevel
            }
            return found.equalsIgnoringCase(type)
        }
    }

    private func isThere(_ id: ResourceID) throws(ControlError) -> Bool { try find(id) != nil }

    private static func missing(_ id: ResourceID, isGroupThere: Bool) -> ControlError {
        if let group = id.group, group == id || !isGroupThere {
            return ControlError(
                .notFound, "ResourceGroupNotFound",
                "Resource group '\(group.name)' could not be found.")
        }
        return ControlError(
            .notFound, "ResourceNotFound",
            "The Resource '\(id.type)/\(id.name)' under resource group '\(id.group?.name ?? "<null>")' was not found. "
                + "For more details please go to https://aka.ms/ARMResourceNotFoundFix")
    }

    // MARK: Changing

    /// Makes a resource, or puts another in its place; whether it is new.
    ///
    /// What the service adds stays: identities, times, addresses.
    public func put(
        _ id: ResourceID, _ body: JSON, apiVersion: String, as caller: Principal
    ) throws(ControlError) -> (document: JSON, isNew: Bool) {
        try change(id, isPatch: false, apiVersion: apiVersion, as: caller) { _ in body }
    }

    /// Changes what is said of a resource (RFC 7396); tags are replaced all together.
    ///
    /// - Throws: `ResourceNotFound`.
    public func patch(
        _ id: ResourceID, _ body: JSON, apiVersion: String, as caller: Principal
    ) throws(ControlError) -> JSON {
        try patch(id, apiVersion: apiVersion, as: caller) { _ in body }
    }

    /// Changes a resource by what `body` makes of it, which is asked again if somebody else changed it meanwhile.
    func patch(
        _ id: ResourceID, apiVersion: String, as caller: Principal,
        _ body: (JSON) throws(ControlError) -> JSON
    ) throws(ControlError) -> JSON {
        _ = try get(id)
        return try change(id, isPatch: true, apiVersion: apiVersion, as: caller) {
            old throws(ControlError) in
            guard let old else { throw Self.missing(id, isGroupThere: true) }
            return try body(old)
        }.document
    }

    private func change(
        _ id: ResourceID, isPatch: Bool, apiVersion: String, as caller: Principal,
        _ body: (JSON?) throws(ControlError) -> JSON
    ) throws(ControlError) -> (document: JSON, isNew: Bool) {
        guard let subscription = id.subscription,
            let tenant = state.tenant(ofSubscription: subscription)
        else {
            throw ControlError(
                .notFound, "SubscriptionNotFound",
                "The subscription '\(id.subscription ?? "")' could not be found.")
        }
        try requireParent(of: id)
        let rules = self.rules[id.type.lowercased()] ?? PlainRules()
        var change = ResourceChange(
            id: id, body: try body(find(id)), isPatch: isPatch, apiVersion: apiVersion,
            tenantID: tenant.id,
            caller: caller)
        try rules.check(change)
        let (old, new) = try documents.change(Self.place(id)) { old throws(ControlError) in
            change.body = try body(old)
            return try shape(old, change, rules)
        }
        var confirmations = Confirmations()
        try identities.settle(new, old: old, &confirmations)
        try rules.apply(new, id, &confirmations)
        try confirmations.require()
        return (new, old == nil)
    }

    private func requireParent(of id: ResourceID) throws(ControlError) {
        if let group = id.group, group != id, try !isThere(group) {
            throw Self.missing(group, isGroupThere: false)
        }
        guard let parent = id.parent, parent.segments.contains("providers"), try !isThere(parent)
        else { return }
        throw ControlError(
            .notFound, "ParentResourceNotFound",
            "Failed to perform 'write' on resource(s) of type '\(id.type)', because the parent resource '\(parent)' "
                + "could not be found.")
    }

    private func shape(
        _ old: JSON?, _ change: ResourceChange, _ rules: any ResourceRules
    ) throws(ControlError) -> JSON {
        var sent = change.body
        if change.isPatch, let old {
            sent = old.merged(with: change.body)
            if let tags = change.body.present("tags") { sent["tags"] = tags }
        }
        var new: JSON = [
            "id": old?["id"] ?? .string("\(change.id)"),
            "name": old?["name"] ?? .string(change.id.name),
            "type": .string(rules.type.isEmpty ? change.id.type : rules.type),
        ]
        if let location = sent.present("location")?.string ?? old?["location"]?.string {
            new["location"] = .string(location.lowercased().filter { $0 != " " })
        } else if rules.hasLocation {
            throw ControlError(
                .badRequest, "LocationRequired",
                "The location property is required for this definition: name a region, as in 'eastus'."
            )
        }
        for member in sent.object?.members ?? []
        where !["id", "name", "type", "location", "systemdata"].contains(member.name.lowercased()) {
            new[member.name] = member.value
        }
        new = try identities.shape(new, old: old, change.id, tenantID: change.tenantID)
        new = try rules.shape(new, old: old, change)
        var properties = new["properties"] ?? .object(JSONObject())
        properties["provisioningState"] = "Succeeded"
        new["properties"] = properties
        new["systemData"] = systemData(old, change.caller)
        return new
    }

    private func systemData(_ old: JSON?, _ caller: Principal) -> JSON {
        let now = JSON.string(Timestamp.text(milliseconds: WallClock.nowMilliseconds))
        let made = old?["systemData"]
        return [
            "createdBy": made?["createdBy"] ?? .string(caller.appID),
            "createdByType": "Application",
            "createdAt": made?["createdAt"] ?? now, "lastModifiedBy": .string(caller.appID),
            "lastModifiedByType": "Application", "lastModifiedAt": now,
        ]
    }

    /// Removes a resource and all that is in it or on it; whether it was there.
    @discardableResult
    public func delete(_ id: ResourceID) throws(ControlError) -> Bool {
        guard let document = try find(id) else { return false }
        var confirmations = Confirmations()
        // What is within goes first, so that an end in the middle leaves nothing without its parent.
        for (name, within) in try documents.documents(under: Self.place(id) + "/").reversed() {
            let id = Self.id(ofPlace: name)
            try remove(within, id, &confirmations)
        }
        try remove(document, id, &confirmations)
        for name in try documents.names(under: "assignments\(id.key)/") {
            try documents.remove(name)
        }
        try confirmations.require()
        return true
    }

    private func remove(
        _ document: JSON, _ id: ResourceID, _ confirmations: inout Confirmations
    ) throws(ControlError) {
        try rules[id.type.lowercased()]?.remove(document, id, &confirmations)
        try identities.settle(nil, old: document, &confirmations)
        try documents.remove(Self.place(id))
    }

    /// Brings about again what all documents say: after an end in the middle of a change.
    func redo() throws(ControlError) {
        // That a reader doesn't confirm keeps no home from opening.
        var confirmations = Confirmations()
        for (name, document) in try documents.documents(under: "resources/") {
            let id = Self.id(ofPlace: name)
            try rules[id.type.lowercased()]?.apply(document, id, &confirmations)
        }
    }
}

extension String {
    /// Whether a type is of no other's children.
    fileprivate var isTopLevel: Bool { utf8.count { $0 == UInt8(ascii: "/") } == 1 }
}
