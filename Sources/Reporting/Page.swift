/// How text is drawn.
public struct Style: Hashable, Sendable {
    public var colour: Bool
    /// Columns; 60 at least.
    public let width: Int

    public init(colour: Bool = false, width: Int = 100) {
        self.colour = colour
        self.width = max(60, width)
    }
}

/// What a piece of a line looks like on a terminal with colours.
enum Ink: String {
    case plain = ""
    case strong = "1"
    case dim = "2"
    case bad = "1;31"
    case warning = "33"
    case good = "32"
    case agent = "1;35"
}

struct Span {
    var text: VisibleText
    var ink: Ink

    init(_ text: VisibleText, _ ink: Ink = .plain) {
        self.text = text
        self.ink = ink
    }
}

/// Lines of visible text, none wider than the style allows.
struct Page {
    let style: Style
    private(set) var text = ""

    init(_ style: Style) { self.style = style }

    mutating func blank() { text += "\n" }

    /// `TITLE  note`, after an empty line.
    mutating func heading(_ title: VisibleText, _ note: VisibleText = .empty, ink: Ink = .plain) {
        if !text.isEmpty { blank() }
        paragraph(lead: [Span(title, .strong), Span("  ")], hanging: 2, note, ink)
    }

    /// `lead` and then `body`, which goes on below: under itself, or `hanging` columns in.
    mutating func paragraph(lead: [Span] = [], hanging: Int? = nil, _ body: VisibleText, _ ink: Ink = .plain) {
        let leadColumns = lead.reduce(0) { $0 + $1.text.columns }
        let indent = hanging ?? leadColumns
        guard leadColumns + 16 <= style.width else {
            // Too narrow for one beside the other.
            for span in lead { lines(span.text.wrapped(to: style.width), span.ink, indent: 0) }
            lines(body.wrapped(to: style.width - 4), ink, indent: 4)
            return
        }
        var rest = body.wrapped(to: style.width - max(leadColumns, indent))[...]
        write(lead + [Span(rest.popFirst() ?? .empty, ink)])
        lines(Array(rest), ink, indent: indent)
    }

    /// The same with something other than spaces under the lead.
    mutating func paragraph(lead: [Span], below: [Span], _ body: VisibleText, _ ink: Ink = .plain) {
        let leadColumns = lead.reduce(0) { $0 + $1.text.columns }
        let belowColumns = below.reduce(0) { $0 + $1.text.columns }
        for (position, line) in body.wrapped(to: style.width - max(leadColumns, belowColumns)).enumerated() {
            write((position == 0 ? lead : below) + [Span(line, ink)])
        }
    }

    private mutating func lines(_ lines: [VisibleText], _ ink: Ink, indent: Int) {
        for line in lines { write([Span(.spaces(indent)), Span(line, ink)]) }
    }

    /// One line. The caller sees to its width.
    mutating func write(_ spans: [Span]) {
        var line = ""
        for span in spans where !span.text.isEmpty {
            line +=
                style.colour && span.ink != .plain
                ? "\u{1b}[\(span.ink.rawValue)m\(span.text.text)\u{1b}[0m" : span.text.text
        }
        while line.last == " " { line.removeLast() }
        text += line + "\n"
    }
}
