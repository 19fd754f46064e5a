import SluiceREST
import Testing

/// Every parser answers whatever it is given, and takes no longer than its length.
@Suite struct BlobHostileTests {
    /// Changes some bytes of a text, by a seed.
    private func mutated(_ bytes: [UInt8], _ seed: Int) -> [UInt8] {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        func next(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(max(bound, 1)))
        }
        var bytes = bytes
        for _ in 0...next(4) where !bytes.isEmpty {
            let place = next(bytes.count)
            switch next(4) {
            case 0: bytes[place] = UInt8(next(256))
            case 1: bytes.remove(at: place)
            case 2: bytes.removeSubrange(place..<min(place + next(20), bytes.count))
            default:
                bytes.insert(
                    contentsOf: bytes[place..<min(place + next(20), bytes.count)], at: place)
            }
        }
        return bytes
    }

    @Test func `documents that were changed anywhere are read or refused`() {
        for seed in 0..<400 {
            _ = BlobRefusal.code { try BlockList(mutated(Array(BlobGolden.blockList.utf8), seed)) }
            _ = BlobRefusal.code {
                try SignedIdentifier.read(mutated(Array(BlobGolden.policies.utf8), seed))
            }
            _ = BlobRefusal.code {
                try ServiceProperties().changed(
                    by: mutated(Array(BlobGolden.serviceProperties.utf8), seed))
            }
            _ = BlobRefusal.code {
                try BlobBatch(
                    .blob("POST", "/?comp=batch", ["Content-Type": BlobGolden.batchType]),
                    body: mutated(Array(BlobGolden.batch.utf8), seed))
            }
        }
    }

    @Test func `requests that were changed anywhere are routed or refused`() throws {
        func text(_ value: String, _ seed: Int) -> String {
            String(decoding: mutated(Array(value.utf8), seed), as: UTF8.self)
        }
        let signature = try #require(BlobGolden.signatures["delegation"]?.query)
        for seed in 0..<400 {
            let request = ServiceRequest(
                method: "GET", host: text("acct1.blob.core.windows.net", seed),
                path: text("/con1/t%2F%C3%A4", seed),
                query: text("comp=list&restype=container&" + signature, seed))
            _ = BlobRefusal.code { try request.route() }
            let date = text("Tue, 03 Nov 2026 12:00:00 GMT", seed)
            let headers: HeaderFields = [
                "If-Match": text("\"a\", W/\"b\"", seed), "If-Modified-Since": date,
                "x-ms-date": date,
                "x-ms-range": text("bytes=12345-67890", seed),
                "Authorization": text(
                    "SharedKey acct1:pwXXZ+bPzoudCvQn//KSvNmsTckEcKtcIhmgb6s9r3Q=", seed),
                "x-ms-lease-action": "acquire", "x-ms-lease-duration": text("15", seed),
                "x-ms-proposed-lease-id": text("00000000-0000-0000-0000-00000000000a", seed),
                "x-ms-copy-source": text(
                    "https://a.blob.h:8/con1/b?snapshot=2026-11-28T10:00:00.1234567Z&sig=x", seed),
            ]
            let whole = ServiceRequest.blob("PUT", "/con1/b", headers)
            _ = BlobRefusal.code { try BlobConditions(headers) }
            _ = BlobRefusal.code { try BlobRange.read(headers).range?.bytes(of: 50_000) }
            _ = BlobRefusal.code { try LeaseRequest(headers) }
            _ = BlobRefusal.code { try CopySource(whole) { $0 } }
            _ = BlobRefusal.code {
                if case .sharedKey(let key) = try BlobCredential(
                    whole, try BlobQuery(request.query))
                {
                    _ = key.texts(whole, account: "acct1")
                    try key.check(whole, account: "acct1", at: .noon)
                }
            }
        }
    }

    @Test func `a body in segments that was changed anywhere is refused, or is what it says`() {
        var encoder = StructuredBodyEncoder(contentByteCount: 11, segmentByteCount: 4)
        let content = Array("hello world".utf8)
        let message = encoder.encode(content.span).flatMap { piece in
            switch piece {
            case .frame(let frame): frame
            case .content(let range): Array(content[range])
            }
        }
        for seed in 0..<400 {
            let changed = mutated(message, seed)
            var decoder = StructuredBodyDecoder(byteCount: changed.count, contentByteCount: 11)
            let code = BlobRefusal.code {
                _ = try decoder.decode(changed.span)
                try decoder.finish()
            }
            #expect(code != nil || changed == message)
        }
    }

    @Test func `long documents cost their length`() {
        let clock = ContinuousClock()
        for unit in [
            "<!-- a -->", "<a/>", "&amp;", "<a b='c'>", "<![CDATA[", "<", "]]>", "<?a?>", " ",
        ] {
            let body = String(repeating: unit, count: (1 << 17) / unit.utf8.count)
            let elapsed = clock.measure {
                for document in ["<KeyInfo>\(body)</KeyInfo>", "<KeyInfo><a>\(body)</a></KeyInfo>"]
                {
                    _ = BlobRefusal.code {
                        try UserDelegationRequest(Array(document.utf8), at: .noon)
                    }
                }
            }
            // The square of 128 KiB would be minutes.
            #expect(elapsed < .seconds(20), "\(unit)")
        }
    }
}
