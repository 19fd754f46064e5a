public import SluiceREST

/// Changes of a vault's access policies, one identity at a time. For any thread.
public struct VaultPolicies: Sendable {
    /// What is done with the policies that are sent.
    public enum Change: String, Sendable {
        /// Permissions are added to those that an identity has.
        case add
        /// They take the place of all there are.
        case replace
        /// They are taken from those that an identity has.
        case remove
    }

    private let resources: Resources

    init(_ resources: Resources) { self.resources = resources }

    /// Changes a vault's policies; what they are then.
    public func change(
        _ change: Change, of vault: ResourceID, _ policies: [JSON], apiVersion: String,
        as caller: Principal
    ) throws(ControlError) -> [JSON] {
        let document = try resources.patch(vault, apiVersion: apiVersion, as: caller) { document in
            let old = document["properties"]?["accessPolicies"]?.array ?? []
            let new = change == .replace ? policies : Self.changed(old, change, policies)
            return ["properties": ["accessPolicies": .array(new)]]
        }
        return document["properties"]?["accessPolicies"]?.array ?? []
    }

    static func changed(_ old: [JSON], _ change: Change, _ policies: [JSON]) -> [JSON] {
        var changed = old
        for policy in policies {
            let id = policy["objectId"]?.string ?? ""
            let place = changed.firstIndex {
                $0["objectId"]?.string?.equalsIgnoringCase(id) == true
            }
            guard let place else {
                if change == .add { changed.append(policy) }
                continue
            }
            var permissions = changed[place]["permissions"] ?? .object(JSONObject())
            for member in policy["permissions"]?.object?.members ?? [] {
                permissions[member.name] = words(
                    permissions[member.name], change, member.value.array?.compactMap(\.string) ?? []
                )
            }
            changed[place]["permissions"] = permissions
        }
        // An identity that may do nothing has no policy.
        return changed.filter { policy in
            policy["permissions"]?.object?.members.contains { $0.value.array?.isEmpty == false }
                ?? false
        }
    }

    private static func words(_ old: JSON?, _ change: Change, _ words: [String]) -> JSON {
        var known = old?.array?.compactMap(\.string) ?? []
        if words.contains(where: { $0.equalsIgnoringCase("all") }) {
            known = change == .add ? ["all"] : []
        }
        for word in words where !word.equalsIgnoringCase("all") {
            known.removeAll { $0.equalsIgnoringCase(word) }
            if change == .add { known.append(word) }
        }
        return .array(known.map(JSON.string))
    }
}
