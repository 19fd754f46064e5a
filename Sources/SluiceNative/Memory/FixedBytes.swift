/// A 96-bit AES-GCM nonce.
public typealias Nonce96 = [12 of UInt8]

/// A 256-bit digest: SHA-256's or HMAC-SHA-256's.
public typealias Digest256 = [32 of UInt8]
