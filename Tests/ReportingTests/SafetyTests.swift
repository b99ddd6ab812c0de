import Attribution
import EventModel
import Reporting
import Testing

/// Whatever is in the strings, no renderer passes on a byte that a terminal acts on, or a line wider than it may be.
@Suite struct SafetyTests {
    private static let widths = [60, 80, 100, 160]

    private func check(_ text: String, width: Int?, _ name: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            for scalar in line.unicodeScalars {
                let isSafe =
                    scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value) && scalar.value != 0xfffd
                    && !scalar.properties.isDefaultIgnorableCodePoint && scalar.properties.generalCategory != .format
                    && scalar.properties.generalCategory != .lineSeparator
                if !isSafe { Issue.record("\(name): U+\(String(scalar.value, radix: 16)) in \(line.debugDescription)") }
            }
            if let width {
                let columns = line.unicodeScalars.reduce(0) { sum, scalar in
                    sum + (scalar == "漢" || scalar == "字" || scalar == "🔥" ? 2 : scalar == "\u{301}" ? 0 : 1)
                }
                if columns > width { Issue.record("\(name): \(columns) columns: \(line)") }
            }
        }
    }

    @Test(arguments: SampleIncident.all, widths) func incidents(_ sample: SampleIncident, width: Int) {
        let style = Style(width: width)
        check(TextReport.render(sample.incident, style: style), width: width, "report")
        let answer = TextAnswer.render(sample.incident, style: style)
        check(answer, width: width, "answer")
        #expect(answer.split(separator: "\n").count <= 24)
        check(IncidentJSON.document(sample.incident).pretty.replacing("\u{fffd}", with: ""), width: nil, "json")
    }

    @Test(arguments: widths) func others(width: Int) {
        let style = Style(width: width)
        check(AgentTreeText.render(Sample.forest, style: style), width: width, "tree")
        check(DoctorText.render(Sample.doctor, style: style), width: width, "doctor")
        check(
            TextList.render(SampleIncident.all.map { IncidentSummary($0.incident) }, style: style), width: nil, "list")
        let line = EventLine(wallOffset: Sample.wallOffset, bootID: Sample.bootID) { _ in Sample.poison }
        for event in Sample.events {
            check(line.text(event), width: nil, "live")
            check(line.json(event).replacing("\u{fffd}", with: ""), width: nil, "live json")
        }
    }

    @Test func coloursAreTheOnlyEscapes() {
        for sample in SampleIncident.all {
            let text = TextReport.render(sample.incident, style: Style(colour: true))
            check(text.replacing(/\u{1b}\[[0-9;]*m/, with: ""), width: 100, "colour")
        }
    }

    @Test(arguments: [
        ("plain", "plain"), ("a\nb", "a\\nb"), ("\u{1b}[31m", "\\x1b[31m"), ("\u{202e}x", "\\u{202e}x"),
        ("\0\t\r", "\\0\\t\\r"),
        ("\u{200b}\u{feff}", "\\u{200b}\\u{feff}"), ("\u{fffd}", "\\u{fffd}"), ("\u{9b}", "\\u{9b}"),
        ("\u{7f}", "\\x7f"),
        ("\u{2066}\u{2069}", "\\u{2066}\\u{2069}"), ("é漢🔥", "é漢🔥"), ("a\\x2db", "a\\x2db"), ("\u{a0}", "\\u{a0}"),
        ("e\u{301}\u{302}\u{303}", "e\u{301}\u{302}\\u{303}"), ("\r\n", "\\r\\n"), ("\u{e0041}", "\\u{e0041}"),
    ]) func escapes(_ outside: String, _ visible: String) {
        #expect(Array(VisibleText(escaping: outside).text.unicodeScalars) == Array(visible.unicodeScalars))
        let interpolated: VisibleText = "<\(outside)>"
        #expect(interpolated.text.unicodeScalars.elementsEqual("<\(visible)>".unicodeScalars))
    }

    @Test func whatIsLeftOutIsCounted() {
        let text = VisibleText(escaping: String(repeating: "x", count: 30_000), columns: 60)
        #expect(text.text == String(repeating: "x", count: 42) + "… (+29958 bytes)")
        #expect(text.columns <= 60)
        #expect(VisibleText(escaping: String(repeating: "x", count: 60), columns: 60).columns == 60)
        #expect(VisibleText(escaping: "漢字", columns: 3).text == "… (+6 bytes)")
    }
}
