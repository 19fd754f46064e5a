internal import SluiceREST

/// Where a resource is: `/subscriptions/S/resourceGroups/G/providers/N/T/NAME…`. Two that differ in case alone are the
/// same, as in Azure.
public struct ResourceID: Hashable, Sendable, CustomStringConvertible {
    /// The parts between slashes, as they were first written.
    public let segments: [String]
    /// The id in lower case: what tells resources apart.
    public let key: String

    /// An id of these parts; the types of subscriptions and groups are spelled as Azure does.
    public init(_ segments: [String]) {
        self.segments = segments.enumerated().map { place, segment in
            switch segment.lowercased() {
            case "resourcegroups" where place == 2: "resourceGroups"
            case "subscriptions" where place == 0: "subscriptions"
            case "providers": "providers"
            default: segment
            }
        }
        key = "/" + segments.map { $0.lowercased() }.joined(separator: "/")
    }

    /// Everything.
    public static let root = ResourceID([])

    /// Whether two ids are the same but for case.
    public static func == (left: ResourceID, right: ResourceID) -> Bool { left.key == right.key }
    /// Feeds the id in lower case.
    public func hash(into hasher: inout Hasher) { hasher.combine(key) }

    /// The id as it was first written.
    public var description: String { "/" + segments.joined(separator: "/") }

    /// The last part.
    public var name: String { segments.last ?? "" }

    /// `Namespace/type`, with the types of the parents between: of what the last `providers` begins.
    public var type: String {
        guard let place = segments.lastIndex(of: "providers") else {
            switch segments.count {
            case 2: return "Microsoft.Resources/subscriptions"
            case 4: return "Microsoft.Resources/resourceGroups"
            default: return ""
            }
        }
        let rest = segments[(place + 1)...]
        let types = rest.dropFirst().enumerated().filter { $0.offset.isMultiple(of: 2) }.map(
            \.element)
        return ([rest.first ?? ""] + types).joined(separator: "/")
    }

    /// Whether it is of a type, whatever the case.
    public func isOf(type: String) -> Bool { self.type.equalsIgnoringCase(type) }

    /// What it is in or on; nil of everything.
    public var parent: ResourceID? {
        guard segments.count >= 2 else { return nil }
        let parent = segments.dropLast(2)
        // The namespace goes with the first of its types.
        let isFirst = parent.dropLast().last == "providers"
        return ResourceID(Array(isFirst ? parent.dropLast(2) : parent))
    }

    /// This and all that it is in, from the innermost.
    public var lineage: [ResourceID] {
        Array(sequence(first: self) { $0.parent })
    }

    /// The subscription's id; nil outside of one.
    public var subscription: String? {
        segments.count >= 2 && segments[0] == "subscriptions" ? segments[1] : nil
    }

    /// The group; nil outside of one.
    public var group: ResourceID? {
        segments.count >= 4 && segments[2] == "resourceGroups"
            ? ResourceID(Array(segments[..<4])) : nil
    }

    /// A child, or what is on it if the type begins with a namespace.
    public func appending(_ type: String, _ name: String) -> ResourceID {
        let parts = type.split(separator: "/").map(String.init)
        return ResourceID(segments + (parts.count > 1 ? ["providers"] + parts : parts) + [name])
    }
}

/// A path of the resource interface: a resource, and what of it.
public struct ResourcePath: Hashable, Sendable {
    /// The innermost resource with a name.
    public let id: ResourceID
    /// The namespace that stands behind it, if no resource of that is named.
    public let namespace: String?
    /// The type, or the action, that stands at the end without a name.
    public let rest: String?

    /// Reads the parts of a path; nil if they aren't one's.
    public init?(_ segments: [String]) {
        var taken: [String] = []
        var left = segments[...]
        var namespace: String?
        func takePair() {
            taken += left.prefix(2)
            left = left.dropFirst(2)
        }
        func begins(_ word: String) -> Bool { left.first?.equalsIgnoringCase(word) == true }
        if begins("subscriptions"), left.count >= 2 {
            takePair()
            if begins("resourceGroups"), left.count >= 2 { takePair() }
        }
        while begins("providers"), left.count >= 2 {
            let head = Array(left.prefix(2))
            left = left.dropFirst(2)
            guard left.count >= 2, !begins("providers") else {
                namespace = head[1]
                break
            }
            taken += head
            repeat { takePair() } while left.count >= 2 && !begins("providers")
        }
        guard left.count <= 1, segments.allSatisfy({ $0 != "." && $0 != ".." && !$0.contains("/") })
        else { return nil }
        id = ResourceID(taken)
        self.namespace = namespace
        rest = left.first
    }

    /// The whole type of a collection: `Namespace/type`, or with the types of the parents.
    public var collectionType: String? {
        guard let rest else { return nil }
        if let namespace { return "\(namespace)/\(rest)" }
        return id.segments.contains("providers") ? "\(id.type)/\(rest)" : rest
    }
}
