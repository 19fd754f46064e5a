/// Keys and ciphertexts made with the `openssl` command; the keys protect nothing.
enum RSAFixtures {
    /// `openssl genrsa 2048`.
    static let pkcs8 = """
        -----BEGIN PRIVATE KEY-----
        MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQDOkdZvu4ZO4JI8
        yss1AxJ/kN7Q3yyknCJCslLIJoK41szlrecZ55t4PmyfVVyeziyM3PJUoz2EzT2N
        Qp3xQKKBLGpY3+V1h/AxjsETil34M+jT+PMVyJcDZOs3cmPhQASTCdwxq5xVfDGZ
        Ckv1gyCzdf+lTwBEdJzb1VSG5NYsVYgGojkMY9Rv06BGeST9Jog6739wjfgiZowZ
        S7oTyRq0zSo3BSxifoBQpdWjdC5x2SgDZKcyIG+kwt9HQjtl496QaMQD0C6CAV4z
        BRj56/y3O68XP9ts5cat9dno2k2UJ4qa3olJhMx1mW5/pDxaR4LOfcWMMWX8SWbQ
        zSTCYdxTAgMBAAECggEAC1L2gpb6I3rT4FT/ZfYlTCyug3fxtm9JUz3XEexrrdoS
        83YXhnoqVmq9pfS6uq3zodb1yn0pAOkrcRRLrth+GT8DXgnm/Qzf/5U1sUnTRmAn
        1qXZQ1TgeCnhIpaUVtpmk4KuuWLsSlv7lKV6SWQ93EHYKy8QhR3m3AgBI4kcQJqx
        Yhb2izvxPBNMWWXAVAFDOMrlMFxeAAlv60mrBqSNBgP8tT3uqrq6Bnl2RrBe6mIY
        dlQJK2xR/K7RyW/y7NA/tjRJ6SmTnJboaNWygULTeRA9EZNMIGA1n0+Er+AfM4ND
        hXs7dkOcW+1BgalBNK8945NT09vJ01VpucswZGFIYQKBgQDrdfx8sbjcE7plQ24N
        ykPO+qmEForofWmIyjjearLbM+Bbhgour7+RyuQSU8iOUxCB4pZthFjHjknqpqGU
        5HkEfc8DijRHQcRFpKJPOX52Wnr/qoa2NjNXyud4krMNKaU8ST+BXPKkXJvzo5aC
        n7kwiJY4O8xPICEOAOiuGo0yowKBgQDglrCKsg2lTipxrRzID8kytPiW9xSDZ9SN
        n/e6Zx/cW3bedpEH2cvWE+g1Kpy9rZ6O6NB1tuA4ezsqAop+pmgoWZdZ/OhymBmk
        MbnbtgLar4LGe+UXJhSsi/t6NQXmD09OF7qCTizjkqFLqffMbBzXkGbbRkNl2mPH
        oUG+a4f6kQKBgBiWzbNH7AIvnTuN+yQ9hy9KRgGhSQhWcHr0g1PW2K7DkB5+tPmD
        KQJUqdSwIzWZvxORUhxFwe+1EEsM87rU0T6C1OeNuz/lwlVzh++2FVrOwCGK8V59
        8oasjdetmj05qCPPkm40ArLfaPncj488lt5WpTliJUfuFwWbWrEz3KL5AoGAS/wP
        vM0i+sOobo9wRmu42bQKyyDLSu4tJsFxkhpj2C0F2Zxp0ysn4MUZcit5nl8IXzd7
        l+gIknN2/+6eJt1sLgKpx2Neza6SNlAwnppE+vIYn8i5KIzUv9AYhC8+UKjrXvN+
        QanrXA93DN9znDETzQbpFdT+5o3t5lOzp5ZAClECgYBr0ifBrhnVj8cr0oegLTuc
        XLNhY+ZDEivg4hA6dWR6RrgTppB6AD7hdAMSldAVVNZQcDS8Nf+D1v7CG6SBrMTY
        gh7RFYaRoquvUuEtlLctdSWDlxYAWfzPHwSThkgRMEBktauncIKUYyK9s4XbtS1Q
        w45eP4Ycd2ByXNZPeBTrcA==
        -----END PRIVATE KEY-----
        """

    /// The same key: `openssl rsa -traditional`.
    static let pkcs1 = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEogIBAAKCAQEAzpHWb7uGTuCSPMrLNQMSf5De0N8spJwiQrJSyCaCuNbM5a3n
        GeebeD5sn1Vcns4sjNzyVKM9hM09jUKd8UCigSxqWN/ldYfwMY7BE4pd+DPo0/jz
        FciXA2TrN3Jj4UAEkwncMaucVXwxmQpL9YMgs3X/pU8ARHSc29VUhuTWLFWIBqI5
        DGPUb9OgRnkk/SaIOu9/cI34ImaMGUu6E8katM0qNwUsYn6AUKXVo3QucdkoA2Sn
        MiBvpMLfR0I7ZePekGjEA9AuggFeMwUY+ev8tzuvFz/bbOXGrfXZ6NpNlCeKmt6J
        SYTMdZluf6Q8WkeCzn3FjDFl/Elm0M0kwmHcUwIDAQABAoIBAAtS9oKW+iN60+BU
        /2X2JUwsroN38bZvSVM91xHsa63aEvN2F4Z6KlZqvaX0urqt86HW9cp9KQDpK3EU
        S67Yfhk/A14J5v0M3/+VNbFJ00ZgJ9al2UNU4Hgp4SKWlFbaZpOCrrli7Epb+5Sl
        eklkPdxB2CsvEIUd5twIASOJHECasWIW9os78TwTTFllwFQBQzjK5TBcXgAJb+tJ
        qwakjQYD/LU97qq6ugZ5dkawXupiGHZUCStsUfyu0clv8uzQP7Y0Sekpk5yW6GjV
        soFC03kQPRGTTCBgNZ9PhK/gHzODQ4V7O3ZDnFvtQYGpQTSvPeOTU9PbydNVabnL
        MGRhSGECgYEA63X8fLG43BO6ZUNuDcpDzvqphBaK6H1piMo43mqy2zPgW4YKLq+/
        kcrkElPIjlMQgeKWbYRYx45J6qahlOR5BH3PA4o0R0HERaSiTzl+dlp6/6qGtjYz
        V8rneJKzDSmlPEk/gVzypFyb86OWgp+5MIiWODvMTyAhDgDorhqNMqMCgYEA4Jaw
        irINpU4qca0cyA/JMrT4lvcUg2fUjZ/3umcf3Ft23naRB9nL1hPoNSqcva2ejujQ
        dbbgOHs7KgKKfqZoKFmXWfzocpgZpDG527YC2q+CxnvlFyYUrIv7ejUF5g9PThe6
        gk4s45KhS6n3zGwc15Bm20ZDZdpjx6FBvmuH+pECgYAYls2zR+wCL507jfskPYcv
        SkYBoUkIVnB69INT1tiuw5AefrT5gykCVKnUsCM1mb8TkVIcRcHvtRBLDPO61NE+
        gtTnjbs/5cJVc4fvthVazsAhivFeffKGrI3XrZo9Oagjz5JuNAKy32j53I+PPJbe
        VqU5YiVH7hcFm1qxM9yi+QKBgEv8D7zNIvrDqG6PcEZruNm0Cssgy0ruLSbBcZIa
        Y9gtBdmcadMrJ+DFGXIreZ5fCF83e5foCJJzdv/unibdbC4CqcdjXs2ukjZQMJ6a
        RPryGJ/IuSiM1L/QGIQvPlCo617zfkGp61wPdwzfc5wxE80G6RXU/uaN7eZTs6eW
        QApRAoGAa9Inwa4Z1Y/HK9KHoC07nFyzYWPmQxIr4OIQOnVkeka4E6aQegA+4XQD
        EpXQFVTWUHA0vDX/g9b+whukgazE2IIe0RWGkaKrr1LhLZS3LXUlg5cWAFn8zx8E
        k4ZIETBAZLWrp3CClGMivbOF27UtUMOOXj+GHHdgclzWT3gU63A=
        -----END RSA PRIVATE KEY-----
        """

    /// The same key with one bit of its modulus changed.
    static let contradictory = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEogIBAAKCAQEAzpHWb7uGTuCSPMrLNQMSf5De0N8spJwiQrJSyCaCuNbM5a3n
        GeebeD5sn1Vcns4szNzyVKM9hM09jUKd8UCigSxqWN/ldYfwMY7BE4pd+DPo0/jz
        FciXA2TrN3Jj4UAEkwncMaucVXwxmQpL9YMgs3X/pU8ARHSc29VUhuTWLFWIBqI5
        DGPUb9OgRnkk/SaIOu9/cI34ImaMGUu6E8katM0qNwUsYn6AUKXVo3QucdkoA2Sn
        MiBvpMLfR0I7ZePekGjEA9AuggFeMwUY+ev8tzuvFz/bbOXGrfXZ6NpNlCeKmt6J
        SYTMdZluf6Q8WkeCzn3FjDFl/Elm0M0kwmHcUwIDAQABAoIBAAtS9oKW+iN60+BU
        /2X2JUwsroN38bZvSVM91xHsa63aEvN2F4Z6KlZqvaX0urqt86HW9cp9KQDpK3EU
        S67Yfhk/A14J5v0M3/+VNbFJ00ZgJ9al2UNU4Hgp4SKWlFbaZpOCrrli7Epb+5Sl
        eklkPdxB2CsvEIUd5twIASOJHECasWIW9os78TwTTFllwFQBQzjK5TBcXgAJb+tJ
        qwakjQYD/LU97qq6ugZ5dkawXupiGHZUCStsUfyu0clv8uzQP7Y0Sekpk5yW6GjV
        soFC03kQPRGTTCBgNZ9PhK/gHzODQ4V7O3ZDnFvtQYGpQTSvPeOTU9PbydNVabnL
        MGRhSGECgYEA63X8fLG43BO6ZUNuDcpDzvqphBaK6H1piMo43mqy2zPgW4YKLq+/
        kcrkElPIjlMQgeKWbYRYx45J6qahlOR5BH3PA4o0R0HERaSiTzl+dlp6/6qGtjYz
        V8rneJKzDSmlPEk/gVzypFyb86OWgp+5MIiWODvMTyAhDgDorhqNMqMCgYEA4Jaw
        irINpU4qca0cyA/JMrT4lvcUg2fUjZ/3umcf3Ft23naRB9nL1hPoNSqcva2ejujQ
        dbbgOHs7KgKKfqZoKFmXWfzocpgZpDG527YC2q+CxnvlFyYUrIv7ejUF5g9PThe6
        gk4s45KhS6n3zGwc15Bm20ZDZdpjx6FBvmuH+pECgYAYls2zR+wCL507jfskPYcv
        SkYBoUkIVnB69INT1tiuw5AefrT5gykCVKnUsCM1mb8TkVIcRcHvtRBLDPO61NE+
        gtTnjbs/5cJVc4fvthVazsAhivFeffKGrI3XrZo9Oagjz5JuNAKy32j53I+PPJbe
        VqU5YiVH7hcFm1qxM9yi+QKBgEv8D7zNIvrDqG6PcEZruNm0Cssgy0ruLSbBcZIa
        Y9gtBdmcadMrJ+DFGXIreZ5fCF83e5foCJJzdv/unibdbC4CqcdjXs2ukjZQMJ6a
        RPryGJ/IuSiM1L/QGIQvPlCo617zfkGp61wPdwzfc5wxE80G6RXU/uaN7eZTs6eW
        QApRAoGAa9Inwa4Z1Y/HK9KHoC07nFyzYWPmQxIr4OIQOnVkeka4E6aQegA+4XQD
        EpXQFVTWUHA0vDX/g9b+whukgazE2IIe0RWGkaKrr1LhLZS3LXUlg5cWAFn8zx8E
        k4ZIETBAZLWrp3CClGMivbOF27UtUMOOXj+GHHdgclzWT3gU63A=
        -----END RSA PRIVATE KEY-----
        """

    /// The same key: `openssl rsa -aes256`.
    static let encryptedPKCS8 = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIIFLTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIWUw8zXHoXeACAggA
        MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBDGYsathh1oPqF07iNvmUBNBIIE
        0FrmXK+7+3DA8PlRS1QZVfnxbtS1pYKcrDVW1RQhaOGcpoFn/lb69oR63e3adHFQ
        uBQQig/JghrIrXczpPU6UyuaFSorf+6RNwiDrlVMTOkZHF0OJ4Gzngv4UkOYsFm3
        755PJQjcdEDq9catE1qAUnExQ6PWay+vXG/aFdC2v847eUgfmDgmC01W4HZgiw8P
        tOfMeb+GkxL4ZHUx46XuCpm7AfQg22Elin3DbsHlu23q3gr394ICm1tKpJp/3b1j
        EAdKi3SIdA4x6wZoo/t6OspFYD4UCJAjXL6ZuMn61GGRmDZRN5B+8eyh2nlOMRSY
        HIObabqQ29f8xS8FSdnieC4pVShEW1/nIlkJVHfagOZ5Jz2yTa+F+tax8Z0VOQAa
        +WUdfzE0CyDOnMhZdrsFhpGyrglhN0szoFxz/GeU32twEVkl+YirM0sbHqjGns3/
        1aW6czJCnXQVSZ5UtnAAvZQv4psbhcRTH4xg13DGgIZ1V6cprsAiXkwyIw9soz0c
        ZNUN5lwjChpvOiGFxJKTd/1DLfqkO+R43MPrGacckjJWKkr7AtdyAjHJC3IxdXJn
        NplCi1ABPJuH5x9Bj7RhhgdK8z0Wkgmfh0HaBvk+ls365LoPe0RuNGCNV+HXnPHO
        5Q0aHtj5+IBtqKM6GkrA8Hvmp8o3T6gUbmUYC3ttcUvur2Rg1cn63vbJja7l2fR9
        vCPVJRxJn+BgKGELdO+kkf39TG8ztB57ZkdM1JY5iyCEENw8ODj7WxsqHNzFxfuW
        EHMMN9KfozGkD8Q2jdA2l5DglhpVYlIBz8M0kzoiaIuVLymQjeEni/gkYQuYFxiw
        PjjUWQq72JP9HHykr8YepKCYnPpxbKbZugMLeLIwkDoWBvexcL0oijLEejT6oFGp
        BxVtBgURk0Uw5r3d24PKyoqO03Wm+ESVKU7mbRaecPEark4B0sND9yAfiqCZbWnk
        OkHad3XhtSGGNFYKJmM32qSZ2EDowiMel8sjnSirZ6KoHZSh66nFXk0MKuwobLkJ
        ttmqMxIF2IKo2g8RM8aH7BWTde/EgpbW25U6FwA0yCkAD+pq18Mqua69ZV/DXsLt
        pmwnTD7KHdP4np9cAA4LUCZ2mSbpee+h8GYtqRgyUcnpipn3hts5/n0PvC4C1wwN
        TWbEo8wRaHAZSfMMw0JjsGBvVFaT0XoeL/a3oWmrhf/iRjCTNb8S6XMXQkJQMCyV
        EYq/iP5YpVPjTrt+Wtw76d6+0vpA6MOskCyITOjN/KTWGlOmduzWN68Svd3yyA/Q
        Cv0c6cGax4ZAcKIRocrJ0RNv3rX0+8S07hDRuY+VfWJtJGiGBEylQ+vuC15D+vZA
        kENO6eii9EJyse9lyZBCZK8FTKUDYUxMZiVjZdne2MkyXpX+bxxS4/wT+pZpyla0
        UFrGy4pHBv+HL6GqM7l9Nv1gkXwRhDRTcdYJOid6LPo3bRlm8Wazod/nx62D6wOY
        cvhVdWtXQDCnojjrvj5bWEiMQP+iBz+VtY8mRe52NKzys/fYc/mKxKjj7AIxw/qF
        Kn7HxEY/SAqtZfNwO1y9PWVZ/2FjvfJBPZiBZwE9h5GUVqx0UXdRWHQ6HxDGpfFl
        NyG6Snf/mDYjew4RI/EZ5uSHFXdIJ0rjCEbaLOl/3quM
        -----END ENCRYPTED PRIVATE KEY-----
        """

    /// The same key: `openssl rsa -aes256 -traditional`.
    static let encryptedPKCS1 = """
        -----BEGIN RSA PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-256-CBC,04EDA1177ED923F95D6134B1CB293993

        XkmeeE6O1935yHfPLnb5cMpLGNyehKup0eboydtbd4nHW51ck4GUcY44jE9g3Xo3
        5P6FQkanI3DIVGuqc84mCCbGkQcD7CNjsbWB3+BSmNtgqseY7nWWzSQXoPtKOSP4
        9+CugKdmsshH6bNRw/dTiuYCw0PKN25DXaO1AL45d9dU/Q31RcLnWeNQIdg63UAC
        DbqHwEX+j3YcJSTv0njlIy3/NypJ07p+uFjN1m02fl9jV9tB0dR5dZKppymr0kCQ
        cytjPATl86pPkcKlW3xTCBtQ/B27rtRZJ8VDkyZV9wlPUah9T4ocHfiBXZpM1Osr
        4axYtm1MHjs3/Wd3dgnt22jNH8DQuLkmMkPNoDBRRoXOpCwpJoWWc6wtmW/1ookd
        yKq+K1L2Q0aTac3RAnS8Q27+5uzu8CxqlyjyC7L+iuyBNlIqNrNx2ErvHMO1kJ84
        0C4++FlwQjYG1GXO71IMLGisrdNqA0+UPO9LGfBLRkFTi5u/OG6aXSevnE9GDgoU
        OQf4shZS9Ms/jGKlxn7t8AKY/peT0I3IWii+nX8pxx22sk2yomkksAD+D1dcPgIF
        ZVAIV8QGzpdZxHd2/zG+AWUCkeVXeIHnyR5pUkHI2xWB4WuGEpWgEhyObG3hUGcr
        enhv2yQkqpE8L00VlHJQ1u2nrfHrWmjeMne81wAUlvOijpeelapx8PbAr9ZgDaEA
        rCXHNq+ne8jFggVNJSN/RQpqcF2HY7XMrjgVh+rsR7gjqBjz4Ge2g+z4IwZWcqZB
        5/S2gWmqJYpgvnFDSvIkaSyftjf6RenBa1iekR6COV5Sv49XoaZIj1J/pgeQCSWA
        GYunNuT/D01PoMW606Y1wYmF0cLUlZD7F37bnLaRQQRwtYOSAdQx0g9A3bbDl8ye
        NCvZZCfustyrf5GKA9PWa60goM8J0taKmeucHCu2YejUiyqtXYurdrATJ4gb1FCT
        VLltKDMyevpP36ACjwnIcOeeb8RpkK+N9npKSUseQmyhnFwG0gVoVhBo30XeBura
        UV0weUOo9mSiBV0NQKEOoB4keg00L7lGUum+6EDugRv8KIZhe0+FOMGE8kbTgyAV
        Tcf6/4dtCTkYkZ/tgmdzorSxfOzJiD6+Cmfs+5/9wf7dg37TRSJ6rEK9fm+GTRlP
        GMLeUKW4DKcqioCKuaxZfyCq1QPlH5fvwTRL7NC9byaxK9sawRRhGLTLd3WbqUf9
        oZ5U9h6RXnu+ks+9x+Q5JoiJwxqHCsj5kN1vNTPMp7gL6KzaNEF2jHqyEGl8dfMX
        tFe5TfuS+k/qtTXUn0F4yqwhHf7UiPjEtvWnTggW4rBAgWjwE/ktWaNmqpqzbiwg
        tvwaq4mM2YGCDlfPusCsgq8YpP23spsVmgl9gMeBMVh3IkVFmTeffNn+cit3Y0D/
        l/Z8d2Gb3sdOl3sVl/ZS/bYiYEXFfE1fyVUle4BZCW9cTGIUwsyb93PSe2RITplA
        s552nuyL3oQqjfwDjyiiu5Tlo5l6wtOMf4Ips6GKMO2evej6jYJtcJGXegpnNKOO
        H09PEvs0AI/raUiXjGQmu60k4qXd4WDEWR5l5HZtqOF6Df5M1S/HwgzOUeBmEDl1
        -----END RSA PRIVATE KEY-----
        """

    /// The same key: `openssl rsa -pubout`.
    static let publicKey = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzpHWb7uGTuCSPMrLNQMS
        f5De0N8spJwiQrJSyCaCuNbM5a3nGeebeD5sn1Vcns4sjNzyVKM9hM09jUKd8UCi
        gSxqWN/ldYfwMY7BE4pd+DPo0/jzFciXA2TrN3Jj4UAEkwncMaucVXwxmQpL9YMg
        s3X/pU8ARHSc29VUhuTWLFWIBqI5DGPUb9OgRnkk/SaIOu9/cI34ImaMGUu6E8ka
        tM0qNwUsYn6AUKXVo3QucdkoA2SnMiBvpMLfR0I7ZePekGjEA9AuggFeMwUY+ev8
        tzuvFz/bbOXGrfXZ6NpNlCeKmt6JSYTMdZluf6Q8WkeCzn3FjDFl/Elm0M0kwmHc
        UwIDAQAB
        -----END PUBLIC KEY-----
        """

    /// The same key: `openssl rsa -RSAPublicKey_out`.
    static let publicPKCS1 = """
        -----BEGIN RSA PUBLIC KEY-----
        MIIBCgKCAQEAzpHWb7uGTuCSPMrLNQMSf5De0N8spJwiQrJSyCaCuNbM5a3nGeeb
        eD5sn1Vcns4sjNzyVKM9hM09jUKd8UCigSxqWN/ldYfwMY7BE4pd+DPo0/jzFciX
        A2TrN3Jj4UAEkwncMaucVXwxmQpL9YMgs3X/pU8ARHSc29VUhuTWLFWIBqI5DGPU
        b9OgRnkk/SaIOu9/cI34ImaMGUu6E8katM0qNwUsYn6AUKXVo3QucdkoA2SnMiBv
        pMLfR0I7ZePekGjEA9AuggFeMwUY+ev8tzuvFz/bbOXGrfXZ6NpNlCeKmt6JSYTM
        dZluf6Q8WkeCzn3FjDFl/Elm0M0kwmHcUwIDAQAB
        -----END RSA PUBLIC KEY-----
        """

    /// `openssl genpkey -algorithm rsa-pss`.
    static let pss = """
        -----BEGIN PRIVATE KEY-----
        MIIEugIBADALBgkqhkiG9w0BAQoEggSmMIIEogIBAAKCAQEAslPz9VpahSDmJMmZ
        Q8STPqNpjz7jTI/A6HxHMhyfwRkLG+1SGntO8OMLaBE1RSr8EyISpDUVT7HHJjhY
        bxZenXtn/LixywKai6QRmWGqADvaF49s0KS4Wf9Jb+nR5hogvycryPgK5n0xeHgB
        C2e/727uoQzVyTWxP658P47/3NcoZm/N0DuMSQkQ9eTNL6UnHpGZD2iaVP2wikP+
        4d++B6XI391MeUksXHlTp75aRjHL+OVux+YvDmAPNPmkxFbZRfzy2swV7iPsaLgV
        kBmGHaFSvFk77+6d+hDXk6C1T0WGSiQyhdGLr43CgCDFcQl8xk8gAq8V3TvigId8
        NeEv4wIDAQABAoIBAFVwAZcQhgP4gisn52VffghptH5r6+zXht4cBOROcH/MZtUn
        e8myQF0K+oEOlY4hDQqBrZq80AwRqc92+W+nsQcUg/rB5nTUN4Ulw0TQVOmtw0y8
        a67+7FA6Dk4vIWB0LjJHKyQrKtXJL3V/UUjMmVm2tV+1zYuMTPKsv1yYP5/nLLAf
        BIlkJ5Yf0bLFbmA5VFkI/g9AsZ2I62cg9j+kKP5Q2mqrzcKbYq92L+urI1FQM+a0
        xoewCJ++8H7KPAa/P12AipNWoSPVtDOpNvGPWdIUkSxKYeTiJtPN5clKUfGpTl3m
        YnJl7FkX1Y2ADzAa3TEm2zWscMMumeg+SIpKv+ECgYEA4S8sZ7Lw2CWjMubgev+v
        ZbUhRJ4XJwL+NGcW8Wm5UHVA0HWKqZa5ZD0aSbwPVeqfj8I5h3QQHo93wSCHwler
        iuBDsSmeVpdq5FtFeb3LvnAS2z4un2ofGdq2FiYzz8gBJWJVPr7fddcccJ60kB94
        eWyHaaR8YKsNd0kqMQqQaRECgYEAyrtF30APK3LnZcdoK9JQyeV0Bb8mYOq1t0eg
        KdycDl9ASJKUxVpjDzgThXlqyJugSAMKVt/xbH0/bWXyGh5fWc49RXnkA8njD35M
        w90DvxsCUhRNPpBcQfn9sOQw65guzAcaJU0Nq1+pJ8RV4zceBvIz0eN65nGomdAJ
        zrDUKbMCgYBkN6lskV/M4ptKOSRouUhnXIBs2Gr3asaVrdexI1tdKoHpBJbsuO7T
        ZLpBXJf6pcvToB4YYZgW8cTbR84DuR7YVMzrmNkmModZECHQd56op5pMxtTbD9C9
        oe/t1ZyzeZDBAY1sumgbOtwmZwt3JPpqF9oAMztDjn0UvJQxdUEl8QKBgG6cQOIu
        xFgTaDc61hZauKN/Yo8kHN9yD9VA6h0M9cRNqfguqacHytZp5RTFC0MKziecKQ7/
        PmzP5UReA/rGKYYJJZr7hzGd/Bne8ilHNB0XsmtwEjkZcIy6xfS2fA5+yMGe+l/x
        q4yeM9+zmpzO3L4zdZyFve9vgerx+/feuNNLAoGAYEfmQYMCsmvS0cOReqDzFaMm
        Jcswegx6SQbQJkWqVTcQUW48Uj/2x6HRWMQWYVJgEBCTI4aErWsaw+X/WvlFN1FA
        A/xbWrlXstkOBwFsZMo/D3WRIBaWicUHu/V6LJX9eMX5Cg7KX7MtCeQSu/jFZ14l
        UXYGdqjE8PqDPgrEifI=
        -----END PRIVATE KEY-----
        """

    /// `openssl genrsa -primes 3 2048`.
    static let threePrimes = """
        -----BEGIN PRIVATE KEY-----
        MIIE8wIBADANBgkqhkiG9w0BAQEFAASCBN0wggTZAgEBAoIBAQDSDT+Dd//FHy7B
        CeAXQzzt3fOkPc4O1IfvGy20Gg6uI+JsRz7N1eeGMubyHBIMRlC3k486kAV9rPXm
        73EayvQfpVVURcn+jmIwzmJU4gMoe3zAr1RgsWR2OIHQUvOf390YAnjfT4o9xqoC
        5pbcgtoIQdXNfMQ7aK/M0OT93xR53KGrMso6h2G2QcHIQN+F7BA8sjKHLgA+7zkJ
        gQ7ERXWcI5mQ3gXIqsjkAM3uISZFToAKAT8oWLJeZeNO59lKlb1oaJyWMedXABKx
        CWkDpeoNcwsbntY7Tn2lnMbga3KCuP+a38/T06D2fKiYhznwxQNOT8VJbNUBUKGr
        SbaH5SYhAgMBAAECggEAUVxyUpEjkA4RBRK3KyuPKS/ElMSf0Ry/fn1PiahiMU+S
        /4/lIsONB20mCXeYAgsmbsUIQI3SoqhhI09xxwf/4VYgJCFYKXKrU+5NJkXZJVAX
        tWb0TshhRQo2LuQUWp8AHmjD19VdEeN6agcWsjCY5h8ZVh9qxJvlkNcNdjIpHbcV
        zkqXCpnp+qiWXvmThHNyROFhf+xdr8mjUEBFAAO8fR62i4Znmn0hINZLd5hxNX4O
        3ZHAncyabipa9ca2Rmj7+vd8E+Oikpr0bIhwbcqRbBihg0O2pWSsMeSwphZgF42J
        xPpc8Due6UCWcqoU3/xgYADiE1CnLGS0WYYesxsKcQJWB/YpCZPBa6nScGlSj+/k
        8hlOmUhuzspZteKRQfh77SmJvNUEKVSwIq0wRwfqYHANCN5WTWF2Nl3CxdsjZ0zl
        TKdOrEzayfyuT/apyW+DXTeR6JsSk0MCVgb6gxl7uOTZKrVpNNTJC+ioHFsB9+k1
        uhhh0azERjWoiM0lKOidO+GoSO5TGsNRxyUIaYBxGJHXGW9wULl/NBnbLkHNgGxF
        gRClqYGLjgGg7h+HUrSlAlYBMLY17lcuh3ckwzpKtqzd3Ra5J/EZDXuYC8V3vXSZ
        omorRxWWMEkdBhN/qxlJTbdFKihw7S9FNYNXHUoPuZlWenTyoZLcO+C7p77+lKNp
        HlO8GOMQDQJWBJCebW8HNXvxehXF32NcDObbFZUmDEF+6DAkrjT+EF+cjUU/i1o/
        L4+blXp7SUUXVdw41zIj9lKUatc3lv/knv1HNvgsh6a3lKIpTXpyfBI/chRdP5kC
        VgFwxGKy13uGBhmqDp5bkV9dwrVKySuSS/UfGWdOW+/ZL0x3pgWY3OO2iSc4B2RI
        gaHWKTB7D8XjkLbsVag1KPMaVeEQiw72lKqT6nFr4TTnqeXjgW8bMIIBDDCCAQgC
        VgPH1haIajWq5T0o72yasPj/Wa7mlwFwplmMJwic52uGbNisYGAHXuC4S87a5vYQ
        /S/VATc9bDb6/TfEMrJ8xKdQABgZMSmMM4k9d9GRuzAk3XWQ5NSvAlYClHlxXx68
        CSfvmOPrRZXIFtppFUuv2+Rp788jfZAgPNhC9T+/yMfiq2Jwg8ph2i4uWjo+LFiR
        HK95Qxcl3yeE1n958pcuN1NkMOJ3ze/kZwQKmxrOWQJWAj3ijMfYY2AE1GY22w3C
        v3SYNWDCO4aHF2ZG3PxHbj6jqeow56ZdSt/xhiA17Cw6eNq5syjNwn2Y3XErDtVc
        v6VL0KYSjKOD7ABPfzCVMM1fzShCjlA=
        -----END PRIVATE KEY-----
        """

    /// `openssl genrsa 1024`.
    static let bits1024 = """
        -----BEGIN PRIVATE KEY-----
        MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAOrF+mB6jcUnUkkL
        Wy86Bx6DRyHz/YTixJyjKpkWifta5t1D6o375mWu3yiO+nTAU4PDsdUP6H6qnFnv
        +aGkpDIOjd6eMSqIqtf4oU6XcztmG25IF0YlxUUMxC2YApcfhZJW+xmIhBw9whNE
        cM/Dkuam51Y4xbXHpSUPKWPm3rLPAgMBAAECgYEAt4dM0176tMSobrGR9rlGF3RI
        hyJVbSxYxppHEqWr9/J3x0Dwe04QLi0mBm6/G8W9g6PXwNdOyLZWw3f1jYdHUtr5
        OMNoxJ0qvO9hrKdG5eDBBB1N9fftYIrw1QtL6oCsai7Paud8boQuViUggWuiZM2N
        wpxmlqAAdGNRDCOUOwECQQD4ZjtH5Yz3aFsCHAu3Mol1+vabFUpMt9Aa1eoRrHL+
        ch9yr1F6TcixctRNvN3xhe/C8G98vRoTOVZ5UZDlKb4dAkEA8fUC0HOM6H0KgQA+
        g5KodzU67BP0yGf/dPZCQ9AyIzM28/+KYSnnc9xOYHGNqZOtk5oUGGju0eMmgvKc
        N8BQ2wJBAO2Y4/VGdgsk74BaET6/gUqvrfjzaWlunQk+OjGDkU8fHEOXvMjO5DwP
        yVE+adEfOxJs50cannlq6/MJeR4qSmUCQBI7/8FL5AOlYMRGC3AI/m81cMJX4quz
        wrnC0U2hBBZJBswupvQZn1rI8JMuG5n7CirEgt0wE0d4Ee/ubr143d8CQEiGa4tX
        n0N0Ep1ewlqvw878zoA3atrzPJlyqdsLubSeX+gbTVwq6zyyxF1VS0BVcfQHhhJe
        kOg5nXG97vGhktY=
        -----END PRIVATE KEY-----
        """

    /// `openssl genrsa 4096`.
    static let bits4096 = """
        -----BEGIN PRIVATE KEY-----
        MIIJQgIBADANBgkqhkiG9w0BAQEFAASCCSwwggkoAgEAAoICAQCmkvm+nAflBP/g
        owbFD6zwG8eJG328SHsD/9p01d+mep2pl6sWDTyZln3xepQcGRpffa03ZWo+MP2d
        J4kOWkhoED272LrK9DMHjMvJaYeLqx7ZHuBZHgPIpL07NSf9HADp4pPr9pTZccZK
        e8L57HcpiIWh6iqcFs5EbVljtJbVJAxPJa22Qbv0RFA/xbZtioZvWlr/S+Ywpemx
        QeR2VIyuRiwKOsgvrdOQrqZT3WCiAxB28UbLNklviopAu/CbG7Qsf6FGsDlB8xuR
        85FSj9qP76rg2LmwpHfpHSiob7vdjlF0JW3HywKu21T98H1cFTe7Ln9gDGjeVayL
        UufWFBuX0pBkvYMd1sGEwBrGk65zEeasdG55gy0wy62O7LQLNRBsAUzbw7CN3cjX
        M0Hw8lfS9MQYxcj1WcazR+lvu8h8OB/2Uz9AOtG416mmEJgi8CZyffdPvlA05zgp
        d2BuJZCkiQM7SCWkGGeyrpkQaexE7dKWW1D2T7rhZAe+BKAPcgdmYPOxhDOWRE2N
        OZ8oD8kHFw++q2vckzTs5Up5e6XkaZ0enoYjLD+4BEdEa9EHoz8I+nFCoxEYxfYH
        lT+Sj8SFwfAAFH5YPNxtS4YXnD3t7GLd4jdciyRD0pfrXMGLQ8F7QNyEwVLxrpS0
        1QqV82KwP7DyW/NmldRLjgZ5u6GKGQIDAQABAoICAAWPZ/3wbP48c0lNgWi+imh3
        y1DmTziKHgd9WNtuVpYGB14L2mghocfQRpZZUx+E+8sumyn7addEAPmbKKLUAxEf
        yalYvxN01BpvNrY1N/l1754SJWCUKE6TdF8vk3NXDFv1djgs9b1nlzwRP+oVXJaE
        U7TN59I1NXlo22nNzPy197s3zltqrxo+O+q4PMvdqqy43v5UMdpzdbnqMY580AO/
        nLGF6/y7cd5yFf2iqOd/ieMoHQbXe9s/TDiEJxazKNZ7ao5Wsr9i0AuVJ8d4ic3x
        xn07sfPiT/MpSAKNu3Jv0VEHls+4FRGlIwPyLR0Pw3NG4A8vgUI6qRT74kU6spkK
        FHVQThnc1q61NPlZg18nEE6fnxoHfpfFxOgy2FxevyC7wk3bAggtwVayCqLnGvEp
        vb6A5j7xkMrQGarMhm24ypd+FJNqeJnUQX0eKVKgtSqDD4yT3lgYaKAl00P0YMmh
        rmJk9yCcgo91fqOb9f+N6RyQPDwaMlv/d7j4SfKE7rNTKApylzenDvYEJjfKf+4b
        ZTYpcr9aSOx326knsnEHBrnG7TtMs3AT+jSKvfq4OPddvr7hFdZY+kgPRDRQ2JJB
        TrD9lPugAeSxj04SnRCAxG271jWIYNIcEzHre0tWxv22E7bli4erY54Ff4igek8l
        F6s7B4BeXnafjwppXhopAoIBAQDp4jApqAMwklOw6v7ivNwXjJlSj7UpzgjOqYd6
        EoslBemnFYZKxu9Htjf/ZaE0A+GYDoEPIeHZOwT0QAsMlyRutGlECwAC6aApSKyC
        18SUdo0VVlnrXN0NNpVPlegRyiYPpQPjBhA7KZy2WrEd1Ac+PIamM4+3lLyHDh6y
        QD5GAejP4Vy5yTeeq0fCo/xTRUmHs7yr3N2oKLnKOwzN/9myPwKFys3sfbLdFuR0
        tS3aUYMgIF1Q/4X59Q73BtJ0zgNu+DFl6Q9Q0YEG2DaEyquAkD4g3bizef+OxP5M
        pbq9+8zfcCsyrecVpfqlAnnTJh16rfH9OUXMABz8d9+VtVJPAoIBAQC2U19pj9yo
        RhZwEoGDjENrUa+HzmC3Sr1QfaS1jKsXWvEL1GCZjUQs8uEWxs8kS/QvMrtmhWRR
        KKKRHOgyKXM29saCZM3hlpz1JAJBHrDJJr4b8q9Nw44b7EMfYyXVDsQ2PdzBNNTs
        vV0pAefo/6ESmn/kZHbtVa3w5tjxUy14dW2fGFKESZ8eMIoZAesaNm8jxxzKIum7
        sO1QsEh57LuTxk6NB0cq12oYdSupfBtXT8bhmuv8vr2ULilCTd0NDOU/DpGQWPJl
        bb+5GBXy5keXAydIrrguvF8fTOlhIkWVjhuyGJZy+i+QE065MCn66efMZ+5oPL/o
        iDAcVs8WpksXAoIBAQCr4Wlpw6qMcI0G0Lx+nzLUL6Sh8zC9R0hbsGT6xlPx4nWD
        MCNgIvDIb9aZX/PnSQ7qc4ZPO6RBw8jxQ3ubRhwlK3rM4ZShj1X/4QO+qJk0TieC
        zdIJUVa2li2GrnE9WaU9DBVeKx+UixE7Rk0x0Zd9GngN/oiY7rraOfs/Hk1ln5Ob
        6k/9zS2N8uwq097kx1+xVdrLJubS5RMc1uajIWq4Puw4rQFG0l23c1Jzno7TCeJm
        osJRe2fXeUwFKMNTye7mB4ouDegOidjb0dvHHTaKpfayqp9Jbtfr8UO9ynIBmuJG
        NqXYecsAstkPmVE0Zqd1eA4F/agYsuCaffIXkIirAoIBAFt1iRgf9VVoCxte/R7q
        /mrYSA/846EuWbcFv9jeXnjRwrbnaym7pmZR072kLwaLH0uJzF3KLh9UHfBjKsr2
        5fe9ZKjGPkyaS9Pgo0zdQ1s0FwtX+r4siZ3SL32QM8sjpCN9dr5obSLwfsnyTc4g
        ZUE6xUrhZpL5ds6wTkUIL3gMl9fF0KbRc4MmYC/ZOYElqyysVfHD/7GKOBFQzJp0
        uUeQo5i0/Ostsefg5u0W93Qd7asAFr7rQ5gQa9v5yRghzuGJwlVBeR6OJi2IOoJl
        J6ZGC6+3DWdMUP8Xir6R/YvfBF+bW+UDQVapiMT2tyhJq2BrBjm9t5rCrjeZCDrZ
        YjMCggEAZTDKXbERLhAgagbg80htZ3Ksmz2TBJ9tXe5t01/dVpyy5aLqCPZvC78a
        Ih7M2qhNsiAUDjXi78heMWrMw26v8zOAGqKOCroUE4AJ8WwwosBz07Frp6mFeEzS
        e6CbyVwZCY9XXI023TvRBS/S1TnRz4hhEihbq6Hc2CYdr3M0jbho1ju1vtc5ric1
        goBNyEhg175HiRMNHdrb/a9bAGWCeuTkhX8wXBBa9R4ccCfAh9CNiEitMc64KmHw
        7XIvSiM4pmKexs9mhVVtsLpny/DMxE6obp9HVFhMVXVSL5R4P5OqG7RS3Q7jtedH
        EfLZ0CzBLjXCY0buMFUkrsXl74AYKQ==
        -----END PRIVATE KEY-----
        """

    /// `openssl ecparam -name prime256v1 -genkey | openssl pkcs8 -topk8`.
    static let ellipticPKCS8 = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKTOllf0qJ16uzNXC
        i6h3TDkrzSffcdLoiYDQc41HUcChRANCAARe2FqCqvTgwqvNUfGwxcULDlGxKsFZ
        QqeTANAEKDrbN3DvIqbgUAbvLYCUkK6MyE1TAbG+1Kbcnskvee+SDYUR
        -----END PRIVATE KEY-----
        """

    /// `openssl ecparam -name prime256v1 -genkey`.
    static let ellipticWithParameters = """
        -----BEGIN EC PARAMETERS-----
        BggqhkjOPQMBBw==
        -----END EC PARAMETERS-----
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEII4Eo4V/38qCYizvDqMPKdvBhWPv369bSrbtNWhRMqXOoAoGCCqGSM49
        AwEHoUQDQgAEMb/nxb2RD63KDpBd+a+82NHw5PEa/2uPPoI+86YE2roL+o+Lu0Ol
        ipdv/y3ATFqf6wyKKDsZ76fauXIq2ZyPhw==
        -----END EC PRIVATE KEY-----
        """

    /// The bytes 0 to 31, wrapped by `openssl pkeyutl -encrypt` with `rsa_padding_mode:oaep`,
    /// `rsa_oaep_md:sha256` and `rsa_mgf1_md:sha256`.
    static let wrapped = """
        171163cd2e107e17789bc4660f25b60538b5dad49bc46b5f5d25dca1073c65e8\
        64d0d0331b5c8e4abdb609cc0cc2615ef64c56d0fa14021b06cde635e2d49a2d\
        4fb17c18757626dbbb712ce75a38055f95b94efe1427f690947e848eb446cb74\
        551ec8d59d9da987dffbe51891272cd282be9241ee3d7ebdb8d8240bd940ddd2\
        99ff0b5a37e604d4151c2a1164d6ada2a41545bd7f41087efb18a11ec2f117c9\
        728ddfdb72eb57523450d69cd48b72ddbf11c27e4a7c61cd28ec2a2ec70ec1d6\
        51980b8c95183244e73c04c1d974cfbee8c12f8f9bf60afa813ba11de1b3a776\
        4a633d2e4463511d9a4c403f8c7c49106c421fbd038bb9485bcb91c408f264d1
        """

    /// The same with `rsa_oaep_md:sha1`.
    static let wrappedWithSHA1 = """
        a813dc4d57a2522fddab21cce2f393b46b6faa4e5277bbc8940d49dde10400a7\
        f7ab6481ca768aa25fe7a744b44e230a0c9593234f17a5e264232515602b24a0\
        d8805e8de91a5c2da9f83d207553d1d2072d3aa52a467d1f8dff4d6d734d3b73\
        e6cf2fdaf8ed3128ed4f0a558ca430e2c851320083012b087769b5b997a67c6d\
        bc30af8a444aab75b6c28497482a7767975963203d4e60651d3e68f33c87cdfd\
        bd4bc943c790c57e9a398759536753e93d75ff3ece83f5193588a810ca1b7973\
        e51c6cffa2413f48ec96aaba06dc868ff9909587d9d4c5fd7b7ffceaede779cb\
        3383db9b640a5c9bebe072df1c4990230e0d50879d35605ded8ec8e57f63ffe3
        """

    /// The same with `rsa_oaep_md:sha256` and `rsa_mgf1_md:sha1`.
    static let wrappedWithMGF1SHA1 = """
        13f69c3a4ba91422bdbe7eb1bee65b3fe93153451303783872b953873345d7da\
        55c62b835bb9e9476a4382ed8466755f73c737ef2e7ffd2b0e9aca22f0857e7f\
        cf3f48e3ddfdbce8ae8740146cd60d94ee65ee866145a7043506ccc044167f66\
        adb2881f96b60b5d40209b765e96e03cad5d2f6af99ee4974b85e9b659f4ec18\
        f4605b0279303aea1358da034159beb9c3351c451138d2883250922250d53e21\
        975501847095c642d0a634c4daae88451341626e7a2ea1a28b6f6665831b4dc2\
        28facfb2cace9c43270e00ac84fe0a087616b0e010c12926ecc02aba3786e50b\
        69435ddf887532ee3b4f405532cc3f17ab39a6ac092cc49081b795c759ead389
        """

    /// The modulus by `openssl rsa -modulus`; the exponent is 65537.
    static let modulus = """
        ce91d66fbb864ee0923ccacb3503127f90ded0df2ca49c2242b252c82682b8d6\
        cce5ade719e79b783e6c9f555c9ece2c8cdcf254a33d84cd3d8d429df140a281\
        2c6a58dfe57587f0318ec1138a5df833e8d3f8f315c8970364eb377263e14004\
        9309dc31ab9c557c31990a4bf58320b375ffa54f0044749cdbd55486e4d62c55\
        8806a2390c63d46fd3a0467924fd26883aef7f708df822668c194bba13c91ab4\
        cd2a37052c627e8050a5d5a3742e71d9280364a732206fa4c2df47423b65e3de\
        9068c403d02e82015e330518f9ebfcb73baf173fdb6ce5c6adf5d9e8da4d9427\
        8a9ade894984cc75996e7fa43c5a4782ce7dc58c3165fc4966d0cd24c261dc53
        """
}
