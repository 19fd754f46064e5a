/// Keys and a ciphertext that OpenSSL's command made.
enum Vectors {
    /// RSA-2048, PKCS#1.
    static let pkcs1 = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEowIBAAKCAQEAjdqHVxUP/fDH4pNF/UO+wTpwmWuBGUmCyqW5t38Jb5H/B0qM
        re+BREfF1CjAlh6jLBXgiOJPKhKByfuOaJaCU3mAtAsZf/Kk1+RjZaBIwBr/uagG
        yqUpH0nkvKwBVNUckAe5LRe8i1HxEdLs2hqXLbjLYjm7vrELq5XFPT5HutQIVos1
        U0eNyWeGiPb4at74+HM6S+1JEKBKq2nkGNoF80nNIADUiSRf8L7G0/YVuNqGQ8Ek
        7P9gF6ag4yiwBSQx0KbVIMiFntCObKC9u+ApWTFoasNTe19Lbjv4dFOmt2kKQzpu
        AjycwtJmkQ7s8JlvWT0ZVLaUUXYcLjgF2eeVuwIDAQABAoIBAEUzpA3QCSatpZ27
        kgvNVkxGubKmturCqWs58QF7GHvU4fDJJhseedX5G6H2JYm2tYymuYydttgEAkwq
        i90q+7ZEUozC03RPR6rI0NK9oHATW8jTF0kZzJdmgY+na9jaRF5hXi2I5GKlHXFA
        EGsQSMs12QZ4usX68gIJhRjs/qo91zFXyUZWF/YmB543YE5Jju3T+NSEmcNyscp8
        k3EhJ2eMFEqefgeN9Mt5Y1iQ4c6ZhbIMAhBA8IhsQ0DGEiN0ksHEgr1flLtcbKX1
        H1ziBZ2XJqMQyazZ6Qy9ErA0n65VLis1vqe9H5aCtM71wEqlgb3F1UChOOSNb1fk
        yWMvbE0CgYEAxOxN5KtDabZjGACR/bh6Wc+Z7vf/wqO+uRILXJmDoNweGjju2i02
        6VJ2lZkrk9KYs6XpYEOmmCP2gO7LsOG5Y++FluzahtlGEzLbeVxKBA/kyWyV1C/7
        rHtT7ou4fqS1xSBD0606b3FW7oJdNnTbteL/D+h61XNR3GsD4HFCXZcCgYEAuGjj
        9mk0jbwFGB8yYc2plNbbSGKjMleP/oK55S3gTCSG11+ei8SqPJdWnlv1cVMnzRpl
        adm85Vv0WSIX6Ww8gmCgEWA38r7SW3dhGGXu3mHc8JV1Acspibd9DladEjbD+At3
        kRmX5laHR+vToAEQwmIzK8H2QWjpGvBoK5MRlX0CgYEAqDl+aWRtGHe4u55xGSBp
        VSPmSqENmocrvQpPLnHuYpLoHFqaoUOS70uFBlNtSMDVtlJ7xcLFJJ9ES+yzkY2j
        RF4v7zizjhM6q9f8afaPPF0fg3sBm9zJ0RUiJFyz5Wxr49SmXMRVcTKPov03B/hY
        YU9juYFOvd3gBr5c93WJzk0CgYA7pFD2RRhmLsVHA+/7idSq+sJ5Ks21XnSH0Cfn
        Y2sDtVyXE6nncnfMmPW+yecb+9UHlN3v2igp1g+1ND2flQ4M7MtYU1JFBEpsorOY
        fH9BFU2r0erB5b9NdzbPCFxMo8HF24+UMj7alGm0bSVIvo95DuGV6WmHxjJ+L/rA
        /RPW0QKBgC7OGxwQXU4uJbMjPRY3dgW3SRRD7VLS60Biw826eUl60e2AJ9RzjRRc
        54JJjsSjPGxmX/xyK+xxXVL8q2fcJX2psMKgkCqn/iUeZEz9nftrVjyfQc4JUBbI
        8OtfcUqIcHlbDyOWbwRCUsNhx4/49mASpqttyvHryXnA4a0LTj4D
        -----END RSA PRIVATE KEY-----
        """

    /// The same key, PKCS#8.
    static let pkcs8 = """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCN2odXFQ/98Mfi
        k0X9Q77BOnCZa4EZSYLKpbm3fwlvkf8HSoyt74FER8XUKMCWHqMsFeCI4k8qEoHJ
        +45oloJTeYC0Cxl/8qTX5GNloEjAGv+5qAbKpSkfSeS8rAFU1RyQB7ktF7yLUfER
        0uzaGpctuMtiObu+sQurlcU9Pke61AhWizVTR43JZ4aI9vhq3vj4czpL7UkQoEqr
        aeQY2gXzSc0gANSJJF/wvsbT9hW42oZDwSTs/2AXpqDjKLAFJDHQptUgyIWe0I5s
        oL274ClZMWhqw1N7X0tuO/h0U6a3aQpDOm4CPJzC0maRDuzwmW9ZPRlUtpRRdhwu
        OAXZ55W7AgMBAAECggEARTOkDdAJJq2lnbuSC81WTEa5sqa26sKpaznxAXsYe9Th
        8MkmGx551fkbofYliba1jKa5jJ222AQCTCqL3Sr7tkRSjMLTdE9HqsjQ0r2gcBNb
        yNMXSRnMl2aBj6dr2NpEXmFeLYjkYqUdcUAQaxBIyzXZBni6xfryAgmFGOz+qj3X
        MVfJRlYX9iYHnjdgTkmO7dP41ISZw3KxynyTcSEnZ4wUSp5+B430y3ljWJDhzpmF
        sgwCEEDwiGxDQMYSI3SSwcSCvV+Uu1xspfUfXOIFnZcmoxDJrNnpDL0SsDSfrlUu
        KzW+p70floK0zvXASqWBvcXVQKE45I1vV+TJYy9sTQKBgQDE7E3kq0NptmMYAJH9
        uHpZz5nu9//Co765EgtcmYOg3B4aOO7aLTbpUnaVmSuT0pizpelgQ6aYI/aA7suw
        4blj74WW7NqG2UYTMtt5XEoED+TJbJXUL/use1Pui7h+pLXFIEPTrTpvcVbugl02
        dNu14v8P6HrVc1HcawPgcUJdlwKBgQC4aOP2aTSNvAUYHzJhzamU1ttIYqMyV4/+
        grnlLeBMJIbXX56LxKo8l1aeW/VxUyfNGmVp2bzlW/RZIhfpbDyCYKARYDfyvtJb
        d2EYZe7eYdzwlXUByymJt30OVp0SNsP4C3eRGZfmVodH69OgARDCYjMrwfZBaOka
        8GgrkxGVfQKBgQCoOX5pZG0Yd7i7nnEZIGlVI+ZKoQ2ahyu9Ck8uce5ikugcWpqh
        Q5LvS4UGU21IwNW2UnvFwsUkn0RL7LORjaNEXi/vOLOOEzqr1/xp9o88XR+DewGb
        3MnRFSIkXLPlbGvj1KZcxFVxMo+i/TcH+FhhT2O5gU693eAGvlz3dYnOTQKBgDuk
        UPZFGGYuxUcD7/uJ1Kr6wnkqzbVedIfQJ+djawO1XJcTqedyd8yY9b7J5xv71QeU
        3e/aKCnWD7U0PZ+VDgzsy1hTUkUESmyis5h8f0EVTavR6sHlv013Ns8IXEyjwcXb
        j5QyPtqUabRtJUi+j3kO4ZXpaYfGMn4v+sD9E9bRAoGALs4bHBBdTi4lsyM9Fjd2
        BbdJFEPtUtLrQGLDzbp5SXrR7YAn1HONFFzngkmOxKM8bGZf/HIr7HFdUvyrZ9wl
        famwwqCQKqf+JR5kTP2d+2tWPJ9BzglQFsjw619xSohweVsPI5ZvBEJSw2HHj/j2
        YBKmq23K8evJecDhrQtOPgM=
        -----END PRIVATE KEY-----
        """

    /// Its public half.
    static let publicOnly = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAjdqHVxUP/fDH4pNF/UO+
        wTpwmWuBGUmCyqW5t38Jb5H/B0qMre+BREfF1CjAlh6jLBXgiOJPKhKByfuOaJaC
        U3mAtAsZf/Kk1+RjZaBIwBr/uagGyqUpH0nkvKwBVNUckAe5LRe8i1HxEdLs2hqX
        LbjLYjm7vrELq5XFPT5HutQIVos1U0eNyWeGiPb4at74+HM6S+1JEKBKq2nkGNoF
        80nNIADUiSRf8L7G0/YVuNqGQ8Ek7P9gF6ag4yiwBSQx0KbVIMiFntCObKC9u+Ap
        WTFoasNTe19Lbjv4dFOmt2kKQzpuAjycwtJmkQ7s8JlvWT0ZVLaUUXYcLjgF2eeV
        uwIDAQAB
        -----END PUBLIC KEY-----
        """

    /// RSA-1024.
    static let small = """
        -----BEGIN PRIVATE KEY-----
        MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAMw2V+LN2qlt3x/J
        ciV0QayTYdO/xMOiBMpovy0ghkknTNCodQtDQozbCP35yxP2Bd0lXxu307IKfans
        z84ucmlWL9QzPivUKVvM+BrGxBAWIDh6P/n/bIYQdjFCh42hYpw7JNGk6k7kFCQb
        alYHGEO0439NkFNr1n3It+8oFPf/AgMBAAECgYBXVB39Vb7emafDNihkL/Ut0dER
        9n40kwKtdGHc8H28ptvIl2GGMXsyNTEBO2NG4/zZ93NWrSQQjT/z/NtY9q/h68Xs
        l8jzkt4Nr+o/L6mCHSi3EKUJ/9TBLfQRJH0uOqsEUC0ojTUMDIi5lTkdrS8w4e6R
        OsQdokwCaTUCW3LO8QJBAPiWT6pgK4/pVADHFVbaeQloBRMhwiCR8nCDHEhwdBlL
        N16jpiiMTR0X5TWd1mbh4sBelCMy4E5YpBdrjWN02z0CQQDSTUdkTBzXMGfWNA/j
        QUg2xEGRIp15LmvGMWL6ugg7hALSAT7UPlqfPmVROyA5QpTmtotQwPAIfF03aiCe
        FgPrAkA56qNS+acMl3sn1zpkivAqPd74zyOwfPB0QEfFpNWX0wtqdExRJCcPQTL4
        4/ZA8B3pXd+7t63E8ygAAOHnKyGtAkAsNLJdEuK9GR+6lxb/3ikf2gEuUOhpIKjm
        8Fqt+Yzhdc5h9oEOfEzwTF1fxd3wK17BYH3Ia8YJAptVmqlgkaAhAkEAqrqCzFLh
        iKGPQFIc/ZAT7sfcsG3JP9Pj+dMZXR4mvxrB+zkqGdL/+ok8zPmVRWZTdgkon+rt
        //j0SZQJt9HY9g==
        -----END PRIVATE KEY-----
        """

    /// P-256.
    static let elliptic = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIBk8hVsMZA2EzY+sxJafeCOwJcXjw9E6le1ROhpEcsFioAoGCCqGSM49
        AwEHoUQDQgAEoLVhyfk/mgKO+eIe9C2on3SR/sXTw43RpOzCroZXBUdFaNNvDLqg
        mKgEOCY4KZ8AehuT8jdFHKC+c4TGws6pcQ==
        -----END EC PRIVATE KEY-----
        """

    /// The modulus of the RSA-2048 key, in base64url.
    static let modulus =
        "jdqHVxUP_fDH4pNF_UO-wTpwmWuBGUmCyqW5t38Jb5H_B0qMre-BREfF1CjAlh6jLBXgiOJPKhKByfuO"
        + "aJaCU3mAtAsZf_Kk1-RjZaBIwBr_uagGyqUpH0nkvKwBVNUckAe5LRe8i1HxEdLs2hqXLbjLYjm7vrEL"
        + "q5XFPT5HutQIVos1U0eNyWeGiPb4at74-HM6S-1JEKBKq2nkGNoF80nNIADUiSRf8L7G0_YVuNqGQ8Ek"
        + "7P9gF6ag4yiwBSQx0KbVIMiFntCObKC9u-ApWTFoasNTe19Lbjv4dFOmt2kKQzpuAjycwtJmkQ7s8Jlv"
        + "WT0ZVLaUUXYcLjgF2eeVuw"

    /// The bytes 0 to 31, wrapped by `openssl pkeyutl -encrypt -pkeyopt rsa_padding_mode:oaep
    /// -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256`.
    static let wrapped: [UInt8] = [
        0x3c, 0xf9, 0xda, 0x74, 0x8f, 0xec, 0x99, 0x0f, 0x2c, 0x1c, 0x46, 0x98, 0xb7, 0x1f,
        0x24, 0x50, 0x38, 0x70, 0x26, 0x60, 0xc4, 0xef, 0xa3, 0xd9, 0x85, 0x0a, 0x00, 0x6a,
        0x61, 0x1a, 0x21, 0xcd, 0x69, 0x38, 0x7e, 0x91, 0x56, 0x8a, 0x36, 0x30, 0xe1, 0xf0,
        0x70, 0x0e, 0xef, 0x41, 0x4e, 0xc2, 0x6d, 0x1b, 0x09, 0x7f, 0x80, 0x7d, 0xa5, 0x3b,
        0xbd, 0x41, 0xa4, 0x6a, 0xb4, 0x93, 0xfb, 0x75, 0xaa, 0x70, 0x7e, 0x4b, 0x02, 0xbb,
        0x64, 0xf2, 0x9e, 0x2e, 0x88, 0x46, 0x3e, 0x96, 0x2c, 0xfa, 0x0d, 0x1f, 0xbb, 0x65,
        0x9b, 0x9e, 0xbd, 0x08, 0x3b, 0x3c, 0x14, 0x4c, 0x2b, 0x23, 0xff, 0x25, 0xd8, 0xcc,
        0xe9, 0x37, 0x61, 0x1d, 0x94, 0xe0, 0x42, 0xe2, 0x08, 0x10, 0xf9, 0xa4, 0x55, 0x04,
        0x9d, 0x2a, 0x91, 0xc4, 0xe1, 0xde, 0x44, 0xdb, 0x4b, 0x05, 0xa1, 0xa2, 0x7e, 0xcf,
        0x18, 0x1f, 0x5b, 0xd4, 0x1c, 0x01, 0x7e, 0x80, 0x7e, 0x43, 0x7b, 0xa3, 0xba, 0x87,
        0xee, 0x85, 0xec, 0xb9, 0xd6, 0xa2, 0xff, 0x69, 0x04, 0xf4, 0xdf, 0xab, 0x7b, 0x7e,
        0xfd, 0xaf, 0xd4, 0xff, 0xe7, 0x69, 0xee, 0x40, 0xe4, 0x31, 0x60, 0x1c, 0xf2, 0x5e,
        0x13, 0x33, 0x2d, 0x83, 0x26, 0x48, 0x3c, 0x6d, 0xa0, 0x3e, 0xef, 0x38, 0x57, 0xe1,
        0xf7, 0x84, 0x01, 0xc7, 0xf0, 0x6c, 0x81, 0x15, 0x20, 0xd2, 0x53, 0x49, 0x06, 0x63,
        0xec, 0x4e, 0x2d, 0x09, 0xd4, 0x5c, 0xa7, 0x64, 0x49, 0xbf, 0x41, 0x89, 0x12, 0x7e,
        0x44, 0xdd, 0xd3, 0xb3, 0x41, 0x62, 0x69, 0x8c, 0x62, 0x04, 0x85, 0x68, 0x04, 0x11,
        0x7f, 0x4e, 0x9d, 0x86, 0xe2, 0xf8, 0x17, 0x8d, 0x49, 0x88, 0x5b, 0xaf, 0xd3, 0x42,
        0x45, 0x3d, 0xbc, 0xef, 0x10, 0x10, 0xaf, 0x73, 0xb3, 0x5d, 0x41, 0xe5, 0xbe, 0x53,
        0xe0, 0x18, 0x9b, 0x7d,
    ]
}
