import Foundation
import SluiceAccess
import SluiceNative
import SluiceVault
import TestSupport
import Testing

@testable import SluiceREST

/// What a vault answers, from the request's bytes to the answer's.
@Suite struct KeyVaultRunTests {
    private let clock = ManualClock(milliseconds: 1_700_000_000_000)
    private let vaults: VaultDirectory
    private static let address = "https://suitekv.vault.azure.net"
    private static let someone = Identity(objectID: "11111111-2222-3333-4444-555555555555")

    init() throws {
        vaults = try VaultDirectory.inMemory(
            clock: clock, library: CryptoLibrary.load(requireFIPS: false))
        _ = try vaults.acting(as: .owner).createVault(name: "suitekv", isPurgeProtected: false)
    }

    /// A request's answer, as a server would write it.
    private func answer(
        _ request: SDKRequest, as identity: Identity = .owner, mode: AccessMode = .policies
    ) -> KeyVaultAnswer {
        do throws(KeyVaultError) {
            let operation = try KeyVaultOperation(request.request, vault: "suitekv")
            return try operation.run(
                on: vaults.acting(as: identity), vault: "suitekv", at: Self.address, mode: mode)
        } catch {
            return error.answer
        }
    }

    private func object(
        _ request: SDKRequest, _ status: Int = 200, as identity: Identity = .owner
    ) throws -> [String: Any] {
        let answer = answer(request, as: identity)
        #expect(answer.status == status, "\(String(decoding: answer.body, as: UTF8.self))")
        return try #require(
            JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
    }

    private func post(_ path: String, _ body: String = "") -> SDKRequest {
        SDKRequest("POST", "\(path)?api-version=7.6", body)
    }

    private func create(_ name: String, _ body: String = #"{"kty": "EC"}"#) throws -> String {
        let bundle = try object(post("/keys/\(name)/create", body))
        let key = try #require(bundle["key"] as? [String: Any])
        return try #require(key["kid"] as? String)
    }

    /// The status and the codes of a refusal.
    private func codes(
        _ request: SDKRequest, as identity: Identity = .owner, mode: AccessMode = .policies
    ) throws -> [String] {
        let answer = answer(request, as: identity, mode: mode)
        let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        let error = try #require(object?["error"] as? [String: Any])
        #expect((error["message"] as? String)?.isEmpty == false)
        let inner = (error["innererror"] as? [String: Any])?["code"] as? String
        return ["\(answer.status)", try #require(error["code"] as? String)]
            + [inner].compactMap(\.self)
    }

    // MARK: Life

    @Test func `a key of the SDK's own tests is imported and used`() throws {
        let imported = try object(.importRSA)
        let key = try #require(imported["key"] as? [String: Any])
        let kid = try #require(key["kid"] as? String)
        #expect(kid.hasPrefix("\(Self.address)/keys/imported/"))
        #expect(kid.count == "\(Self.address)/keys/imported/".count + 32)
        #expect(key["kty"] as? String == "RSA")
        #expect(key["e"] as? String == "AQAB")
        #expect((key["n"] as? String)?.hasPrefix("oJFNACNKxoOyG0wV1b7Yh73JWcLlevVK") == true)
        #expect(key["d"] == nil)
        let attributes = try #require(imported["attributes"] as? [String: Any])
        #expect(attributes["created"] as? Int == 1_700_000_000)
        #expect(attributes["recoveryLevel"] as? String == "Recoverable+Purgeable")

        let plaintext = "UGxhaW50ZXh0"
        for algorithm in ["RSA-OAEP", "RSA-OAEP-256", "RSA1_5"] {
            for (there, back) in [("encrypt", "decrypt"), ("wrapkey", "unwrapkey")] {
                let encrypted = try object(
                    post(
                        "/keys/imported//\(there)",
                        #"{"alg": "\#(algorithm)", "value": "\#(plaintext)"}"#))
                #expect(encrypted["kid"] as? String == kid)
                let value = try #require(encrypted["value"] as? String)
                let decrypted = answer(
                    post(
                        "/keys/imported//\(back)",
                        #"{"alg": "\#(algorithm)", "value": "\#(value)"}"#))
                #expect(
                    String(decoding: decrypted.body, as: UTF8.self).contains(#""\#(plaintext)""#))
                #expect(decrypted.grant?.operation.rawValue.lowercased() == back)
            }
        }
        let digest = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"
        let signed = try object(
            post("/keys/imported//sign", #"{"alg": "PS256", "value": "\#(digest)"}"#))
        let signature = try #require(signed["value"] as? String)
        for (given, isValid) in [(digest, true), ("C" + digest.dropFirst(), false)] {
            let verified = try object(
                post(
                    "/keys/imported//verify",
                    #"{"alg": "PS256", "digest": "\#(given)", "value": "\#(signature)"}"#))
            #expect(verified["value"] as? Bool == isValid)
        }
    }

    @Test func `a key on a curve has its point, and what is said of it changes`() throws {
        let bundle = try object(.createEc)
        let key = try #require(bundle["key"] as? [String: Any])
        #expect(key["crv"] as? String == "P-256K")
        #expect((key["x"] as? String)?.utf8.count == 43)
        #expect((key["y"] as? String)?.utf8.count == 43)
        #expect(key["n"] == nil)
        #expect(key["key_ops"] as? [String] == ["sign", "verify"])
        clock.advance(bySeconds: 5)
        let updated = try object(
            SDKRequest(
                "PATCH", "/keys/ec-key/?api-version=7.6",
                #"{"attributes": {"enabled": false, "nbf": 1}, "tags": {"a": "b"}}"#))
        let attributes = try #require(updated["attributes"] as? [String: Any])
        #expect(attributes["enabled"] as? Bool == false)
        #expect(attributes["nbf"] as? Int == 1)
        #expect(attributes["exp"] as? Int == 2_524_723_200)
        #expect(attributes["updated"] as? Int == 1_700_000_005)
        #expect(updated["tags"] as? [String: String] == ["a": "b"])
    }

    @Test func `a key is deleted, shown, recovered, purged and restored`() throws {
        let kid = try create("rsa-key")
        let backup = try #require(try object(.backup)["value"] as? String)
        #expect(Base64.decodeForURL(backup) != nil)
        let deleted = try object(.delete)
        #expect((deleted["key"] as? [String: Any])?["kid"] as? String == kid)
        #expect(deleted["recoveryId"] as? String == "\(Self.address)/deletedkeys/rsa-key")
        #expect(deleted["deletedDate"] as? Int == 1_700_000_000)
        #expect(deleted["scheduledPurgeDate"] as? Int == 1_700_000_000 + 90 * 86_400)
        #expect(try object(.deleted)["recoveryId"] as? String == deleted["recoveryId"] as? String)
        #expect(try codes(.getNewest) == ["404", "KeyNotFound"])
        #expect(
            try codes(post("/keys/rsa-key/create", #"{"kty": "EC"}"#))
                == ["409", "Conflict", "ObjectIsDeletedButRecoverable"])
        #expect(try object(.recover)["key"] != nil)
        #expect(try codes(.deleted) == ["404", "KeyNotFound"])
        let restore = SDKRequest(
            "POST", "/keys/restore?api-version=7.6", #"{"value": "\#(backup)"}"#)
        #expect(try codes(restore) == ["409", "Conflict"])
        _ = try object(.delete)
        let purged = answer(.purge)
        #expect(purged.status == 204)
        #expect(purged.body.isEmpty)
        #expect(((try object(restore)["key"] as? [String: Any])?["kid"] as? String) == kid)
        #expect(try codes(.restore) == ["400", "BadParameter"])
    }

    @Test func `a key is rotated, as a policy says that has its address`() throws {
        let first = try create("rsa-key")
        let rotated = try object(.rotate)
        #expect((rotated["key"] as? [String: Any])?["kid"] as? String != first)
        let empty = try object(.policyEmpty)
        #expect((empty["lifetimeActions"] as? [Any])?.isEmpty == true)
        let policy = try object(.policySet)
        #expect(policy["id"] as? String == "\(Self.address)/keys/rsa-key/rotationpolicy")
        let shown = try object(.getPolicy)
        for policy in [policy, shown] {
            let attributes = try #require(policy["attributes"] as? [String: Any])
            #expect(attributes["expiryTime"] as? String == "P90D")
            #expect(attributes["created"] as? Int == 1_700_000_000)
            let actions = try #require(policy["lifetimeActions"] as? [[String: Any]])
            #expect((actions[0]["action"] as? [String: Any])?["type"] as? String == "Rotate")
            #expect(
                (actions[0]["trigger"] as? [String: Any])?["timeAfterCreate"] as? String == "P2M")
        }
    }

    // MARK: Listings

    /// All pages of a listing.
    private func pages(_ first: SDKRequest) throws -> [[String]] {
        var pages: [[String]] = []
        var request = first
        while true {
            let page = try object(request)
            let items = try #require(page["value"] as? [[String: Any]])
            pages.append(items.compactMap { $0["kid"] as? String })
            guard let next = page["nextLink"] as? String else { return pages }
            #expect(next.hasPrefix(Self.address))
            request = SDKRequest("GET", String(next.dropFirst(Self.address.count)))
        }
    }

    @Test func `listings come in pages, each key once`() throws {
        let names = (0..<7).map { "key\($0)" }
        for name in names { _ = try create(name) }
        let expected = names.map { "\(Self.address)/keys/\($0)" }
        #expect(try pages(.list) == [Array(expected[..<6]), [expected[6]]])
        #expect(try pages(SDKRequest("GET", "/keys?api-version=7.6")) == [expected])
        #expect(
            try pages(SDKRequest("GET", "/keys?api-version=7.6&maxresults=7")) == [expected])
        // What goes between two pages moves nothing.
        let next = try #require(try object(.list)["nextLink"] as? String)
        for name in names.prefix(6) {
            _ = answer(SDKRequest("DELETE", "/keys/\(name)?api-version=7.6"))
        }
        #expect(
            try pages(SDKRequest("GET", String(next.dropFirst(Self.address.count))))
                == [[expected[6]]])
        let deleted = try pages(SDKRequest("GET", "/deletedkeys?api-version=7.6&maxresults=4"))
        #expect(deleted.map(\.count) == [4, 2])
        #expect(deleted.joined().allSatisfy { $0.hasPrefix("\(Self.address)/keys/key") })
    }

    @Test func `a key that isn't there has no versions, and needs the permission all the same`()
        throws
    {
        let request = SDKRequest("GET", "/keys/none/versions?api-version=7.6")
        #expect(try object(request)["value"] as? [String] == [])
        #expect(try codes(request, as: Self.someone) == ["403", "Forbidden", "AccessDenied"])
    }

    @Test func `versions come in pages, each once`() throws {
        let kids = Set(try (0..<7).map { _ in try create("rsa-key") })
        let pages = try pages(.versions)
        #expect(pages.map(\.count) == [6, 1])
        #expect(Set(pages.joined()) == kids)
    }

    // MARK: Refusals

    @Test func `each refusal has the service's status and codes`() throws {
        _ = try create("k", #"{"kty": "RSA"}"#)
        let encrypt = post("/keys/k//encrypt", #"{"alg": "RSA-OAEP", "value": "AQ"}"#)
        let get = SDKRequest("GET", "/keys/k?api-version=7.6")
        let someone = Self.someone
        #expect(try codes(get, as: someone) == ["403", "Forbidden", "AccessDenied"])
        #expect(
            try codes(get, as: someone, mode: .roles) == ["403", "Forbidden", "ForbiddenByRbac"])
        #expect(
            try codes(SDKRequest("GET", "/keys/none?api-version=7.6")) == ["404", "KeyNotFound"])
        func update(_ body: String) throws {
            _ = try object(SDKRequest("PATCH", "/keys/k?api-version=7.6", body))
        }
        try update(#"{"key_ops": ["sign"]}"#)
        #expect(try codes(encrypt) == ["403", "Forbidden", "KeyOperationForbidden"])
        try update(#"{"key_ops": ["encrypt"], "attributes": {"exp": 1700000000}}"#)
        #expect(try codes(encrypt) == ["403", "Forbidden", "KeyOperationForbidden"])
        try update(#"{"attributes": {"exp": 1800000000, "enabled": false}}"#)
        #expect(try codes(encrypt) == ["403", "Forbidden", "KeyDisabled"])
        #expect(answer(get).status == 200)
        try update(#"{"attributes": {"enabled": true}}"#)
        #expect(answer(encrypt).status == 200)
        #expect(
            try codes(post("/keys/k//sign", #"{"alg": "RS256", "value": "AQ"}"#))
                == ["403", "Forbidden", "KeyOperationForbidden"])
        try update(#"{"key_ops": ["sign", "decrypt"]}"#)
        for bad in [
            post("/keys/k//sign", #"{"alg": "RS256", "value": "AQ"}"#),
            post("/keys/k//sign", #"{"alg": "ES256", "value": "AQ"}"#),
            post("/keys/k//decrypt", #"{"alg": "RSA-OAEP", "value": "AQ"}"#),
            post("/keys/e/create", #"{"kty": "EC", "key_ops": ["wrapKey"]}"#),
        ] {
            #expect(try codes(bad) == ["400", "BadParameter"])
        }
        _ = try vaults.acting(as: .owner).enablePurgeProtection(vault: "suitekv")
        _ = answer(SDKRequest("DELETE", "/keys/k?api-version=7.6"))
        #expect(
            try codes(SDKRequest("DELETE", "/deletedkeys/k?api-version=7.6"))
                == ["403", "Forbidden", "ForbiddenByPolicy"])
        _ = try vaults.acting(as: .owner).setIdentity(someone, isEnabled: false)
        #expect(try codes(get, as: someone) == ["401", "Unauthorized"])
    }

    @Test(arguments: [
        (VaultError.Code.vaultNotFound, 404), (.vaultDeleted, 404), (.alreadyExists, 409),
        (.busy, 503), (.deadlineExceeded, 503), (.closed, 503), (.noSpace, 500), (.damaged, 500),
        (.outcomeUnknown, 500), (VaultError.Code(rawValue: "another"), 500),
    ])
    func `whatever a vault throws has a status`(code: VaultError.Code, status: Int) {
        #expect(KeyVaultError(VaultError(code, "x"), mode: .policies).status == status)
    }

    @Test func `an error is written as the service writes it`() throws {
        let error = KeyVaultError(status: 403, code: "Forbidden", inner: "KeyDisabled", "no \"x\"")
        #expect(error.answer.status == 403)
        let written = try JSONSerialization.jsonObject(with: Data(error.answer.body))
        let expected: NSDictionary = [
            "error": [
                "code": "Forbidden", "message": "no \"x\"", "innererror": ["code": "KeyDisabled"],
            ]
        ]
        #expect(expected.isEqual(written))
    }

    @Test func `who may not be told isn't`() throws {
        _ = try create("k")
        // A key that is there and one that isn't look the same.
        let there = answer(SDKRequest("GET", "/keys/k?api-version=7.6"), as: Self.someone)
        let absent = answer(SDKRequest("GET", "/keys/x?api-version=7.6"), as: Self.someone)
        #expect(there.body == absent.body)
    }
}
