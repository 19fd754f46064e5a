internal import SluiceAccess

/// What a verification found.
public struct VerifyReport: Sendable, Equatable {
    /// Something that is damaged, or that could not be verified.
    public struct Finding: Sendable, Equatable {
        /// The object's name, or what else it is where the name can't be known.
        public let subject: String
        /// What is wrong with it; or why it could not be verified: what to do about that, ``refusal`` says.
        public let problem: String
        /// What kept it from being verified: ``StoreError/Code/accessDenied`` and the like if its key can't
        /// be had, ``StoreError/Code/inputOutput`` if its blob can't be read, ``StoreError/Code/notFound`` if
        /// there is no object of that name. Nil if it was looked at, and is damaged.
        public let refusal: StoreError?

        /// Whether they say the same; of a refusal, its code counts.
        public static func == (one: Finding, other: Finding) -> Bool {
            one.subject == other.subject && one.problem == other.problem
                && one.refusal?.code == other.refusal?.code
        }
    }

    /// Objects looked at.
    public internal(set) var objectCount = 0
    /// Plaintext bytes authenticated; 0 without keys.
    public internal(set) var byteCount = 0
    /// Objects that are sealed with a key which callers provide: of these the rows were authenticated, and that the blob is
    /// there, but not its bytes.
    public internal(set) var providedKeyCount = 0
    /// What is damaged, and what could not be verified: empty only if everything is whole.
    public internal(set) var findings: [Finding] = []
    /// The scopes whose objects the findings name.
    package internal(set) var namedScopes: [ScopeName] = []
    /// What repairs have taken out of the store before, which is no damage of what is in it now; nil if that
    /// is nothing.
    public internal(set) var lostAndFound: LostAndFoundSummary?

    /// The findings that are damage.
    public var damage: [Finding] { findings.filter { $0.refusal == nil } }
    /// The findings about what could not be verified: it may be whole or not.
    public var unverified: [Finding] { findings.filter { $0.refusal != nil } }

    mutating func add(_ subject: String, _ problem: String) {
        findings.append(Finding(subject: subject, problem: problem, refusal: nil))
    }

    mutating func add(_ subject: String, refusal: StoreError) {
        findings.append(Finding(subject: subject, problem: refusal.reason, refusal: refusal))
    }

    /// Adds what was found of a part of the store.
    mutating func append(_ part: VerifyReport) {
        objectCount += part.objectCount
        byteCount += part.byteCount
        providedKeyCount += part.providedKeyCount
        findings += part.findings
    }
}

/// What repairs have taken out of a store, and keep in `lost+found` in its directory.
public struct LostAndFoundSummary: Sendable, Equatable {
    /// The directory.
    public let path: String
    /// Files in it, reports not counted.
    public let fileCount: Int
    /// The reports of what was taken out and why, one for each repair that wrote one, the oldest first.
    public let reportPaths: [String]
}
