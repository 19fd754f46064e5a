extension Report {
    /// The report as one page that needs nothing else.
    public var html: String { "" }
}
