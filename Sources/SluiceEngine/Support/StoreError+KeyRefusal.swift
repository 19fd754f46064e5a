extension StoreError {
    /// Whether a key is refused or can't be had, which says nothing of what is sealed under it.
    var isKeyRefusal: Bool {
        switch code {
        case .accessDenied, .wrongVault, .vaultUnavailable: true
        default: false
        }
    }
}
