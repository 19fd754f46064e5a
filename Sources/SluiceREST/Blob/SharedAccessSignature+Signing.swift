extension SharedAccessSignature {
    /// What is signed, for a route and the request that came with it.
    ///
    /// The order and number of fields is that of the version it names. Times and the like are signed as they were written.
    public func text(_ route: BlobRoute, _ request: ServiceRequest) -> String {
        if case .account = scope {
            let names = ["sp", "ss", "srt", "st", "se", "sip", "spr", "sv"]
            let fields = [route.address.account] + values(names)
            let scope = version >= "2020-12-06" ? values(["ses"]) : []
            return (fields + scope + [""]).joined(separator: "\n")
        }
        var fields = values(["sp", "st", "se"]) + [resource(route.address)]
        if delegation == nil {
            fields += values(["si"])
        } else {
            fields += values(["skoid", "sktid", "skt", "ske", "sks", "skv"])
            if version >= "2020-02-10" { fields += values(["saoid", "suoid", "scid"]) }
            if version >= "2025-07-05" { fields += values(["skdutid", "sduoid"]) }
        }
        if version >= "2015-04-05" { fields += values(["sip", "spr"]) }
        fields += values(["sv"])
        if version >= "2018-11-09" {
            fields += values(["sr"])
            fields.append(scope == .snapshot ? route.parameters["snapshot"] ?? "" : "")
        }
        if version >= "2020-12-06" { fields += values(["ses"]) }
        if delegation != nil && version >= "2026-04-06" {
            fields.append(named("srh") { request.headers[$0] }.map { $0 + "\n" }.joined())
            fields.append(named("srq") { route.parameters[$0] }.map { "\n" + $0 }.joined())
        }
        fields += values(["rscc", "rscd", "rsce", "rscl", "rsct"])
        return fields.joined(separator: "\n")
    }

    private func values(_ names: [String]) -> [String] { names.map { sent[$0] ?? "" } }

    private func resource(_ address: BlobAddress) -> String {
        let service = version >= "2015-02-21" ? "/blob" : ""
        let container = "\(service)/\(address.account)/\(address.container ?? "")"
        return scope == .container ? container : "\(container)/\(address.blob ?? "")"
    }

    /// Names and what the request has of them, as `srh` and `srq` list them.
    private func named(_ list: String, _ value: (String) -> String?) -> [String] {
        (sent[list] ?? "").split(separator: ",").map { encoded in
            let name = PercentEncoding.decode(encoded) ?? String(encoded)
            return "\(name):\(value(name) ?? "")"
        }
    }
}
