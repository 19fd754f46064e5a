/// Pieces of a page.
enum HTML {
    /// Text as it may stand in an element or in a quoted attribute.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }

    /// A chart with what its marks mean.
    static func figure(_ svg: String, title: String, keys: [(style: String, text: String)])
        -> String
    {
        let legend = keys.map {
            #"<span class="key \#($0.style)">\#(escaped($0.text))</span>"#
        }
        return """
            <figure>
            <figcaption><b>\(escaped(title))</b> \(legend.joined(separator: " "))</figcaption>
            \(svg)
            </figure>

            """
    }

    /// A part of the page under a heading; nothing if there is nothing in it.
    static func section(_ title: String, _ content: String, isGrid: Bool = false) -> String {
        guard !content.isEmpty else { return "" }
        let body = isGrid ? "<div class=\"grid\">\n\(content)</div>" : content
        return "<section>\n<h2>\(escaped(title))</h2>\n\(body)\n</section>\n"
    }

    /// Everything that the page looks like. The colours are Okabe and Ito's, which colour-blind people
    /// tell apart; shapes tell the same.
    static let style = """
        :root { color-scheme: light dark; --paper: #fff; --ink: #1b1b1b; --faint: #5c5c5c;
          --line: #d9d9d9; --card: #f6f6f6; --a: #0072b2; --b: #c44e00; --c: #007a59; --bad: #b3001b; }
        @media (prefers-color-scheme: dark) { :root { --paper: #16181b; --ink: #ececec;
          --faint: #a8a8a8; --line: #3a3d42; --card: #1f2226; --a: #56b4e9; --b: #e69f00;
          --c: #2fc79a; --bad: #ff7a85; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 15px/1.45 system-ui, "DejaVu Sans", sans-serif; }
        main { max-width: 1240px; margin: 0 auto; padding: 16px; }
        h1 { font-size: 22px; margin: 8px 0; } h2 { font-size: 17px; margin: 28px 0 8px; }
        p { margin: 6px 0; } .scroll { overflow-x: auto; }
        table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
        th, td { padding: 3px 9px; border-bottom: 1px solid var(--line); text-align: left;
          vertical-align: top; }
        td, th { white-space: nowrap; } td.wrap { white-space: normal; } .right { text-align: right; }
        td.long { white-space: normal; overflow-wrap: anywhere; min-width: 16em; max-width: 60em; }
        @media (max-width: 900px) {
          table, tbody, td { display: block; } thead { display: none; }
          tr { display: grid; gap: 2px 12px; padding: 8px 0; border-bottom: 1px solid var(--line);
            grid-template-columns: repeat(auto-fill, minmax(min(100%, 7em), 1fr)); }
          td, td.long, td.right { padding: 0; border: 0; min-width: 0; text-align: left;
            white-space: normal; overflow-wrap: anywhere; }
          td.wrap { grid-column: span 2; } td.long { grid-column: 1 / -1; }
          td:first-child { grid-column: 1 / -1; font-weight: 600; }
          td[data-label]::before { content: attr(data-label); display: block; font-size: 11px;
            color: var(--faint); } td:empty, td:first-child::before { display: none; }
        }
        code { display: block; background: var(--card); padding: 8px; overflow-x: auto;
          font-size: 13px; }
        .grid { display: grid; gap: 12px;
          grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); }
        figure { margin: 0; padding: 8px; background: var(--card); border-radius: 6px;
          max-width: 560px; }
        figcaption { font-size: 13px; overflow-wrap: anywhere; margin-bottom: 4px; }
        .key { color: var(--faint); display: inline-block; margin-left: 8px; }
        .key::before { margin-right: 3px; } .key.a::before { content: "●"; color: var(--a); }
        .key.b::before { content: "■"; color: var(--b); }
        .key.c::before { content: "◆"; color: var(--c); }
        .key.ceiling::before { content: "▬"; color: var(--a); }
        .key.peer::before { content: "▬"; color: var(--b); }
        .key.floor::before { content: "▬"; color: var(--faint); }
        .key.limit::before { content: "╎"; color: var(--bad); }
        .key.one::before { content: "│"; color: var(--ink); }
        .key.beyond::before { content: "▶"; color: var(--ink); }
        .key.fine::before { content: "●"; color: var(--a); }
        .key.regression::before { content: "▼"; color: var(--bad); }
        .key.inconclusive::before { content: "◆"; color: var(--faint); }
        .key.unjudged::before { content: "■"; color: var(--ink); }
        svg { display: block; width: 100%; height: auto; }
        svg text { font-size: 11px; fill: var(--ink); paint-order: stroke; stroke: var(--card);
          stroke-width: 3px; stroke-linejoin: round; } svg .tick, svg .title { fill: var(--faint); }
        svg .value { fill: var(--faint); }
        svg line.grid { stroke: var(--line); } svg line.one { stroke: var(--ink); }
        svg line.limit { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 3 2; }
        .strip { fill: var(--paper); }
        .bar.ceiling { fill: var(--a); } .bar.peer { fill: var(--b); }
        .bar.floor { fill: var(--faint); } .dropped { fill: var(--faint); opacity: 0.2; }
        .mark.a { fill: var(--a); } .mark.b { fill: var(--b); } .mark.c { fill: var(--c); }
        .regression { fill: var(--bad); stroke: var(--bad); }
        .inconclusive { fill: var(--faint); stroke: var(--faint); }
        .fine { fill: var(--a); stroke: var(--a); }
        .unjudged { fill: var(--ink); stroke: var(--ink); }
        .mark, .arrow { stroke: none; }
        svg .interval { stroke-width: 2; }
        .curve { fill: none; stroke-width: 1.6; } .curve.a { stroke: var(--a); }
        .curve.b { stroke: var(--b); stroke-dasharray: 5 3; } .curve.c { stroke: var(--c); }
        """
}

extension TextTable {
    /// The table as part of a page; where that is narrow, a block a row, with its columns' titles inside.
    var html: String {
        let titles = columns.map { Self.element("th", $0.title, $0.alignment) }
        let body = rows.map { texts in
            let cells = zip(columns, texts).map { column, text in
                Self.element("td", text, column.alignment, label: column.title)
            }
            return "<tr>\(cells.joined())</tr>\n"
        }
        return """
            <div class="scroll"><table>
            <thead><tr>\(titles.joined())</tr></thead>
            <tbody>
            \(body.joined())</tbody></table></div>

            """
    }

    private static func element(
        _ name: String, _ text: String, _ alignment: Alignment, label: String = ""
    ) -> String {
        let style =
            alignment == .right ? "right" : text.count > 60 ? "long" : text.count > 20 ? "wrap" : ""
        let styled = style.isEmpty ? "" : #" class="\#(style)""#
        let label = label.isEmpty ? "" : #" data-label="\#(HTML.escaped(label))""#
        return "<\(name)\(styled)\(label)>\(HTML.escaped(text))</\(name)>"
    }
}
