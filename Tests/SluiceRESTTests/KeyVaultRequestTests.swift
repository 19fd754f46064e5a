import Foundation
import SluiceAccess
import SluiceNative
import SluiceVault
import Testing

@testable import SluiceREST

/// What requests are read as.
@Suite struct KeyVaultRequestTests {
    private func operation(_ request: SDKRequest) throws -> KeyVaultOperation {
        try KeyVaultOperation(request.request, vault: "suitekv")
    }

    private func key(_ name: String, _ version: String? = nil) throws -> KeyIdentifier {
        try KeyIdentifier(vault: "suitekv", name: name, version: version)
    }

    private static let version = "0123456789abcdef0123456789abcdef"

    @Test func `what makes a key is read`() throws {
        guard
            case .createKey("rsa-key", .rsa2048, let settings, let tags) = try operation(.createRsa)
        else {
            Issue.record("another operation")
            return
        }
        #expect(settings.operations == KeyOperation.ofKeys)
        #expect(settings.isEnabled)
        #expect(tags == ["purpose": "unit test", "test name ": "CreateRSAKeyTest"])
        guard case .createKey("ec-key", .p256K, let settings, let tags) = try operation(.createEc)
        else {
            Issue.record("another operation")
            return
        }
        #expect(settings.operations == nil)
        #expect(settings.expiresSeconds == 2_524_723_200)
        #expect(tags.isEmpty)
        guard case .createKey("k", .rsa2048, _, _) = try operation(.createPlain) else {
            Issue.record("another operation")
            return
        }
    }

    @Test func `what changes a version is read`() throws {
        guard case .updateKey(let newest, let changes) = try operation(.update) else {
            Issue.record("another operation")
            return
        }
        #expect(try newest == key("rsa-key"))
        #expect(changes.operations == [.decrypt, .encrypt])
        #expect(changes.expiresSeconds == 2_524_723_200)
        #expect(changes.isEnabled == nil)
        #expect(changes.tags == ["foo": "updated tag"])
        guard case .updateKey(let version, let changes) = try operation(.updateVersion) else {
            Issue.record("another operation")
            return
        }
        #expect(try version == key("rsa-key", Self.version))
        #expect(changes.isEnabled == false)
        #expect(changes.operations == nil)
        #expect(changes.tags == nil)
    }

    @Test func `operations without a body are read`() throws {
        let rsaKey = try key("rsa-key")
        let read: [(SDKRequest, (KeyVaultOperation) -> Bool)] = [
            (.getNewest, { if case .getKey(rsaKey) = $0 { true } else { false } }),
            (.delete, { if case .deleteKey(rsaKey) = $0 { true } else { false } }),
            (.deleted, { if case .getDeletedKey(rsaKey) = $0 { true } else { false } }),
            (.recover, { if case .recoverDeletedKey(rsaKey) = $0 { true } else { false } }),
            (.purge, { if case .purgeDeletedKey(rsaKey) = $0 { true } else { false } }),
            (.backup, { if case .backupKey("rsa-key") = $0 { true } else { false } }),
            (.rotate, { if case .rotateKey("rsa-key") = $0 { true } else { false } }),
            (.getPolicy, { if case .getRotationPolicy(rsaKey) = $0 { true } else { false } }),
        ]
        for (request, isRight) in read { #expect(isRight(try operation(request)), "\(request)") }
        guard case .getKey(let version) = try operation(.getVersion) else {
            Issue.record("another operation")
            return
        }
        #expect(version.version == Self.version)
    }

    @Test func `uses of a key are read, of a version and of the newest`() throws {
        for (isNewest, requests) in [
            (
                false,
                [
                    SDKRequest.encrypt, .decrypt, .wrap, .unwrap, .sign, .verify,
                ]
            ),
            (
                true,
                [
                    .encryptNewest, .decryptNewest, .wrapNewest, .unwrapNewest, .signNewest,
                    .verifyNewest,
                ]
            ),
        ] {
            let expected = try key("rsa-key", isNewest ? nil : Self.version)
            let digest = [UInt8](repeating: 7, count: 32)
            let rights: [(KeyVaultOperation) -> Bool] = [
                {
                    if case .encrypt(expected, .rsaOAEP, let bytes) = $0 {
                        bytes == Array("plaintext".utf8)
                    } else {
                        false
                    }
                },
                {
                    if case .decrypt(expected, .rsaOAEP, [1, 2, 0xff, 0xfe]) = $0 {
                        true
                    } else {
                        false
                    }
                },
                {
                    if case .wrapKey(expected, .rsaOAEP256, let bytes) = $0 {
                        bytes == Array("key".utf8)
                    } else {
                        false
                    }
                },
                {
                    if case .unwrapKey(expected, .rsa1_5, let bytes) = $0 {
                        bytes == Array("key".utf8)
                    } else {
                        false
                    }
                },
                { if case .sign(expected, .rs256, digest) = $0 { true } else { false } },
                {
                    if case .verify(expected, .es256, digest, let signature) = $0 {
                        signature == [UInt8](repeating: 8, count: 64)
                    } else {
                        false
                    }
                },
            ]
            for (request, isRight) in zip(requests, rights) {
                #expect(isRight(try operation(request)), "\(request)")
            }
        }
        // Some clients leave a version out with its slashes.
        let short = SDKRequest(
            "post", "/keys/rsa-key/Sign?api-version=7.4", SDKRequest.sign.body)
        guard case .sign(try key("rsa-key"), .rs256, _) = try operation(short) else {
            Issue.record("another operation")
            return
        }
    }

    @Test func `listings are read, with what is to come after`() throws {
        guard case .listKeys(let page) = try operation(.list) else {
            Issue.record("another operation")
            return
        }
        #expect(page.limit == 6)
        #expect(page.after == nil)
        guard case .listDeletedKeys(let page) = try operation(.listDeleted) else {
            Issue.record("another operation")
            return
        }
        #expect(page.limit == 25)
        guard
            case .listKeyVersions("k", let page) = try operation(
                SDKRequest(
                    "GET", "/keys/k/versions/?API-version=7.6&%24skiptoken=YWI&maxresults=25"))
        else {
            Issue.record("another operation")
            return
        }
        #expect(page.after == "ab")
        #expect(page.apiVersion == "7.6")
    }

    @Test func `rotation policies are read`() throws {
        guard case .setRotationPolicy(_, let empty) = try operation(.policyEmpty),
            case .setRotationPolicy(_, let policy) = try operation(.policySet)
        else {
            Issue.record("another operation")
            return
        }
        #expect(empty.lifetimeActions.isEmpty)
        #expect(empty.attributes.expiryTime == nil)
        #expect(policy.attributes.expiryTime == .days(90))
        #expect(policy.lifetimeActions.map(\.action.type) == [.rotate])
        #expect(policy.lifetimeActions[0].trigger.timeAfterCreate?.description == "P2M")
    }

    // MARK: Refusals

    private func refusal(_ request: SDKRequest) -> KeyVaultError? {
        do {
            _ = try operation(request)
            return nil
        } catch {
            return error as? KeyVaultError
        }
    }

    @Test(arguments: [
        SDKRequest("GET", "/keys"), SDKRequest("GET", "/keys?api-version="),
        SDKRequest("GET", "keys?api-version=7.6"), SDKRequest("GET", "?api-version=7.6"),
        SDKRequest("GET", "/keys/%zz?api-version=7.6"),
        SDKRequest("GET", "/keys/%?api-version=7.6"),
        SDKRequest("GET", "/keys/%ff?api-version=7.6"),
        SDKRequest("GET", "/keys/a_b?api-version=7.6"),
        SDKRequest("GET", "/keys/k/123?api-version=7.6"),
        SDKRequest("GET", "/keys?api-version=7.6&maxresults=0"),
        SDKRequest("GET", "/keys?api-version=7.6&maxresults=26"),
        SDKRequest("GET", "/keys?api-version=7.6&maxresults=x"),
        SDKRequest("GET", "/keys?api-version=7.6&$skiptoken=***"),
        SDKRequest("POST", "/keys/k/create?api-version=7.6"),
        SDKRequest("POST", "/keys/k/create?api-version=7.6", "{"),
        SDKRequest("POST", "/keys/k/create?api-version=7.6", "[]"),
        SDKRequest("POST", "/keys/k/create?api-version=7.6", "{}"),
        SDKRequest("POST", "/keys/k/create?api-version=7.6", #"{"kty": 7}"#),
        SDKRequest("POST", "/keys/k/create?api-version=7.6", #"{"kty": "oct"}"#),
        .createHsm,
        SDKRequest("POST", "/keys/k/create?api-version=7.6", #"{"kty": "RSA", "key_size": 1}"#),
        SDKRequest(
            "POST", "/keys/k/create?api-version=7.6", #"{"kty": "RSA", "key_size": "2048"}"#),
        SDKRequest("POST", "/keys/k/create?api-version=7.6", #"{"kty": "EC", "crv": "P-1"}"#),
        SDKRequest(
            "POST", "/keys/k/create?api-version=7.6", #"{"kty": "RSA", "key_ops": ["get"]}"#),
        SDKRequest("POST", "/keys/k/create?api-version=7.6", #"{"kty": "RSA", "key_ops": ["x"]}"#),
        SDKRequest("POST", "/keys/k/create?api-version=7.6", #"{"kty": "RSA", "tags": {"a": 1}}"#),
        SDKRequest(
            "POST", "/keys/k/create?api-version=7.6", #"{"kty": "RSA", "public_exponent": 3}"#),
        SDKRequest(
            "POST", "/keys/k/create?api-version=7.6",
            #"{"kty": "RSA", "attributes": {"exp": "soon"}}"#),
        SDKRequest(
            "POST", "/keys/k/create?api-version=7.6",
            #"{"kty": "RSA", "attributes": {"exportable": true}, "release_policy": {"data": "e30"}}"#
        ),
        SDKRequest("PUT", "/keys/k?api-version=7.6", "{}"),
        SDKRequest("PUT", "/keys/k?api-version=7.6", #"{"key": {"kty": "RSA", "n": "AQ"}}"#),
        SDKRequest("PUT", "/keys/k?api-version=7.6", #"{"key": {"kty": "oct-HSM", "k": "AQ"}}"#),
        SDKRequest(
            "PUT", "/keys/k?api-version=7.6", #"{"key": {"kty": "EC", "d": "AQ", "x": "AQ"}}"#),
        SDKRequest("PUT", "/keys/k?api-version=7.6", #"{"key": {"kty": "EC", "d": "A Q"}}"#),
        SDKRequest("POST", "/keys/k//sign?api-version=7.6", #"{"alg": "RS256"}"#),
        SDKRequest("POST", "/keys/k//sign?api-version=7.6", #"{"alg": "HS256", "value": "AQ"}"#),
        SDKRequest("POST", "/keys/k//sign?api-version=7.6", #"{"alg": "RS256", "value": "A"}"#),
        SDKRequest("POST", "/keys/k//sign?api-version=7.6", #"{"alg": "RS256", "value": "a+/="}"#),
        SDKRequest(
            "POST", "/keys/k//encrypt?api-version=7.6", #"{"alg": "A256GCM", "value": "AQ"}"#),
        SDKRequest("POST", "/keys/k//verify?api-version=7.6", #"{"alg": "RS256", "value": "AQ"}"#),
        SDKRequest("POST", "/keys/restore?api-version=7.6", #"{"value": 1}"#),
        SDKRequest(
            "PUT", "/keys/k/rotationpolicy?api-version=7.6",
            #"{"lifetimeActions": [{"trigger": {"timeAfterCreate": "soon"}, "action": {"type": "Rotate"}}]}"#
        ),
        SDKRequest(
            "PUT", "/keys/k/rotationpolicy?api-version=7.6",
            #"{"lifetimeActions": [{"trigger": {}, "action": {"type": "Explode"}}]}"#),
        SDKRequest(
            "PUT", "/keys/k/rotationpolicy?api-version=7.6",
            #"{"attributes": {"expiryTime": "90"}}"#),
    ])
    func `what a request may not say is a bad parameter`(request: SDKRequest) {
        let refusal = refusal(request)
        #expect(refusal?.status == 400)
        #expect(refusal?.code == "BadParameter")
        #expect(refusal?.innerCode == nil)
        #expect(refusal?.message.isEmpty == false)
    }

    @Test(arguments: [
        (SDKRequest.release, 501), (.random, 501), (.attestation, 501),
        (SDKRequest("GET", "/secrets?api-version=7.6"), 404),
        (SDKRequest("GET", "/?api-version=7.6"), 404),
        (SDKRequest("POST", "/keys/k/x/fly?api-version=7.6"), 404),
        (SDKRequest("POST", "/keys/k/v/sign/x?api-version=7.6"), 404),
        (SDKRequest("GET", "/deletedkeys/k/versions?api-version=7.6"), 404),
        (SDKRequest("DELETE", "/keys?api-version=7.6"), 405),
        (SDKRequest("POST", "/keys/k?api-version=7.6"), 405),
        (SDKRequest("PUT", "/deletedkeys/k?api-version=7.6"), 405),
        (SDKRequest("GET", "/keys/k//sign?api-version=7.6"), 405),
        (SDKRequest("DELETE", "/keys/k/rotationpolicy?api-version=7.6"), 405),
    ])
    func `what isn't there is refused as such`(request: SDKRequest, status: Int) {
        #expect(refusal(request)?.status == status)
    }

    @Test func `permissions are read in any case, and all are all`() throws {
        #expect(try KeyOperation.permissions([]) == [])
        #expect(
            try KeyOperation.permissions(["WrapKey", "GET", "getrotationpolicy", "Release"])
                == [.get, .wrapKey, .getRotationPolicy])
        #expect(try KeyOperation.permissions(["get", "All"]) == KeyOperation.allCases)
        #expect(throws: KeyVaultError.self) { try KeyOperation.permissions(["fly"]) }
    }
}

extension SDKRequest {
    /// As a server has read it.
    var request: KeyVaultRequest {
        get throws(KeyVaultError) {
            let parts = target.split(
                separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            return try KeyVaultRequest(
                ServiceRequest(
                    method: method, host: "suitekv.vault.azure.net", path: String(parts[0]),
                    query: parts.count == 2 ? String(parts[1]) : ""), body: Array(body.utf8))
        }
    }
}
