#if Service
internal import SluiceAccess
internal import SluiceREST

extension Exchange {
    /// Sends a whole answer that a key was needed for.
    ///
    /// - Parameter grant: What it was handed out under; nil if no key was needed.
    func send(_ answer: ServiceAnswer, under grant: Grant?) throws(ConnectionLoss) {
        try send(answer)
    }
}
#endif
