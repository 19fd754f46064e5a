import SluiceREST
import Testing

@Suite struct BlobLeaseTests {
    private static let mine = "00000000-0000-0000-0000-00000000000a"
    private static let other = "00000000-0000-0000-0000-00000000000b"
    private static let states: [BlobLease] = [
        .none, BlobLease(state: .leased, id: mine, isInfinite: true),
        BlobLease(state: .expired, id: mine),
        BlobLease(state: .breaking, id: mine), BlobLease(state: .broken, id: mine),
    ]

    private func refusals(_ request: LeaseRequest) -> [BlobErrorCode?] {
        Self.states.map { lease in BlobRefusal.code { try request.check(lease) } }
    }

    private func uses(_ id: String?, isContainer: Bool = false, isNeeded: Bool) -> [BlobErrorCode?]
    {
        Self.states.map { lease in
            BlobRefusal.code {
                try lease.check(id, isContainer: isContainer, isNeeded: isNeeded)
            }
        }
    }

    // Available, leased, expired, breaking, broken.

    @Test func `the service's table of what is done to leases`() {
        #expect(
            refusals(.acquire(seconds: 15, proposed: nil))
                == [nil, .leaseAlreadyPresent, nil, .leaseAlreadyPresent, nil])
        #expect(
            refusals(.acquire(seconds: nil, proposed: Self.mine.uppercased()))
                == [nil, nil, nil, .leaseIsBreakingAndCannotBeAcquired, nil])
        let mismatch = BlobErrorCode.leaseIdMismatchWithLeaseOperation
        #expect(
            refusals(.renew(Self.mine))
                == [
                    mismatch, nil, nil, .leaseIsBrokenAndCannotBeRenewed,
                    .leaseIsBrokenAndCannotBeRenewed,
                ])
        #expect(refusals(.renew(Self.other)) == Array(repeating: mismatch, count: 5))
        #expect(refusals(.release(Self.mine)) == [mismatch, nil, nil, nil, nil])
        #expect(refusals(.release(Self.other)) == Array(repeating: mismatch, count: 5))
        let absent = BlobErrorCode.leaseNotPresentWithLeaseOperation
        #expect(
            refusals(.change(Self.mine, proposed: Self.other))
                == [absent, nil, absent, .leaseIsBreakingAndCannotBeChanged, absent])
        #expect(refusals(.change(Self.other, proposed: Self.mine))[1] == nil)
        #expect(refusals(.change(Self.other, proposed: Self.other))[1] == mismatch)
        #expect(refusals(.break(seconds: nil)) == [absent, nil, nil, nil, nil])
    }

    @Test func `the service's table of what is done under leases`() {
        let absent = BlobErrorCode.leaseNotPresentWithBlobOperation
        let mismatch = BlobErrorCode.leaseIdMismatchWithBlobOperation
        #expect(uses(nil, isNeeded: true) == [nil, .leaseIdMissing, nil, .leaseIdMissing, nil])
        #expect(uses(nil, isNeeded: false) == [nil, nil, nil, nil, nil])
        #expect(uses(Self.mine, isNeeded: true) == [absent, nil, .leaseLost, nil, .leaseLost])
        #expect(uses(Self.other, isNeeded: false) == [absent, mismatch, absent, mismatch, absent])
        #expect(
            uses(Self.other, isContainer: true, isNeeded: true)
                == [
                    .leaseNotPresentWithContainerOperation, .leaseIdMismatchWithContainerOperation,
                    .leaseNotPresentWithContainerOperation, .leaseIdMismatchWithContainerOperation,
                    .leaseNotPresentWithContainerOperation,
                ])
    }

    @Test func `the five requests are read`() throws {
        func read(_ action: String, _ headers: HeaderFields = [:]) throws -> LeaseRequest {
            var headers = headers
            headers["x-ms-lease-action"] = action
            return try LeaseRequest(headers)
        }
        let id: HeaderFields = ["x-ms-lease-id": "{\(Self.mine.uppercased())}"]
        var both = id
        both["x-ms-proposed-lease-id"] = Self.other
        #expect(
            try read("acquire", ["x-ms-lease-duration": "-1"])
                == .acquire(seconds: nil, proposed: nil))
        #expect(
            try read("Acquire", ["x-ms-lease-duration": "60", "x-ms-proposed-lease-id": Self.mine])
                == .acquire(seconds: 60, proposed: Self.mine))
        #expect(try read("renew", id) == .renew(Self.mine))
        #expect(try read("release", id) == .release(Self.mine))
        #expect(try read("change", both) == .change(Self.mine, proposed: Self.other))
        #expect(try read("break") == .break(seconds: nil))
        #expect(try read("break", ["x-ms-lease-break-period": "0"]) == .break(seconds: 0))
        #expect(try read("break").successStatus == 202)
        #expect(try read("renew", id).successStatus == 200)
        #expect(
            try read("acquire", ["x-ms-lease-duration": "15"]).successStatus == 201)
        func refusal(_ action: String, _ headers: HeaderFields = [:]) -> BlobErrorCode? {
            BlobRefusal.code { try read(action, headers) }
        }
        #expect(BlobRefusal.code { try LeaseRequest([:]) } == .missingRequiredHeader)
        #expect(refusal("what") == .invalidHeaderValue)
        #expect(refusal("acquire") == .missingRequiredHeader)
        for seconds in ["0", "14", "61", "-2", "a", ""] {
            #expect(refusal("acquire", ["x-ms-lease-duration": seconds]) == .invalidHeaderValue)
        }
        for seconds in ["-1", "61", "a"] {
            #expect(refusal("break", ["x-ms-lease-break-period": seconds]) == .invalidHeaderValue)
        }
        #expect(refusal("renew") == .missingRequiredHeader)
        #expect(refusal("change", id) == .missingRequiredHeader)
        #expect(refusal("release", ["x-ms-lease-id": "a-b"]) == .invalidHeaderValue)
        #expect(
            refusal("release", ["x-ms-lease-id": String(repeating: "-", count: 99)])
                == .invalidHeaderValue)
        #expect(
            refusal("release", ["x-ms-lease-id": Self.mine + "zz"]) == .invalidHeaderValue)
        #expect(
            refusal("release", ["x-ms-lease-id": Self.mine + "---"]) == .invalidHeaderValue)
    }
}
