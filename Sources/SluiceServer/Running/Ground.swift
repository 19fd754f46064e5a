#if Service
internal import Dispatch
internal import SluiceControl
internal import SluiceNative
internal import SluiceREST
internal import Synchronization

/// Something that is made on a thread of its own, and waited for by those who need it. For any thread.
final class Awaited<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let isThere = DispatchGroup()

    /// Begins to make it.
    init(_ make: @escaping @Sendable () throws -> Value) throws(SystemError) {
        isThere.enter()
        do throws(SystemError) {
            try Crew.start { [self] in
                let made = Result { try make() }
                result.withLock { $0 = made }
                isThere.leave()
            }
        } catch {
            isThere.leave()
            throw error
        }
    }

    /// It, when it is there; what prevented it is thrown each time.
    func value() throws -> Value {
        isThere.wait()
        guard let made = result.withLock({ $0 }) else { preconditionFailure("nothing was made") }
        return try made.get()
    }
}

/// What planes stand on: the home's resources and its tokens. Of a new home that goes with its server they are made
/// while it listens already. For any thread that may wait.
struct Ground: Sendable {
    let control: Awaited<ControlPlane>
    let tokens: Awaited<TokenAuthority>

    /// The principal whose token a request shows.
    ///
    /// - Throws: What `refusal` makes of the fault, if it shows none, or one that isn't good here.
    func caller(
        _ request: ServiceRequest, audiences: [String], _ refusal: (TokenFault) -> ServiceError
    ) throws -> Principal {
        do {
            guard let token = request.bearerToken else { throw TokenFault.missing }
            return try tokens.value().principal(of: token, audiences: audiences)
        } catch let fault as TokenFault {
            throw refusal(fault)
        }
    }
}
#endif
