extension BlobGolden {
    static let signatures: [String: Signature] = [
        "account": Signature(
            query: """
                st=2026-11-01T00%3A00%3A00Z&se=2026-12-01T00%3A00%3A00Z&sp=rwl&sip=168.1.5.60-16\
                8.1.5.70&spr=https&sv=2026-10-06&ss=b&srt=sco&ses=scope1&sig=7T2/d%2BQeDXWO8Vcbs\
                /HlfUOp5mnhaqczXzDIgO/d3Wo%3D
                """,
            text: """
                acct1
                rwl
                b
                sco
                2026-11-01T00:00:00Z
                2026-12-01T00:00:00Z
                168.1.5.60-168.1.5.70
                https
                2026-10-06
                scope1

                """),
        "container": Signature(
            query: """
                st=2026-11-01T00%3A00%3A00Z&se=2026-12-01T00%3A00%3A00Z&sp=rwl&sv=2026-10-06&sr=\
                c&rscc=no-cache&rsct=text/x&ses=scope1&sig=%2BHiI%2BzEx47FttxAq9S3CvDdsWC1V4l2cy\
                P8N3l6XuTE%3D
                """,
            text: """
                rwl
                2026-11-01T00:00:00Z
                2026-12-01T00:00:00Z
                /blob/acct1/con1



                2026-10-06
                c

                scope1
                no-cache



                text/x
                """),
        "policy": Signature(
            query: """
                sv=2026-10-06&si=pol&sr=c&sig=%2B312JAzaBQVaJWR4yn7BhCZuI8fhoVqwbT/yIbuXvhA%3D
                """,
            text: """



                /blob/acct1/con1
                pol


                2026-10-06
                c







                """),
        "blob": Signature(
            query: """
                se=2026-12-01T00%3A00%3A00Z&sp=r&spr=https%2Chttp&sv=2026-10-06&sr=b&rscd=attach\
                ment%3B%20x&sig=Slxjt1Tlr8BpsCNP5AvIugGMwafNZ7wd5GPESIG0bXA%3D
                """,
            text: """
                r

                2026-12-01T00:00:00Z
                /blob/acct1/con1/dir/ä b


                https,http
                2026-10-06
                b



                attachment; x



                """),
        "snapshot": Signature(
            query: """
                se=2026-12-01T00%3A00%3A00Z&sp=r&sv=2026-10-06&sr=bs&sig=C6ASxefy/k5syaLnVyNs%2B\
                0bRj5fNo69fBIN4ezUgoL0%3D
                """,
            text: """
                r

                2026-12-01T00:00:00Z
                /blob/acct1/con1/x



                2026-10-06
                bs
                2026-11-28T10:00:00.1234567Z






                """),
        "delegation": Signature(
            query: """
                se=2026-12-01T00%3A00%3A00Z&sp=rw&sv=2026-10-06&sduoid=44444444-4444-4444-4444-4\
                44444444444&sr=b&scid=cc&skoid=11111111-1111-1111-1111-111111111111&sktid=222222\
                22-2222-2222-2222-222222222222&skt=2026-11-01T00%3A00%3A00Z&ske=2026-11-07T00%3A\
                00%3A00Z&sks=b&skv=2026-10-06&skdutid=33333333-3333-3333-3333-333333333333&srh=x\
                -a,x-b&srq=p,q&sig=%2BYXveUGirZ3Sd43rLk80d4UyxBjbcge1MvRLU9fbtSU%3D
                """,
            text: """
                rw

                2026-12-01T00:00:00Z
                /blob/acct1/con1/x
                11111111-1111-1111-1111-111111111111
                22222222-2222-2222-2222-222222222222
                2026-11-01T00:00:00Z
                2026-11-07T00:00:00Z
                b
                2026-10-06


                cc
                33333333-3333-3333-3333-333333333333
                44444444-4444-4444-4444-444444444444


                2026-10-06
                b


                x-a:1
                x-b:2


                p:v w
                q:z





                """),
        "delegation plain": Signature(
            query: """
                se=2026-12-01T00%3A00%3A00Z&sp=rl&sv=2026-10-06&sr=c&skoid=11111111-1111-1111-11\
                11-111111111111&sktid=22222222-2222-2222-2222-222222222222&skt=2026-11-01T00%3A0\
                0%3A00Z&ske=2026-11-07T00%3A00%3A00Z&sks=b&skv=2026-10-06&sig=JjQAvO8kgBa4zGsmmo\
                GiEDYgW05OyMFV0XZhCA2U9AA%3D
                """,
            text: """
                rl

                2026-12-01T00:00:00Z
                /blob/acct1/con1
                11111111-1111-1111-1111-111111111111
                22222222-2222-2222-2222-222222222222
                2026-11-01T00:00:00Z
                2026-11-07T00:00:00Z
                b
                2026-10-06







                2026-10-06
                c









                """),
    ]

    static let blockList = """
        <?xml version='1.0' encoding='utf-8'?>
        <BlockList><Latest>YQ==</Latest><Latest>Yg==</Latest><Latest>Yw==</Latest></Bloc\
        kList>
        """

    static let policies = """
        <?xml version='1.0' encoding='utf-8'?>
        <SignedIdentifiers><SignedIdentifier><Id>po&lt;l</Id><AccessPolicy><Start>2026-0\
        1-01T00:00:00Z</Start><Expiry>2027-01-01T00:00:00Z</Expiry><Permission>rl</Permi\
        ssion></AccessPolicy></SignedIdentifier><SignedIdentifier><Id>empty</Id><AccessP\
        olicy /></SignedIdentifier></SignedIdentifiers>
        """

    static let serviceProperties = """
        <?xml version='1.0' encoding='utf-8'?>
        <StorageServiceProperties><Logging><Version>1.0</Version><Delete>true</Delete><R\
        ead>false</Read><Write>false</Write><RetentionPolicy><Enabled>true</Enabled><Day\
        s>5</Days></RetentionPolicy></Logging><HourMetrics><Version>1.0</Version><Enable\
        d>true</Enabled><IncludeAPIs>true</IncludeAPIs><RetentionPolicy><Enabled>true</E\
        nabled><Days>7</Days></RetentionPolicy></HourMetrics><Cors><CorsRule><AllowedOri\
        gins>a,b</AllowedOrigins><AllowedMethods>GET</AllowedMethods><AllowedHeaders /><\
        ExposedHeaders /><MaxAgeInSeconds>5</MaxAgeInSeconds></CorsRule></Cors><DefaultS\
        erviceVersion>2020-10-02</DefaultServiceVersion><DeleteRetentionPolicy><Enabled>\
        true</Enabled><Days>3</Days></DeleteRetentionPolicy></StorageServiceProperties>
        """

    static let batchType = "multipart/mixed; boundary=batch_b5143c20-ed0d-11f1-b3a4-02fc00000001"

    /// Its lines end in CR LF.
    static let batch = """
        --batch_b5143c20-ed0d-11f1-b3a4-02fc00000001
        Content-Type: application/http
        Content-ID: 0
        Content-Transfer-Encoding: binary

        DELETE /con1/a%20b? HTTP/1.1
        x-ms-date: Mon, 30 Nov 2026 22:30:55 GMT
        x-ms-client-request-id: b5228780-ed0d-11f1-b6ad-02fc00000001
        Authorization: SharedKey acct1:uJRFvO9FQsJCuZPhi0cwPNWq2KRlxjGz9WLp7p/YsVM=
        Content-Length: 0


        --batch_b5143c20-ed0d-11f1-b3a4-02fc00000001
        Content-Type: application/http
        Content-ID: 1
        Content-Transfer-Encoding: binary

        DELETE /con1/d/%C3%BC? HTTP/1.1
        x-ms-date: Mon, 30 Nov 2026 22:30:55 GMT
        x-ms-client-request-id: b522978e-ed0d-11f1-b6ad-02fc00000001
        Authorization: SharedKey acct1:z/X5ZF5Xn6c3vI53iVvsTv4pgVOvwcxjVD8nSgjqhaE=
        Content-Length: 0


        --batch_b5143c20-ed0d-11f1-b3a4-02fc00000001--

        """
}
