import SluiceNative

/// Keys, ciphertexts and signatures made with the `openssl` command (3.0); the keys protect nothing.
enum SignatureFixtures {
    /// The bytes 0 to 31, encrypted with PKCS #1 v1.5 under `RSAFixtures.pkcs8`.
    static let encryptedPKCS1 = """
        1f2e23d071b22eb40731020cf1ee8cb35ef83dee3ca124068bea0aff8e8687cce5b911cf9524eeee
        3cb87bf18aeed8d9927c79d2e382c7ed48dcd1b59c18b07487ca9634daef697e8aaf6b28d49d8c29
        d095043b1b6f493640f7518dbbedb5d10ad64b7595166e64b216a817d15eae3445a1f659b57b43d4
        44b157cef2b51b757d14088be3659eeb510b7e81127523804513dec9cf2065d01d00cc8a837ea3ae
        e73ac2586f6f1cd7fb5bedd907a43f3d3b3b0663cf2ce2badfdfe0b7f77b2c87c1be9ad4d17af12f
        c5932e299b9aea57f692e2396b6bb2ab0c5edebe0282a2da6a3a38a26667815c667fbeef549383cb
        57d4021520eb7ae4b865d99eff8c08cd
        """

    /// A PKCS #1 v1.5 signature of the SHA256 digest of the bytes 0 to 31, by `RSAFixtures.pkcs8`.
    static let pkcs1SHA256 = """
        92a697d637e3c7ceb64074e2781ce4f42d8a35cba9a672482ab35c113d358ba9e6395cb0cf17d395
        4026a5b711bba2e4fcec3f26a11c5a4fa9da62d90d4bde54dbee85b7ef7f81bb3c7246dbda03e9ad
        93c87396051fe4a437b2206790b2ecd6fc6f1bc8bd304062f6b45d088c9ce24335e0eb3f4b842720
        1b22a3761dccb8faeb560c404cce0178344234a7d688f187e70e76e10100ebfd37ff103a753d1340
        88cace1cdd77a1aeb0bb062e722d39fb470f121e5f66c4892def37eadc85fa339f23794d90c4e8cd
        c41a75c39ccc965165693f0e6bfea7fd4e2b501c64926d3e6525a9514d17637437659c17fd8fda0f
        279f3ad2bfebc39917ab533019fbc546
        """

    /// The same with PSS.
    static let pssSHA256 = """
        b26ae6702e1b01107fb100a738976a5e1e3754499ad6a8468073c40113ac071369ec3fc47b0f364a
        b79201640b910472006c95b85083fcb75fa0cb36ae3698797e8b51c2bb883bbdc6cd9baa503ed09d
        7762e390f42667a596e27f2baa7d7a411d05c5446ff10f6362523f0f7281bf99c4b7149853c64024
        38cd8985efeb737784e33b65dbe8a0c3e752922d86bd5b52b16379772f7765728febe8545f95fa3d
        007ef4496416d23a88dd88e742b682d99de9852b14b8375533a5af05abcb618eb35a84ae4847fcae
        46bdc06ffd96483c5f9d79455516b00580a5934da80ea3ed34b2d59810c7bc5c9aab2376a35e68dd
        55cfe9c50f9c15ee5a5f3bf748f19f5b
        """

    /// A PKCS #1 v1.5 signature of the SHA384 digest of the bytes 0 to 31, by `RSAFixtures.pkcs8`.
    static let pkcs1SHA384 = """
        3534f8d03a6b2b287adee41217e5022fa15f10f315c5066d2d750c336ffc25c0e888529937c915ab
        098b8b981e17108294bc22eef29d6f99ea01b8f43647aa4d11c5c92f2a6b1c0ac872bd9696245ed3
        bd90e23ab3ccd01b8657cdafc7fdec70559ce451897b8ed847edbac0b69f120093558553503cd314
        2cff085eb494cbe325f5e20b654d484bea213384ff305740697437a1418ece313a7dec1c9b0a75a7
        882e033bd4847d2ca2358d6202e93f0281a98343d013b4b371a00e6f9f1803c1efaf947f09f937a5
        f53767963702c7d3fb4b4dbee2a7637397ce326454edfe1931074ed3916d1111c0ea09c56a326ea3
        c112dfab9fa00ec1ba35df43d25d0f11
        """

    /// The same with PSS.
    static let pssSHA384 = """
        303881ee346e74817dea00cd86a1e92e1ee8949b417fb4b2372a3a0629e2654659d0db9b27cac481
        c26c40dfaf628d0e71b1c81c6e24ed506f411d7992cba42bd3a9efcb76643cad1060a5386d2ed697
        0e7ad40971099fe616b5b6c729993a893af32dcbf0e0426fc8c2e79532b2a19e47952a54a1fc65ba
        0daf4dbf29520d339863851933484b012d5ff62a498d82a11df2084c2e21aeaa7cd2c023b0234fd0
        9b4b6e92fd5062690411ee6057f2cf5d850b6a2e92938dd239973ec42d7ac8efe1014ef400115479
        875c36fab5bb0ae48d73da3c75266e03cc5b1312e38ca512ec2cbf8b00774d17c23f99388383a6d8
        ffc26681f1da8d1641a77302e69e801f
        """

    /// A PKCS #1 v1.5 signature of the SHA512 digest of the bytes 0 to 31, by `RSAFixtures.pkcs8`.
    static let pkcs1SHA512 = """
        9bc45b56ea3ca460b96be3b919c1a84e1cc05b4efabfea259c39d67abc29fa9674be1c4d2d80688b
        0592936ba23d84fa5e3a073f8372ea56b5d0642c17dc3e41514107c11123f9dce6ee74882a7e9671
        50339a90f034c173bee04a8a7d1a9a78debb6ab9bfd34c4340c37923d7415c55cf1d525cdcab2b50
        0992efeac30eb49a1d41310d09cc21c0f4c5c4c478f02166ffb23597cd58ae9c68d22634d5dd793a
        3164a76354654f72a37c9a0389c8190271ea428ecbb463586ea8b5ff325554267d6de4a1b05a3cbf
        ede4a0d00dc9092f673354c1b9bbac7de2cc3ec95072138a88284393101bf593ea60fbe910149a18
        8e3275d13189bdd9d24aa59087a5dc07
        """

    /// The same with PSS.
    static let pssSHA512 = """
        1e9e7f90f764d67c6629eec19668e8ee39a2c0ecfad4f85058640bbd7d9afba8112235916f06ddbc
        e3e5a5dd06fe7336f7837bfb5405745d380de76f90f5393c26a50001ce29869359765f6775f63b34
        816083208e45221a4ec57b4f05850ceda941f5b79ecf1b58bd3c229948aaf1bdfdbf1d52985e8e68
        d8cd8fe53b4e61d60bdeb64a37e8690157caf6f3673ec1a60b3ed9ef875c0be463394986a1cc6198
        af18cb552aa2e856418721473af2fcae220c5663eed9c519c79e9cfe44dba5efd516dc0e9bd4564b
        90599cf079342d2eac183a0d7cec457a56c835eed4bf3539c8a67664846dbeb9ea96643abdf475b9
        a8362977f54f17571de7a5ecfbdb81a5
        """

    /// A key in PEM, and a signature in DER of the digest of the bytes 0 to 31, by the curves.
    static let elliptic: [EllipticCurve: (pem: String, signature: String)] = [
        .p256: (
            """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgi194SK0QKwc7z/Hx
            GJbjuD6VsZK+8BM2jML+AMSPFcehRANCAAQkKvEVP7H/zzE5ngtyAnoPn7+alw1E
            HxLtmd3IzNsWnygtty0JsWZZq2BsE7sf+D/fo6CatXUJXH6wGG2ccLC3
            -----END PRIVATE KEY-----
            """,
            """
            3044022050c2ac33157eb386981d90f18082c7550dd44778aefc9a6d4496fb331543a16f02207c90
            13d3444e200955b58083555fab985533c0aea1ae5336bc7468afef6ab068
            """
        ),
        .p384: (
            """
            -----BEGIN PRIVATE KEY-----
            MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAhnM1tmLyotNBuK4vx
            8/N/r94uzlGk021fRe9G7uaSAakpO9KQrbelRaQozj3xX0mhZANiAASrgAq1e6Kx
            XS2nvYdHBw8/MrSfUQc3fSrrSLfzMZggZWNMpRIhnESz3PJ0/6u3fz5la7K23v2D
            fupgWl8ciwaOQnO/PLmGIIIZaDHnBtBj2xkFA7fcQ197cSO2vvpG+lk=
            -----END PRIVATE KEY-----
            """,
            """
            3065023100eb79f0b279b669da8dee98c6e5696ef368ecf9d3fc7f1227fde14fa51c0ac2ec61b3f7
            2de97e441e658bf925951e889a02302454653f1b6c447def6c1182be690b20694450b3630aa058b9
            7ea5dc924d4311b1122dfab81cea515ebe02d4b8cbe40f
            """
        ),
        .p521: (
            """
            -----BEGIN PRIVATE KEY-----
            MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIAnMK6tuCsDozVBlRa
            lrJcjZ9pESsf5Y3XUuhwDYGIB0RZoc2CYwmCIiQ8eJO8WjoTsRHSZhUQ60ivpwZ0
            /aZwbj6hgYkDgYYABABHIfU7YvM//a7TBLKTTSRKJYUOs8m1E0q6UqGbV/1v8s0g
            HxdPp7/FIs5aMbuvZkUzV7DM+CJCDIODjhLFWMEnJAHxVpWwF8Yl5Pz76m2s4bjf
            EoOsNt4cg3WwXOFaV56cSsYXki56OfROur5w7LtTpryGYkY/eMo/+SHsU1SfmUaG
            MA==
            -----END PRIVATE KEY-----
            """,
            """
            308188024201571104bc154722ecc49f73df0124868c287bc0a71519d568f47425469f48468d5e8a
            0a321bf9b01af3da571cfce627408f7f36260ce42a991dce93f4e20b3382e8024200edaa31380591
            3ed293512381d883f5403383b14db2ba83b0c61ab2248f64cbeba68bffc3a932231f27e7d911285c
            e9dd2097833c73754e983fa50729407cd85acb
            """
        ),
        .secp256k1: (
            """
            -----BEGIN PRIVATE KEY-----
            MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQggDLSkuz5AhTDIJVFAzBP
            QG0SshZdi7SPih/HG9c+Op+hRANCAASW93AKmCMhwWJoo26jC7hlt/viyume2pq8
            DfsjOVgSKpeWOzRzKrSsgKOP31JwxJ3W/xC8JYsY6/AbE6v2Luyb
            -----END PRIVATE KEY-----
            """,
            """
            304502204af7b4e8c982234a8a01c050fd323b638bc960845dbad1b5f4b44f3f22bc2244022100c6
            90b937c55d113c671859c53979cb05aa31439c595155426e19317daa776bf1
            """
        ),
    ]

    /// On brainpoolP256r1, which isn't one of ours.
    static let otherCurve = """
        -----BEGIN PRIVATE KEY-----
        MIGIAgEAMBQGByqGSM49AgEGCSskAwMCCAEBBwRtMGsCAQEEIAdxILqyrcYIXK1G
        CKtOu8DnzQFDRNc7pnX1NyWWa6K6oUQDQgAEMSOI++v8Xtb8JiKabfeKqJUfzjCX
        I8ler/5pL+js9p2nGEVX30w+RghWnbafSTt988GhWoEuTdLZcq5OvIylvw==
        -----END PRIVATE KEY-----
        """

    /// A signature by `RSAFixtures.pkcs8`.
    struct Signature: Sendable {
        let padding: RSASignaturePadding
        let algorithm: DigestAlgorithm
        let signature: String

        var digest: [UInt8] { SignatureFixtures.digest(algorithm) }
    }

    static let rsa = [
        Signature(padding: .pkcs1, algorithm: .sha256, signature: pkcs1SHA256),
        Signature(padding: .pkcs1, algorithm: .sha384, signature: pkcs1SHA384),
        Signature(padding: .pkcs1, algorithm: .sha512, signature: pkcs1SHA512),
        Signature(padding: .pss, algorithm: .sha256, signature: pssSHA256),
        Signature(padding: .pss, algorithm: .sha384, signature: pssSHA384),
        Signature(padding: .pss, algorithm: .sha512, signature: pssSHA512),
    ]

    /// The digest of the bytes 0 to 31.
    static func digest(_ algorithm: DigestAlgorithm) -> [UInt8] {
        switch algorithm {
        case .sha256:
            hex(
                """
                630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd
                """)
        case .sha384:
            hex(
                """
                e7112491faeefd57786da73f367b25a6f5769f5c98fa7b704d8d37747724a647
                371989e8b0fe8d3cb23f9eedd528456b
                """)
        case .sha512:
            hex(
                """
                3d94eea49c580aef816935762be049559d6d1440dede12e6a125f1841fff8e6f
                a9d71862a3e5746b571be3d187b0041046f52ebd850c7cbd5fde8ee38473b649
                """)
        }
    }
}
