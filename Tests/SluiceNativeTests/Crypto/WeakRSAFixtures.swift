/// Keys that work and are weak, and such as are at the edge. Made for these tests.
enum WeakRSAFixtures {
    static let closePrimes = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEpAIBAAKCAQEA6qWv3nHeID43liO69rjuy0xLsdJtTjFdx+yo0CKWrFCAcmcn
        c+GGlJmczHkbjBgvGf72SlUpWMeENMUnAvkNX7sfXQ7eUDLAjU2KrweWY/iYL4qi
        zk+SVhwTOdcG5EzgjnNxLNrTC1I58X1qZc/15f4R/wFWe/5rzRNpieqYhOC+ttJM
        uTJXQsWcemNcMUF4VeCSXKKGEqjE6+i13r2qPrdxySPAinFJkuaLSlIv4kKQHjFj
        vtrzy3zULJSRbcM/Gg1nwRy1uKrEnfHJHAaS7SETbSw47tgcK9ahhBzFg/ZWEJUZ
        z+DQ2rqHWFQGZnQqDhvoAWLCZUBZ4SJ0TXnx/wIDAQABAoIBAGQ7GzlHZY1bVk49
        e/8o9uQDdrACRWupvbgJOQETTU5U4tE7jAg9dUnjpi1XrDM3H2OY2+bbotpH+4q5
        DpWAAjz6xwZus/sI+uRBE7T5Zj3U8lkYfLvpFIbQ3kuONOTvi9p9qIHzBURoPtUP
        cBQGdbDlSxWlIia8Aptqp+HgQn87Wgi/Aa7Cnkg240o/m1RzBwyy8UVC5O/Rnliw
        rGK37nQqcx0/ay0CF7Ap0Q6fYVMMWtww6wq4LyyfOglVtSWjf9u9MBW3CrlOkkEg
        b7VOubKgNEW4W2edVjjMEbW2Pm55K3w73IA1qynGi58h1+8BMyHxY9vf2eIm2Wrh
        9Ngz9qkCgYEA9RdXosjxW1Djrc1lheVjhLhqY9YvYUigWmJ2bIE0Dr9AxGAWu3KP
        KaOnMu7lfMJ/kV6BTKglrWorluOEAekKl/Ww7AodBfJHg3o/A8aX6RFXxw0kZ+/8
        g4xPItytLpkR3FmV6afEBcumzvOeSVXxprqJ7sQklJ9pZX79LlhHwRkCgYEA9RdX
        osjxW1Djrc1lheVjhLhqY9YvYUigWmJ2bIE0Dr9AxGAWu3KPKaOnMu7lfMJ/kV6B
        TKglrWorluOEAekKl/Ww7AodBfJHg3o/A8aX6RFXxw0kZ+/8g4xPItytLpkR3FmV
        6afEBcumzvOeSVXxprqJ7sQklJ9pZX79LlhHttcCgYEA0fineayRKdxI0lOPUIDP
        G5sqelG60at4xTZpolemk6PCBvsTPo/Mmq27xmToclPnGlFOkK/VZ5X3thNAuqo+
        CyXP5shbSQbhwX/vkHqJFoFnI/7cW7c8LC7+dS19qNg2dwLA7iZuR1DLna0UxFs+
        5coV9VpQxIs1rmB240d6YbECgYEAixO82hXWx++l0ylbs9hQWa7gSFjxN+4jeEap
        VrcWmEu07/pqy+GdFY7VQRTJSrt/8jjDfIFqJ/a4V34xmXfpWAPGapruj0JFjHkh
        Kv5Vk58QxVZS01weWXOUMH8zEt8vgG+hnx5hILzIomUh7BGF+AugW8oXy/KNt1eR
        Sew0fa8CgYBEmXIec7WdEXk+Ml9jk1xLEeLlWeCcyfH/85bo8nHo1NLb6V8TUeFL
        giGjHjXl/YGuu2be9e+jq11PLiHtCY/VVESHefWZ109Jv0RUmlbHFVRT4wU3zYES
        TAYpcNlRxUMZHfLhLeJYMLbgoGjXscqn15lAMmoqYN8CxOJB6CkkAw==
        -----END RSA PRIVATE KEY-----
        """

    static let almostClosePrimes = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEpAIBAAKCAQEApKuIb1/Jb1p/AQXl0mi6BQKdudrE6RC1M3LMpOQg9HCcpQKz
        S3z9lRgtQ7P+XjMPGseQI6tZ6fNX6lo28oWUQjItEyOpva8akui6XkOXQQfvnlFJ
        4uFVi2JMTpKtQgRElc9xceFH0BJO/5NnLypByUEgGOK8lHK0ucIeFu6LAjw2G+YX
        PBLvvufB1bO8oRQHP8pme3OmHo9ViH8gYcrUNzPSoLOPbPOoOmnjbMR0OxDoqcn+
        K7NH7p2mGwcxsSCQnhlYmuuH1ObNE6um5G3a+LsTKjm0sTxJFbgJMK31K3KvI7d2
        88uFRuyw3mtjONjBnMi2dJYHy6f4pcC7IXDDWwIDAQABAoIBAFB9oj6iiSF7kDoN
        SnXriAX77eITfA3ag2AHHN36vtsNEpyb8c0T5xYST8nYuR0NgzQZWSz+TICNWKtu
        do5cWghzY1IILCfSaEBoLvT1wADjIq712BJlB74OifMcQkFTOb0qva6nKkWcNW46
        /IRy+N4pjclsRzaezRVBvBiEeIFZ6XYhno3TORVt8dcQvpuATJbrDca/SGT5Sz6s
        IS/eFYEle5e8mIIkspaTyECOrrfuUL2PncluCw6sx1O2FPiH7aHdw7Ei6AKwqzXH
        hB3dJCDP4gi35ZDr7zvcehsXblvgfypNBrt3CSVKLScdYvYvnorDIUPLHq+rlB8n
        ic/DV60CgYEAzVFwuBoCGsRCAuJ9YpRPeArOM8HiFqZYqOy6JtITyXjaTIvHIyKh
        ZiO57vlaDPxOAbpIpckS2Elpe9Ik+Ot/5T2L+kJJIgEGEyaJEKyz1UKWbsXhYka+
        Nif/yqCWtltwfQrLkMzaXbvoGd1dZQoPD1IPMzcUNl9Hsp3D2jSqsgUCgYEAzVFw
        uBoCGsRCAuJ9WpRPeArOM8HiFqZYqOy6JtITyXjaTIvHIyKhZiO57vlaDPxOAbpI
        pckS2Elpe9Ik+Ot/5T2L+kJJIgEGEyaJEKyz1UKWbsXhYka+Nif/yqCWtltwfQrL
        kMzaXbvoGd1dZQoPD1IPMzcUNl9Hsp3D2jSqvd8CgYEAplH/rpMa+1XaZ33TtmSQ
        D50pNtIrdM+h6I2DqmjpMH7ez703PqYR+qycNRL3OKe2BT5DFVFSG7U0ZuJvotka
        zLfTyZGirpIHusGvrLtKHkqHlApmLndCJJq4Ygs+q1BdSl3RU2YuylmqhjFFM9E3
        K+D8gS9wBy+d4/pbKksZr4UCgYEAlVZLGl0wcq+VI+wBKUT+mF2jpdm7zKWpjxTA
        QURDyCLzBQIWEeQ6aMRLlRog+Zj6VB9ef9dEsbST2M/8vGDuYZrmmVxlPSppdLxu
        rYYwN0l7iY68ZHL4HwPw9Tzg4jqYExsq/WNC4TKvm0B7keZDFe2lyKajOPkMeUpv
        DeOI3RkCgYAPe0lGQYi8WvD3iH1i0TPBXpNOantSvYmqyjP2UcxcTUJd2A6dH2X/
        5L5/2ygJtmqYzfa6CL4VlNukN5Td3EBzWqwjozZzPy2gBpD1lcbjeiQwR8KzLzyy
        MB17dmd3ay0NtHXNK0JFtqHLSdrzSiFR+Xba2z+kdigdxASIiGh9Xg==
        -----END RSA PRIVATE KEY-----
        """

    static let distantPrimes = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEowIBAAKCAQEAzKmoarQuNcJDC2xhAemT8ecmG+WOFFHJYl52apOY293MkwMz
        k6DmcKv/NEfV1tqOYq6XGpAGJgVEnhFUJLVR2zew2Uj7zjEdWqVjoxb6g9owR6YD
        bFY/74w1VPxLkyMX9E/UVwsUiB4JeylH3E+tHRTPoDwphqnFRr0NF5cBl8Nl9PEt
        WkGmcBsab4iucz9MKa53CWmYqLK0T5zIra7pVGK5/UpHzwXxgHK08PI66Kjai6YH
        lhvYfrnp3JFZ5cmllIbb2eC5nzkWfNlUo/+Afpo6cjXSQWOT1R7dOSkOHMVFEsm0
        gxpHurWp/diCSTPRpFLFV0ku0h04p69mMkKXlwIDAQABAoIBABBytiFVN72ETkUV
        wboYnpY7YHmvejqx1AB+3P91uzw4WB+ci0GbFcoKWKlH+KyaxgSySVyOJKBbngci
        F2QX2mtGz4S2892/Xr+ROS+7QgjkuSqY8f978wl6eDLLT/uUP3GYFNWmA1FpMJPg
        XnEbSitjJ8iV7TRwYnVr7ihuL2eV3MoU0U3J9VS+1m+m7NWBbpEadNlDBmMOqDfK
        /XAA3BMQfNk8TIRK/BW+Ohvo1HJhhxFPrd/Hr+NrSSCRVPmqlQp/XNEKuTLxdzxC
        EwNgj0l5kRGbOzLPEiZDC0iPrr79TDjphPpjOg9IAs9lfOe7iGEN0WyzeQEx/taH
        GGr0w/ECgYEA5OWINKBQhwnf4h43fKYzHPR+buZz9+CMNcnTBzBW8YgbfkunxVqq
        9sn8aCx7PrgVyf1iqTUev4ElJT9L5QOf4o9xLtO5bv9GwKq7bB6u214k9B+te3mV
        6kEk/82M0PejJvqZo8XMm1J9b6t2L89jCED5pOfkBwnp6dbI5p4hwRkCgYEA5OWI
        NKBQhwnf4h43XKYzHPR+buZz9+CMNcnTBzBW8YgbfkunxVqq9sn8aCx7PrgVyf1i
        qTUev4ElJT9L5QOf4o9xLtO5bv9GwKq7bB6u214k9B+te3mV6kEk/82M0PejJvqZ
        o8XMm1J9b6t2L89jCED5pOfkBwnp6dbI5p4hxC8CgYAG1qy5FckSH8NmmAyEVtrU
        FKHqYkw4rabCvKLnZhRS5wQbQ9thVBIjiWlXG20bNJjCDiXydDnU8uDPOhLkZrVS
        KYLyKTUzEcFlZDRxSIFk4G0uNfwS4lEOTJ/0XInGfH+NXJNWh0RTp6VDvtWrHAET
        cA2FVcBETZGFgPtDmJndkQKBgCgWozJEWZYs/o8Fp8CMQytxDquxpOHm6+eHv3Pk
        3XVT1yzZZzrDVGoAmjpMgBFOAFLuE9d6vDXiEnVhjpM/fUMayEHhRvrPrr6TqFuZ
        TBqTdHllCuczNjRe0HIUt/LpTCPJhBsQy3LwkZN7PinFcpzBdHeTPXaWH+eafHkX
        fOZ1AoGBAK3uFiAGEQD8OAZ7OWBHXVOPUUH+x/2SAr69gQkVJZysYb2mUtakH1As
        2VqMk3Uo708z2gz2Qxa9KgstZ8KauMMDBzro4NA1bOG4cDxFLdQdTrEkdK+YrWCi
        nj9k9g5BI8iLiuFWWYosfTXD0nJilWrUV7sWJ5tXPRPOR7qKFO2o
        -----END RSA PRIVATE KEY-----
        """

    static let exponent3 = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEogIBAAKCAQEAyDpEi842FlpsmqdHx3NaQGXnFNvcds0VYnZtm7QBTZ2oN16b
        uoYEtZWHMVIct2nNRfYqnnCemqxW4FLiq1UHlh5URuk03H1yjRtsIbOoyS4xFjg/
        43CN7HvjWNbme3j07AHvD7v/pBVYM0PlAV2JMAlkYNRfFuopTfZFIzY2VSjBggU9
        SQhjhn5kTLdJGUuBP6CSZBMr11rXAx/rOzMkr64D0EI+aH8G63F68mGzKXfFJDJg
        5flYGTus7dFE1sgg05sRm0adyjQ+gr7aoqjdGTdpO8dIwHrc7psK0Fvs3Koc9DTU
        mQzb99PgnSWmkPIeNDhDNuH+lpaQ5mRJzG4GnQIBAwKCAQAhXwtsol5ZDxIZxov2
        kzm1ZlEuJKS+d4OQaRJEngA3mkaz5Rn0a6tzmOvdja9z5veLqQcaaBpvHLklYyXH
        ONaZBQ4L0YjPaj3CLzywSJwhh7LZCV/7PWz8v1COznu/PtN8qv0tSf/wrjld4KYq
        5OwyrDtleLqD0bGM/mDbM7O429Sg2kZyv/xT08Ud9CWjAZQ96GP3hsEfu2MvXfrP
        D4zGnvSSQhpuPjHQ/zRgOxaED1NBKA4ormlmNACB8EsTvSTMrBWKwS4YFSl7GzG5
        +mTefYs9KYApQAx8zfqMsbNAmUZWuI17NU2uGSPn1VH7t1SOD+0J19pO86fH5WTE
        qr+1AoGBAPFnT5O3+vMlBymhYDLL26h/KcVv4nEEo2NJAG9BoP08wDwiYwsNrgzW
        0ssx5VxsHrIV+Ihzs9Jb36ZiW6pdgPswXVXW3qX6Q7hg5rBKNiMt5cucy4BF9w0/
        RDTIj7Zg4eKxupFTMHKFLuRJsWagUEKRXeuwGgWGdt/LMq5QG92/AoGBANRVmALg
        jYZqgJv3njR7Zl9NBHUnCDQUUyCd65sfNNrLNAxAUpTFW88uo3V/Gc+k/R+HSYN+
        Lw1YJAN/09gC2EjXNTqD4OM/cY0/NP/8lFy0YFowAseDA4TCgva7ogL4MJQ6JvJi
        nJdeDiTkdFQKVeBOeslLuNs2acJr0T7gUaqjAoGBAKDvimJ6p0zDWhvA6syH58Wq
        G9j1QaCtwkIwqvTWa1N91X1sQgdedAiPNzIhQ5LyvyFj+wWid+GSlRmW58bpAKd1
        k46PPxlRgnrrRHWGzsIemTJoh6rZT14qLXiFtSRAlpchJwuMyvcDdJgxIO8VitcL
        k/J1Zq5ZpJUyIcmKvT5/AoGBAI2OZVdAXlmcVb1Pvs2nmZTeAvjEsCK4N2sT8mdq
        IzyHeAgq4biDkoofF6OqETUYqL+vhlepdLOQGAJVN+VXOts6I3xX60IqS7N/eKqo
        Yuh4QDwgAdpXV63XAfnSbAH6yw18GfbsaGTpXsNC+DgG4+re/IYyezzO8SxH4NSV
        i8cXAoGAX++Zx4MlZLaqxHd3E9mIhl+8JZj+QGbBbR6jE7S5tlWh7dbojeJ7aAAb
        PoqjLKzC+vJrSsE8Sf0wjElSvajmY3AtRP5QmP3Wifr2PNLXbslvVHIVSb5Lk4QN
        /KZEeR3tEVbST0SE/8v2qkMfJCaBYhozjsIuceF3uX9VaOlNByk=
        -----END RSA PRIVATE KEY-----
        """

    static let exponent65535 = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEpAIBAAKCAQEAxC/39ImGX1P8UmV6D3GlEFDxuXGRENALK/aeB+C0eIKvI2c9
        T1DDKO/1GDMWhczGcKZAhUSF/se4BE7JkC7mGGf2FwXmGTdY2rg3MYwxFc78cPPF
        BnPQiCNsieZj2bo0D8O5dUoYSPnZZwWPH4M8EtUMIrcLmeMCxisRT8jMx0LEe6Ea
        C2KX/8E6lSIyba21UQMHUgk34QgsR8TgZHdq8NJl/G9LzGoxGf+wjbsdWGX3AfCZ
        Oh8nTvzuad/h5eHMobPnwdn61q2k3JLsTFpdl0MdRCw0tmpEO0YwV2NGQp+oFXQA
        XSXp4kNGFOoZCvN2LxYzdthDhVlY2ZYSgBUUZQIDAP//AoIBAFMg6FBI77TnAmIJ
        +kxygxOXZ6trXpM+weKQHtDUUjwcF4J3Om0MVOV25c/5QYXN5GjSkkwp73J+ISIQ
        Zi8aVj/wmLGlBP53NoDPK84NxUATVoDQgq15EvYp/KDAu9KWXLKEsGL3WpaSV+Sj
        OyJk1QKNwPSchKpmXuzHX1quHxaSTmH7o6iDh1lS7fDfEAEAkaKlcMMG+IgRLJX+
        /oLCzXWJtOb1ZkNPO87BPAMgEFWb0g4+LDW27F1UqjRcdQVbTobg63G7CG9H63iM
        axgEqD6PaV+UKDDZMPzHXtwDC2QYHRYROnyIgn1K7rL2cNXoM3uzVlykZiEyO9Mo
        r3Y7awkCgYEA2TGxpA9BzJNNbODnhUakovv2J2AffOz9qM8ErFOfJzulxAaEyX8S
        HPsHqo5baxrgIWniLzhGsY8XFJets1aEKiy/0OOGn02xwbR7bXQZuRXaRo0HKEt1
        4aetQ9jk3G7ziuSt+XKHIC3FeKMguVZPjdA+GTHJShgiY2kY4emtVtMCgYEA5z1w
        8PRoh6DgO48haQdVxL037UQHsAl5X3DIIIYEPzO3vsXDy5cL12iVeBbatYf3jC21
        YsBcRw94NaL99E469vVQ+b4V7v3yT8LCwNfcMH5WiTWFmCLCkFpjslt4BDa0yzqN
        vZze9lrkRy6gxQOvlmrgW1gshYa2tNLVt8MH1OcCgYANzADnv8vazZoxq78Aq0xy
        ktnmvDbcQ14kTkLHQRsWNhUut+S5PWag8+chkaqKSUBT/7DY1rj8UmY2uhVHwJ+n
        2X2Mv3C1oUIS4wzWMb0wCf5mh63jEiYwGrnRUCFhzgIQbbUm1Jg/+IhKwQ9+NWTF
        E+Z1uipWejzxc4eDKT4nCQKBgQCGF+v89Ycu5R3MR0zkB0/olK3p+NP6DYh6O42Y
        Qa7qITSXCZ8SRtn5tDQYxkF7c6Kk4QpGnNhfYTzTPyZIeEGzhHaIOJ1KonbMbTmC
        Mu524UmpfD3DNTNODmhMTkzHpky/AeRBLx+NtMSCd3Fbj/261BaLro4Hv+TkggLG
        QRNkrQKBgQCtMi0Tyug6trA2zeiTCmM8vAh4CfrlfE5qaL57nSwtoGNafvRfq9J+
        HQQHBUCFPhCS9/+Q32mQWxA3A1ypKuKygxSyOljFrZhoegyTS2moorTrqNY/PMXX
        29phAir+02HbRQX8DdZoSg3XwvBdQGClv7azRrJBlavNk3DcZt9vag==
        -----END RSA PRIVATE KEY-----
        """

    static let exponent65539 = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEowIBAAKCAQEA1xaYpU+xafQ1M8cb8EiP21xjolc7gqa7Mjq9VIn3/E97Zcrm
        hmH4MVTLVjgfpMOsNaaUaHF0xG1fPcJx2JauZ3zq3ipOP3Acty6N8XvYbmdTv5rB
        zxSRK8i6G45bBtIlBV3brWbMflq+13LZtZ/u9y/31+qTeVanqcTyaJkHKAvXRGhR
        eSdQfJtN7tsFhYH6ZNaIip/lQ/8rgG2pNNLYmwxYdWyuiKCJJk7yC8VqZIG1aKBd
        Nhfq5eiWNKjYW+0xnTECSVTGeiUpG30A++H8yX09GDI194AT7o+HCPMUoDGv3CMs
        opiuDh10soge9nM5dIfB9DhzmKqb/bZW2Kb7IQIDAQADAoIBAAVR4h7oZOU1N7U5
        vBa0N1pB8T0POy4gv10W9qv0ScJjXB5HMvAYGhBCLSUBglvXN3vJRG3sDKQ5295+
        dL+CM5e6gsuoXuha99TsawOJCpZTUUtYXOQdkOKHlmutOV62FIItdMeipQTtBdNY
        wDJKdtS+tIA8r6HAbHJgpPEBffXWpdpNqyhC0E/uzenD/zDPa/ivVqRk+958FwRs
        L3SQVgb4gLC3xLZeCLwkrijrj/BuXNCdj74XeIf2wgkRk1lFUX42Bs/dt+DAqrCZ
        nN7i0qE/h+oKNJ76VoMVDwkpM576HUIqum/0zjYF9kokmO03S88NRjC8/0hs5Mu0
        FYpfd+sCgYEA7RKiIMNIkXE74hQCNCjHBgwzZVSOY1E7y/JiqL775oDqQPeEfogB
        DewOOUHpTCzEHvO9rEcNh1XqqFYuqlEcTsRjCMCqs9rved/zEPGhtOtP+63yLsCk
        OgOV8MSfFjhcii00z+YX4eguEMksrI3nJdKol+GThhCh3mgyMlldfzkCgYEA6EKi
        9jw4l4DpVlk6+LeyhVTOnYpB+6QpyybhCXF2+GwpvCyZj5mgnNPGtXpqdTeN4GnU
        YnqyI2J0Efr0U/H2vYzDAembd94s2U3olonyD7DJBpDzUQfDxqK1UVt+niLSbrkd
        6HrJbm2KQpWVCMD5crbD8jxnuz6jf3U5f4W/cykCgYAO13keD7+w0/ta0l44N1Dn
        3zXuG0PkTh4LB5i0dG+Z/I40zKCmpgHW4J22Ho0GfM4E4gXe4ooiNati7dR8bkSx
        5FfiOaFDBNDlt6MpyxNVgKbs9foCnUmwQL616b2UhGPF/0iLlm4Fe5/Hb7H766KQ
        x4D1l1+dStyxvYLD/KpTgwKBgQC4ifDwRe7BjRg/5GyvI6B9EXhrQf5BoJ6XYGFD
        pg3un92VvMrZeivwuG9FGrJQhi+3ldAQw31Kp7V0vQF1wuudv4Qf86c9254d247R
        GK48rujd7gia85OTFMVFkhs4AtEdqNuqCrn3AUKMukZZPpE4k1CdgmiAzPXwP2ru
        c5FRIwKBgA2r6bngX+qgdmCVZPv1RycZncnI+ceAayVxK2vwr8SgDJYwA2F3FjOY
        XSpGuyUS4I2CWpADFmamyfJXlUs5q1lhELGNUPU5PMdeq2CMx0Lm2HuYykHguGNZ
        h813zNuuJiNYDEEBosMGbbVvzrVLRCBJnf8kMKWvHW7f71wvt7WA
        -----END RSA PRIVATE KEY-----
        """

    static let roca = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEogIBAAKCAQEAndm9QIM9B+Bx29HM6RNcimShKebdyPXoa2N5lYLnyrmViikI
        7csX4r/y9mjLAvggc58dN69q5SZzirwfgDHrlC2XFzkOtfyKu3HMFFwAOW0/lPpW
        a4PwHspFX6TCrJx3QKN/Gu8g4xvfgA6iojhQqFtx1PpVLY4d24JaDGQDRntGLn28
        nyBtMlexWX7MoCfhOrs1TUpndlVJf7QrvhmaGe6NKMlCI6j77fhxgM29kR4tuk1p
        YVnpJIDcffu8/eLfxPHk3pGFoCrzQUgzRCqxOwABephu+Hrt4q83tUL4KrXOZFm8
        6v0fCfv08wYX4S4i0dqzuELvIHryY92hzzkAsQIDAQABAoH/WlsmrdTgnhBYu7MX
        YT7kbfLnK4PZK3TkIF1NSYZ0/vBfQXiO1FFDklEdklBAmRGm6Z0WTOWEq9Ci+P6o
        0iC6SmrVUFoanAPznUrE4RnyRTJEHk9J+E867MXw4kRm5hScq0DrnNJZ8xxUcqYX
        hxdNkNo9HlLTn6DqptgEz2Xz/XhFK73biiF/f9zcuct3RK+aaEvNro0S8Z2SQdfx
        hgjcCtO6O+WfC/hItXxP9sdaytK0sVYDdsNa7eq9sgXeYvyl+tB2PLMvK7i+Xhef
        gbJXE7CjEej0r2DhctEapJtp0kEHfEJS1/b98k7iqtPA8Y/BMrQgn270oKSDxjbi
        ORqZAoGBAM7sRmPdIeQ9+ZTxNnX5nlBv/+iVTgsrh4FKjhU3XKt7uOR3DHfPC2SJ
        6Kt9dKAipOI+ys/K10Pu1Q9HC6OB6WIUABHUzEGpP0yRx+wAatXDW5LvSPWyQzg0
        BZC3XULPINQ6OgFZyHcfUEuCNyYmxzjhKfBtCYih2ReVmCIaKaBvAoGBAMNJ8FUy
        kz5vHDpaMqmXclMDYHeg5GB6zCBwVwesXAneTv2fOWhc+ovphB8T80gzzjbkia0P
        QG9zGDd28vBCGue/Stsd1myDE9bIk16g6ayZxfttpe070B+CnsWWJqwcVAjIyD8S
        EjFfecQQzYw9D9tkmv6jt4pFiv19HB9JDcDfAoGANMJduDy71XxP1MAkCLSavxuv
        flgDTCnPJRIjZBl3kWm8XNRV435xAzN+laspP2NV8zHbeFvZw0J0JK8Ssp//J7i9
        w84kPmGu+BD7jpsUomhrQu2sBqlrJjttZ9a4+r3hOvuVqp5/1I+xY29SLHIavc/7
        Z4gFtEbAGZlU7u0IzBUCgYEAv5Ku4sUEUMDqrguBm4BntCuh3HjG0CZmTIQnu+1H
        NJ8SWhZyWICtf8cJxvrpMzEu4AZ9UHmfujTr0q0rUKlof2LWafDxQe2r7o1AlBnC
        YYFQCH/dv8VnOyIF4sqTEU+Q2DUuy0BM/IYuizn4idP01EHzEk1EZa4m1NiAV+hw
        R30CgYEAknz7b3mkrYCFXBtEtDWz8rAsD6kldABi2BlsknzIKNcHA+r8lAEljQ3f
        mt9/dGSVJ+ZF0kf5Dd9DbRfvyeFbbbmhNe7PHeDD0xSQAmqqyhkEX0szaJbfmjWN
        qO0pfWiIM0NBuu+3LjBT8qanY9FyWzD4GHAyAUl9nPA+CdxAr8Q=
        -----END RSA PRIVATE KEY-----
        """

    static let smallPrivateExponent = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEJgIBAAKCAQEAwOpFhTsSmiMhnSpOYOcqIJN6Bd3f25eO4DEtaE5s/Eqov36J
        gFNi8MYvZK/0y2DoKRIW/OMoSHiooyVN9sJ5C6SCh8riZAQF7yymjObR7LNQJpzH
        ZGZS2TjeZrrjg8tpY6uVnhhlMvn6B36zNIl4YJ+8v0rAouZRm/XKRyIqegIvB4ZL
        ENrcdEyUM5b1y/KnYcJakiWxvRZJCD4oH2BCbu+2LDhJrW4DO+SdUuIylaOwWzsA
        ExqB3ywdn49VuPHG4aAl2ZSuRvhtuDuMO0s8sqzsdiaA3eYVclju9H0OqlR+bVty
        9JBt9HLFY73wX3nC3hVhx3GsKQS0nLZcmXdKawIIAKPfywQIcC0CgYAGjrsIfiBj
        +nGZUH93Ikvo7ki5osNYtK4iOqndAPrYYK1qxeTEUnuxXbCg5w2rkkAQEA7bR6ZF
        qzD41nLmeHmBl3GaxpMrBd/cmFlVYKBfWZ+fEUOh8leqSXBTR+rn+N7zYt3twjn+
        8tcv76F5x0vqvj/fk7iAewmj4iGBoA0AVQKBgQDk+IoAgrmGfi05l/BSMLLgJR3+
        +o6lfgwzwGzo4WoGfTFPxDFDejnpNbzTjfvonlLMQanercDswqUnVlrYm9m50oI1
        RIfqDu39wkDl9JmloiJN7T2TFhpDYhXOERFv2RKShDMExi4INghIuZF9ZhWee375
        AY0cc0iZbiWXd62N5wKBgQDXsCJhLTRnPNRIDpsQ03q8/Dsev+ch57L5jGWtS2hO
        543964oOlvzivYPLDddED2qQRb3KDiBvDHICU+dZtfruplMVthUCzgOn3u9pxAtq
        aDnwKoDmD+dPmBHDl3HrVaBvMNn1XNnMWcnkAlXDhCdXUKyyz36dro/icBogOGCm
        3QKBgAaOuwh+IGP6cZlQf3ciS+juSLmiw1i0riI6qd0A+thgrWrF5MRSe7FdsKDn
        DauSQBAQDttHpkWrMPjWcuZ4eYGXcZrGkysF39yYWVVgoF9Zn58RQ6HyV6pJcFNH
        6uf43vNi3e3COf7y1y/voXnHS+q+P9+TuIB7CaPiIYGgDQBVAoGABo67CH4gY/px
        mVB/dyJL6O5IuaLDWLSuIjqp3QD62GCtasXkxFJ7sV2woOcNq5JAEBAO20emRasw
        +NZy5nh5gZdxmsaTKwXf3JhZVWCgX1mfnxFDofJXqklwU0fq5/je82Ld7cI5/vLX
        L++hecdL6r4/35O4gHsJo+IhgaANAFUCgYBHlXCThWwh64HcVJpgVBHXAgHJ+Lke
        eesQtVaqQ0D1yDIAMV+00xpHZTYM22i/eCAMpGxQqP6n1+S2/TlTECTaM9D9rH24
        fpG+aMJ2hHw43EZIQSP4m6AeW4PqiJPeHxyzAI1eearDEnwvmgrC0Kg75ryMhJ2M
        bJdHpYMj2QSh4A==
        -----END RSA PRIVATE KEY-----
        """
}
