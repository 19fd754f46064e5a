/// Who knows whether the grants of a passage hold still: asked when the epoch has moved.
public protocol PassageAuthority: Sendable {
    /// Asks anew which grants the releases of a passage need by now, and asks the vault for each, in a
    /// read transaction that begins now; never out of a cache of another epoch.
    ///
    /// It leaves the grants' epochs alone, since the answers may be older than the epoch is by then: the
    /// caller sets the one that it had seen before it asked. Called outside of any slot, from any thread.
    ///
    /// - Throws: Why a grant holds no more; or whatever kept the vault from answering.
    func renew(_ passage: inout Passage) throws(VaultError)
}

/// Who knows whether one grant holds still, where a passage needs the same ones for as long as it lives.
public protocol GrantAuthority: PassageAuthority {
    /// Asks the vault anew whether the identity may use the key version for the operation; otherwise as
    /// ``PassageAuthority/renew(_:)``.
    func renew(_ grant: inout Grant) throws(VaultError)
}

extension GrantAuthority {
    /// Renews each grant by itself.
    public func renew(_ passage: inout Passage) throws(VaultError) {
        try renew(&passage.first)
        if var second = passage.second {
            try renew(&second)
            passage.second = second
        }
        if var third = passage.third {
            try renew(&third)
            passage.third = third
        }
    }
}
