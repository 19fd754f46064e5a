internal import Sluice
internal import SluiceNative

/// Somebody else who opens a store between a failed sync and a crash, and uses it. For the store and the system
/// another handle is another process: it has files, locks and connections of its own.
struct SecondProcess {
    /// The name of what it puts, and which of the contents that is.
    static let (name, content) = ("second", 3)
    /// The marks that it makes: it has opened the store; its put is acknowledged.
    static let (openedMark, putMark) = ("second opened", "second put")

    /// What it couldn't do, though nothing fails any more; nil if all went well.
    private(set) var problem: String?
    /// Whether its put was acknowledged.
    private(set) var hasPut = false

    /// Opens the store in a home, puts something, and closes it.
    init(_ home: TrialHome) {
        do {
            let store = try home.open()
            defer { try? store.close() }
            try CallShim.mark(Self.openedMark)
            try store.put(
                TrialHome.contents[Self.content], as: try ObjectName(Self.name),
                options: TrialHome.putOptions(0))
            try CallShim.mark(Self.putMark)
            hasPut = true
        } catch {
            problem = "a second process threw \(error)"
        }
    }

    /// An expectation with what it has put.
    static func added(to expectation: Expectation) -> Expectation {
        var expectation = expectation
        expectation.objects[name] = content
        return expectation
    }
}
