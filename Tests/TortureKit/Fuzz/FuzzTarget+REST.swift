internal import SluiceAccess
internal import SluiceREST

extension FuzzTarget {
    /// What a server hands on of requests.
    static let restTargets = [
        FuzzTarget(
            "key-vault-request",
            [
                "GET /keys/%6B/00112233445566778899aabbccddeeff?api-version=7.6",
                "GET /keys?api-version=7.6&$skiptoken=YWI&maxresults=3",
                "POST /keys/k/create?api-version=7.6\n{\"kty\":\"EC\",\"crv\":\"P-256\",\"tags\":{}}",
                "PUT /keys/k?api-version=7.6\n{\"key\":{\"kty\":\"EC\",\"d\":\"AQ\",\"x\":\"AQ\",\"y\":\"AQ\"}}",
                "POST /keys/k//verify?api-version=7.6\n{\"alg\":\"RS256\",\"digest\":\"AQ\",\"value\":\"AQ\"}",
                "PUT /keys/k/rotationpolicy?api-version=7.6\n{\"attributes\":{\"expiryTime\":\"P90D\"}}",
            ].map { Array($0.utf8) }
        ) { input in
            let parts = input.split(
                separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
            let line = String(decoding: parts[0], as: UTF8.self).split(
                separator: " ", maxSplits: 1)
            guard line.count == 2 else { return }
            let target = line[1].split(
                separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            do throws(KeyVaultError) {
                let request = try KeyVaultRequest(
                    ServiceRequest(
                        method: String(line[0]), host: "canary.vault.azure.net",
                        path: target.first.map(String.init) ?? "",
                        query: target.count == 2 ? String(target[1]) : ""),
                    body: parts.count == 2 ? Array(parts[1]) : [])
                _ = try KeyVaultOperation(request, vault: "canary")
            } catch {
                require(!error.answer.body.isEmpty, "a refusal has no body: \(error)")
            }
        },
        FuzzTarget("base64url", ["Zm9v", "Pz8_Zg==", ""].map { Array($0.utf8) }) { input in
            guard let bytes = Base64.decodeForURL(String(decoding: input, as: UTF8.self)) else {
                return
            }
            require(
                Base64.decodeForURL(Base64.encodeForURL(bytes)) == bytes,
                "bytes in base64url read back as others")
        },
    ]
}
