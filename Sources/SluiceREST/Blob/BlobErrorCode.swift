/// The codes by which the Blob service says what it refuses, as `x-ms-error-code` has them: the case's name with a
/// capital letter.
public enum BlobErrorCode: String, CaseIterable, Sendable {
    case accountIsDisabled, authenticationFailed, authorizationFailure
    case authorizationPermissionMismatch, authorizationProtocolMismatch
    case authorizationResourceTypeMismatch, authorizationServiceMismatch
    case authorizationSourceIPMismatch, blobAlreadyExists, blobArchived, blobBeingRehydrated
    case blobImmutableDueToLegalHold, blobImmutableDueToPolicy, blobNotArchived, blobNotFound
    case blobUsesCustomerSpecifiedEncryption, blobDoesNotUseCustomerSpecifiedEncryption
    case blockCountExceedsLimit, blockListTooLong, cannotVerifyCopySource, conditionNotMet
    case containerAlreadyExists, containerBeingDeleted, containerNotFound, copyIdMismatch
    case crc64Mismatch, emptyMetadataKey, encryptionScopeNotFound, encryptionScopeDisabled
    case infiniteLeaseDurationRequired, insufficientAccountPermissions, internalError
    case invalidAuthenticationInfo, invalidBlobOrBlock, invalidBlobTier, invalidBlobType
    case invalidBlockId, invalidBlockList, invalidCrc64, invalidHeaderValue, invalidInput,
        invalidMd5
    case invalidMetadata, invalidOperation, invalidQueryParameterValue, invalidRange
    case invalidResourceName, invalidSourceBlobType, invalidSourceBlobUrl
    case invalidStructuredMessage, invalidUri, invalidXmlDocument, invalidXmlNodeValue
    case keyVaultAccessTokenCannotBeAcquired, keyVaultEncryptionKeyNotFound, keyVaultVaultNotFound
    case keyBasedAuthenticationNotPermitted
    case leaseAlreadyBroken, leaseAlreadyPresent, leaseIdMismatchWithBlobOperation
    case leaseIdMismatchWithContainerOperation, leaseIdMismatchWithLeaseOperation, leaseIdMissing
    case leaseIsBreakingAndCannotBeAcquired, leaseIsBreakingAndCannotBeChanged
    case leaseIsBrokenAndCannotBeRenewed, leaseLost, leaseNotPresentWithBlobOperation
    case leaseNotPresentWithContainerOperation, leaseNotPresentWithLeaseOperation, md5Mismatch
    case metadataTooLarge, missingContentLengthHeader, missingRequiredHeader
    case missingRequiredQueryParameter, missingRequiredXmlNode
    case multipleConditionHeadersNotSupported, noAuthenticationInformation
    case noPendingCopyOperation, notImplemented, operationTimedOut, outOfRangeInput
    case outOfRangeQueryParameterValue, pendingCopyOperation, publicAccessNotPermitted
    case requestBodyTooLarge, requestEncryptionScopeNotAllowed, requestUrlFailedToParse
    case resourceNotFound, serverBusy, snapshotsPresent, sourceConditionNotMet
    case targetConditionNotMet, unauthorizedBlobOverwrite, unmatchedContentLength
    case unsupportedHeader, unsupportedHttpVerb, unsupportedQueryParameter, unsupportedXmlNode

    /// As the service spells it.
    public var name: String {
        rawValue.prefix(1).uppercased() + rawValue.dropFirst()
    }

    /// The HTTP status it goes with.
    public var status: Int { row.status }

    /// The sentence that the service says.
    public var sentence: String { row.sentence }

    /// Where the documentation of the service tells of it: the anchor within its page.
    public var anchor: String { rawValue.lowercased() }

    private var row: Row {
        Self.rows[self] ?? Row(self, 500, "The server encountered an internal error.")
    }
}

// MARK: The table

extension BlobErrorCode {
    private struct Row: Sendable {
        let code: BlobErrorCode
        let status: Int
        let sentence: String

        init(_ code: BlobErrorCode, _ status: Int, _ sentence: String) {
            self.code = code
            self.status = status
            self.sentence = sentence
        }
    }

    /// Whether the table has a row of this code's own.
    var isInTable: Bool { Self.rows[self] != nil }

    private static let rows = Dictionary(
        uniqueKeysWithValues: [access, lease, state, input].joined().map { ($0.code, $0) })

    private static let access = [
        Row(.accountIsDisabled, 403, "The specified account is disabled."),
        Row(
            .authenticationFailed, 403,
            """
            Server failed to authenticate the request. Make sure the value of Authorization header is formed \
            correctly including the signature.
            """),
        Row(
            .authorizationFailure, 403,
            "This request is not authorized to perform this operation."),
        Row(
            .authorizationPermissionMismatch, 403,
            "This request is not authorized to perform this operation using this permission."),
        Row(
            .authorizationProtocolMismatch, 403,
            "This request is not authorized to perform this operation using this protocol."),
        Row(
            .authorizationResourceTypeMismatch, 403,
            "This request is not authorized to perform this operation using this resource type."),
        Row(
            .authorizationServiceMismatch, 403,
            "This request is not authorized to perform this operation using this service."),
        Row(
            .authorizationSourceIPMismatch, 403,
            "This request is not authorized to perform this operation using this source IP."),
        Row(
            .insufficientAccountPermissions, 403,
            "The account being accessed does not have sufficient permissions to execute this operation."
        ),
        Row(
            .invalidAuthenticationInfo, 400,
            "Authentication information is not given in the correct format. Check the value of Authorization header."
        ),
        Row(
            .keyBasedAuthenticationNotPermitted, 403,
            "Key based authentication is not permitted on this storage account."),
        Row(
            .keyVaultAccessTokenCannotBeAcquired, 403,
            "The access token of the storage account's identity can't be acquired from the directory."
        ),
        Row(
            .keyVaultEncryptionKeyNotFound, 403,
            "The key vault key is not found to unwrap the encryption key."),
        Row(
            .keyVaultVaultNotFound, 403, "The key vault is not found to unwrap the encryption key."),
        Row(
            .noAuthenticationInformation, 401,
            "Server failed to authenticate the request. Please refer to the information in the www-authenticate header."
        ),
        Row(
            .publicAccessNotPermitted, 409,
            "Public access is not permitted on this storage account."),
        Row(
            .unauthorizedBlobOverwrite, 403,
            "This request is not authorized to perform blob overwrites."),
    ]

    private static let lease = [
        Row(
            .infiniteLeaseDurationRequired, 412,
            "The lease ID matched, but the specified lease must be an infinite-duration lease."),
        Row(
            .leaseAlreadyBroken, 409,
            "The lease has already been broken and cannot be broken again."),
        Row(.leaseAlreadyPresent, 409, "There is already a lease present."),
        Row(
            .leaseIdMismatchWithBlobOperation, 412,
            "The lease ID specified did not match the lease ID for the blob."),
        Row(
            .leaseIdMismatchWithContainerOperation, 412,
            "The lease ID specified did not match the lease ID for the container."),
        Row(
            .leaseIdMismatchWithLeaseOperation, 409,
            "The lease ID specified did not match the lease ID for the blob or container."),
        Row(
            .leaseIdMissing, 412,
            "There is currently a lease on the resource and no lease ID was specified in the request."
        ),
        Row(
            .leaseIsBreakingAndCannotBeAcquired, 409,
            "The lease ID matched, but the lease is currently in breaking state and cannot be acquired until it is broken."
        ),
        Row(
            .leaseIsBreakingAndCannotBeChanged, 409,
            "The lease ID matched, but the lease is currently in breaking state and cannot be changed."
        ),
        Row(
            .leaseIsBrokenAndCannotBeRenewed, 409,
            "The lease ID matched, but the lease has been broken explicitly and cannot be renewed."),
        Row(
            .leaseLost, 412,
            "A lease ID was specified, but the lease for the resource has expired."),
        Row(
            .leaseNotPresentWithBlobOperation, 412, "There is currently no lease on the blob."),
        Row(
            .leaseNotPresentWithContainerOperation, 412,
            "There is currently no lease on the container."),
        Row(
            .leaseNotPresentWithLeaseOperation, 409,
            "There is currently no lease on the blob or container."),
    ]

    private static let state = [
        Row(.blobAlreadyExists, 409, "The specified blob already exists."),
        Row(.blobArchived, 409, "This operation is not permitted on an archived blob."),
        Row(
            .blobBeingRehydrated, 409,
            "This operation is not permitted because the blob is being rehydrated."),
        Row(
            .blobDoesNotUseCustomerSpecifiedEncryption, 409,
            "The blob is not encrypted with a customer specified key."),
        Row(
            .blobImmutableDueToLegalHold, 409,
            "This operation is not permitted as the blob is immutable due to one or more legal holds."
        ),
        Row(
            .blobImmutableDueToPolicy, 409,
            "This operation is not permitted as the blob is immutable due to a policy."),
        Row(.blobNotArchived, 409, "The blob is not in the archive tier."),
        Row(.blobNotFound, 404, "The specified blob does not exist."),
        Row(
            .blobUsesCustomerSpecifiedEncryption, 409,
            "The blob is encrypted with customer specified encryption, but it was not provided in the request."
        ),
        Row(
            .cannotVerifyCopySource, 404,
            "Could not verify the copy source within the specified time."),
        Row(
            .conditionNotMet, 412,
            "The condition specified using HTTP conditional header(s) is not met."),
        Row(.containerAlreadyExists, 409, "The specified container already exists."),
        Row(
            .containerBeingDeleted, 409,
            "The specified container is being deleted. Try operation later."),
        Row(.containerNotFound, 404, "The specified container does not exist."),
        Row(
            .copyIdMismatch, 409,
            "The specified copy ID did not match the copy ID for the pending copy operation."),
        Row(
            .encryptionScopeDisabled, 403,
            "The encryption scope is disabled, so what it seals can be neither read nor written."),
        Row(.encryptionScopeNotFound, 404, "The specified encryption scope does not exist."),
        Row(
            .internalError, 500,
            "The server encountered an internal error. Please retry the request."),
        Row(.noPendingCopyOperation, 409, "There is currently no pending copy operation."),
        Row(
            .notImplemented, 501,
            "The requested operation is not implemented on the specified resource."),
        Row(
            .operationTimedOut, 500,
            "The operation could not be completed within the permitted time."),
        Row(.pendingCopyOperation, 409, "There is currently a pending copy operation."),
        Row(
            .requestEncryptionScopeNotAllowed, 403,
            "The encryption scope of the request isn't that of the container, which allows no other."
        ),
        Row(.resourceNotFound, 404, "The specified resource does not exist."),
        Row(
            .serverBusy, 503,
            "The server is currently unable to receive requests. Please retry your request."),
        Row(
            .snapshotsPresent, 409,
            "This operation is not permitted because the blob has snapshots."),
        Row(
            .sourceConditionNotMet, 412,
            "The source condition specified using HTTP conditional header(s) is not met."),
        Row(
            .targetConditionNotMet, 412,
            "The target condition specified using HTTP conditional header(s) is not met."),
    ]

    private static let input = [
        Row(
            .blockCountExceedsLimit, 409,
            "The uncommitted block count cannot exceed the maximum limit of 100,000 blocks."),
        Row(
            .blockListTooLong, 400, "The block list may not contain more than 50,000 blocks."),
        Row(
            .crc64Mismatch, 400,
            "The CRC64 value specified in the request did not match the CRC64 value calculated by the server."
        ),
        Row(.emptyMetadataKey, 400, "The key for one of the metadata key-value pairs is empty."),
        Row(.invalidBlobOrBlock, 400, "The specified blob or block content is invalid."),
        Row(.invalidBlobTier, 400, "The specified blob tier is invalid."),
        Row(.invalidBlobType, 409, "The blob type is invalid for this operation."),
        Row(
            .invalidBlockId, 400,
            "The specified block ID is invalid. The block ID must be Base64-encoded."),
        Row(.invalidBlockList, 400, "The specified block list is invalid."),
        Row(.invalidCrc64, 400, "The CRC64 value specified in the request is invalid."),
        Row(
            .invalidHeaderValue, 400,
            "The value for one of the HTTP headers is not in the correct format."),
        Row(.invalidInput, 400, "One of the request inputs is not valid."),
        Row(.invalidMd5, 400, "The MD5 value specified in the request is invalid."),
        Row(
            .invalidMetadata, 400,
            "The metadata specified is invalid. It has characters that are not permitted."),
        Row(.invalidOperation, 400, "Invalid operation against a blob snapshot."),
        Row(
            .invalidQueryParameterValue, 400,
            "Value for one of the query parameters specified in the request URI is invalid."),
        Row(
            .invalidRange, 416,
            "The range specified is invalid for the current size of the resource."),
        Row(
            .invalidResourceName, 400,
            "The specified resource name contains invalid characters."),
        Row(
            .invalidSourceBlobType, 409,
            "The copy source blob type is invalid for this operation."),
        Row(.invalidSourceBlobUrl, 409, "The source URL for the copy operation is invalid."),
        Row(.invalidStructuredMessage, 400, "The structured message of the body is invalid."),
        Row(
            .invalidUri, 400, "The requested URI does not represent any resource on the server."),
        Row(
            .invalidXmlDocument, 400,
            "XML specified is not syntactically valid."),
        Row(
            .invalidXmlNodeValue, 400,
            "The value for one of the XML nodes is not in the correct format."),
        Row(
            .md5Mismatch, 400,
            "The MD5 value specified in the request did not match with the MD5 value calculated by the server."
        ),
        Row(.metadataTooLarge, 400, "The metadata specified exceeds the maximum size permitted."),
        Row(.missingContentLengthHeader, 411, "The Content-Length header was not specified."),
        Row(
            .missingRequiredHeader, 400,
            "An HTTP header that's mandatory for this request is not specified."),
        Row(
            .missingRequiredQueryParameter, 400,
            "A query parameter that's mandatory for this request is not specified."),
        Row(
            .missingRequiredXmlNode, 400,
            "An XML node that's mandatory for this request is not specified."),
        Row(
            .multipleConditionHeadersNotSupported, 400,
            "Multiple condition headers are not supported."),
        Row(.outOfRangeInput, 400, "One of the request inputs is out of range."),
        Row(
            .outOfRangeQueryParameterValue, 400,
            "One of the query parameters specified in the request URI is outside the permissible range."
        ),
        Row(
            .requestBodyTooLarge, 413,
            "The request body is too large and exceeds the maximum permissible limit."),
        Row(.requestUrlFailedToParse, 400, "The url in the request could not be parsed."),
        Row(
            .unmatchedContentLength, 400,
            "The length of the body isn't what the headers of the request say."),
        Row(
            .unsupportedHeader, 400,
            "One of the HTTP headers specified in the request is not supported."),
        Row(
            .unsupportedHttpVerb, 405, "The resource doesn't support specified Http Verb."),
        Row(
            .unsupportedQueryParameter, 400,
            "One of the query parameters specified in the request URI is not supported."),
        Row(
            .unsupportedXmlNode, 400,
            "One of the XML nodes specified in the request body is not supported."),
    ]
}
