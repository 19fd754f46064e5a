/// What Azure's own SDK for Python, azure-storage-blob 12.31.1, made of requests and signatures under
/// the key of the bytes 0 to 63: the texts that it signed, and what it sent.
enum BlobGolden {
    /// A request, and the text that was signed.
    struct Request: Sendable {
        let method: String
        let host: String
        let path: String
        let query: String
        let headers: String
        let signature: String
        let text: String
    }

    /// A query with a signature, and the text that was signed.
    struct Signature: Sendable {
        let query: String
        let text: String
    }

    static let requests: [String: Request] = [
        "list containers": Request(
            method: "GET", host: "acct1.blob.core.windows.net",
            path: "/",
            query: "comp=list&prefix=a%20b&include=metadata",
            headers: """
                x-ms-version: 2026-10-06
                x-ms-date: Mon, 30 Nov 2026 22:30:55 GMT
                x-ms-client-request-id: b5057bae-ed0d-11f1-b3a4-02fc00000001
                """,
            signature: "CD//exE/175t0z++mp6BtyjvM3csyyLYFJ60jYuAEBo=",
            text: """
                GET











                x-ms-client-request-id:b5057bae-ed0d-11f1-b3a4-02fc00000001
                x-ms-date:Mon, 30 Nov 2026 22:30:55 GMT
                x-ms-version:2026-10-06
                /acct1/
                comp:list
                include:metadata
                prefix:a b
                """),
        "put blob": Request(
            method: "PUT", host: "acct1.blob.core.windows.net",
            path: "/con1/dir/%C3%A4%20b%2Bc%26d.txt",
            query: "",
            headers: """
                Content-Length: 5
                x-ms-meta-Foo: bar
                x-ms-meta-aB_2: x y
                x-ms-meta-a1: z
                x-ms-blob-type: BlockBlob
                x-ms-blob-content-type: text/plain
                x-ms-blob-content-md5: AAAAAAAAAAAAAAAAAAAAAA==
                x-ms-lease-id: 00000000-0000-0000-0000-000000000001
                x-ms-version: 2026-10-06
                Content-Type: application/octet-stream
                x-ms-date: Mon, 30 Nov 2026 22:30:55 GMT
                x-ms-client-request-id: b505af16-ed0d-11f1-b3a4-02fc00000001
                """,
            signature: "ZadQHykqUclqqDkCA4rgyAKLvWqu1x9G/lZh6g6oGxI=",
            text: """
                PUT


                5

                application/octet-stream






                x-ms-blob-content-md5:AAAAAAAAAAAAAAAAAAAAAA==
                x-ms-blob-content-type:text/plain
                x-ms-blob-type:BlockBlob
                x-ms-client-request-id:b505af16-ed0d-11f1-b3a4-02fc00000001
                x-ms-date:Mon, 30 Nov 2026 22:30:55 GMT
                x-ms-lease-id:00000000-0000-0000-0000-000000000001
                x-ms-meta-a1:z
                x-ms-meta-ab_2:x y
                x-ms-meta-foo:bar
                x-ms-version:2026-10-06
                /acct1/con1/dir/%C3%A4%20b%2Bc%26d.txt
                """),
        "empty put": Request(
            method: "PUT", host: "acct1.blob.core.windows.net",
            path: "/con1/dir/%C3%A4%20b%2Bc%26d.txt",
            query: "",
            headers: """
                x-ms-blob-type: BlockBlob
                Content-Length: 0
                x-ms-version: 2026-10-06
                Content-Type: application/octet-stream
                x-ms-date: Mon, 30 Nov 2026 22:30:55 GMT
                x-ms-client-request-id: b5097e7a-ed0d-11f1-b3a4-02fc00000001
                """,
            signature: "6eK1AryIJJwNN6nEWw+AHORy3l56tw5sMda8QymjlWU=",
            text: """
                PUT




                application/octet-stream






                x-ms-blob-type:BlockBlob
                x-ms-client-request-id:b5097e7a-ed0d-11f1-b3a4-02fc00000001
                x-ms-date:Mon, 30 Nov 2026 22:30:55 GMT
                x-ms-version:2026-10-06
                /acct1/con1/dir/%C3%A4%20b%2Bc%26d.txt
                """),
        "ranged get": Request(
            method: "GET", host: "acct1.blob.core.windows.net",
            path: "/con1/dir/%C3%A4%20b%2Bc%26d.txt",
            query: "",
            headers: """
                x-ms-range: bytes=5-14
                If-Modified-Since: Sun, 01 Nov 2026 00:00:00 GMT
                x-ms-version: 2026-10-06
                x-ms-date: Mon, 30 Nov 2026 22:30:55 GMT
                x-ms-client-request-id: b509a544-ed0d-11f1-b3a4-02fc00000001
                """,
            signature: "5LLJjZDzfecFDEmOLPOOghjOV2eE3OsC3sbx60CSXoY=",
            text: """
                GET






                Sun, 01 Nov 2026 00:00:00 GMT




                x-ms-client-request-id:b509a544-ed0d-11f1-b3a4-02fc00000001
                x-ms-date:Mon, 30 Nov 2026 22:30:55 GMT
                x-ms-range:bytes=5-14
                x-ms-version:2026-10-06
                /acct1/con1/dir/%C3%A4%20b%2Bc%26d.txt
                """),
        "put block": Request(
            method: "PUT", host: "acct1.blob.core.windows.net",
            path: "/con1/dir/%C3%A4%20b%2Bc%26d.txt",
            query: "comp=block&blockid=YmxrLzE%3D",
            headers: """
                Content-Length: 4
                x-ms-version: 2026-10-06
                Content-Type: application/octet-stream
                x-ms-date: Mon, 30 Nov 2026 22:30:55 GMT
                x-ms-client-request-id: b509c222-ed0d-11f1-b3a4-02fc00000001
                """,
            signature: "WSGjdZwUUxm7mQ6iL6FaKmpEMLTcIRQYF7cRxCdGiGg=",
            text: """
                PUT


                4

                application/octet-stream






                x-ms-client-request-id:b509c222-ed0d-11f1-b3a4-02fc00000001
                x-ms-date:Mon, 30 Nov 2026 22:30:55 GMT
                x-ms-version:2026-10-06
                /acct1/con1/dir/%C3%A4%20b%2Bc%26d.txt
                blockid:YmxrLzE=
                comp:block
                """),
        "list blobs": Request(
            method: "GET", host: "acct1.blob.core.windows.net",
            path: "/con1",
            query: "restype=container&comp=list&prefix=%C3%A4%2B%20%2F&include=metadata,snapshots",
            headers: """
                x-ms-version: 2026-10-06
                x-ms-date: Mon, 30 Nov 2026 22:30:55 GMT
                x-ms-client-request-id: b509f562-ed0d-11f1-b3a4-02fc00000001
                """,
            signature: "LdAHnVa50WhVitpXxEXQ4Ja8Au2pslw60srZJFUMpU4=",
            text: """
                GET











                x-ms-client-request-id:b509f562-ed0d-11f1-b3a4-02fc00000001
                x-ms-date:Mon, 30 Nov 2026 22:30:55 GMT
                x-ms-version:2026-10-06
                /acct1/con1
                comp:list
                include:metadata,snapshots
                prefix:ä+ /
                restype:container
                """),
        "path style": Request(
            method: "HEAD", host: "127.0.0.1",
            path: "/acct1/con2/x%20y",
            query: "snapshot=2026-11-28T10:00:00.1234567Z",
            headers: """
                x-ms-version: 2026-10-06
                x-ms-date: Mon, 30 Nov 2026 22:30:55 GMT
                x-ms-client-request-id: b50d4cc6-ed0d-11f1-b3a4-02fc00000001
                """,
            signature: "TW4/FIHQ37vo24ULnNJnYNjVPD1829P/DO7Z7D1Thps=",
            text: """
                HEAD











                x-ms-client-request-id:b50d4cc6-ed0d-11f1-b3a4-02fc00000001
                x-ms-date:Mon, 30 Nov 2026 22:30:55 GMT
                x-ms-version:2026-10-06
                /acct1/acct1/con2/x%20y
                snapshot:2026-11-28T10:00:00.1234567Z
                """),
        "batch": Request(
            method: "POST", host: "acct1.blob.core.windows.net",
            path: "/con1",
            query: "restype=container&comp=batch",
            headers: """
                x-ms-version: 2026-10-06
                Content-Type: multipart/mixed; boundary=batch_b5143c20-ed0d-11f1-b3a4-02fc000000\
                01
                Content-Length: 779
                x-ms-date: Mon, 30 Nov 2026 22:30:55 GMT
                x-ms-client-request-id: b522aa3a-ed0d-11f1-b3a4-02fc00000001
                """,
            signature: "em/h6yOjBwATc0GOtOMUQFAvbsMZaxKcm0it2+DrFrs=",
            text: """
                POST


                779

                multipart/mixed; boundary=batch_b5143c20-ed0d-11f1-b3a4-02fc00000001






                x-ms-client-request-id:b522aa3a-ed0d-11f1-b3a4-02fc00000001
                x-ms-date:Mon, 30 Nov 2026 22:30:55 GMT
                x-ms-version:2026-10-06
                /acct1/con1
                comp:batch
                restype:container
                """),
    ]
}
