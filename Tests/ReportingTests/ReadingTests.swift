import Attribution
import EventModel
import IncidentDetection
import Reporting
import Testing

/// Documents read back: what a store holds is shown as it was when it was judged.
@Suite struct ReadingTests {
    private func readBack(_ incident: Incident) throws -> Incident {
        let text = IncidentJSON.document(incident).compact
        let supplement = try JSONValue(parsing: IncidentSupplement.make(incident).compact.utf8)
        return try IncidentJSON.incident(
            JSONValue(parsing: text.utf8), wallOffset: incident.wallOffset, supplement: supplement)
    }

    @Test(arguments: SampleIncident.all) func theSameDocument(_ sample: SampleIncident) throws {
        let again = IncidentJSON.document(try readBack(sample.incident))
        #expect(again.pretty == IncidentJSON.document(sample.incident).pretty)
    }

    /// What is no number, and no year, is not in a document.
    @Test(arguments: SampleIncident.all) func theSameReport(_ sample: SampleIncident) throws {
        var incident = sample.incident
        for index in incident.completeness.gaps.indices {
            let end = incident.wallOffset.wall(incident.completeness.gaps[index].to)
            incident.completeness.gaps[index].to = incident.wallOffset.boot(end)
        }
        for index in (incident.oom?.trees ?? []).indices where incident.oom?.trees[index].share.isFinite == false {
            incident.oom?.trees[index].share = .nan
        }
        let again = try readBack(incident)
        let lines = { (text: String) in text.split(separator: "\n") }
        for (shown, expected) in zip(lines(TextReport.render(again)), lines(TextReport.render(incident))) {
            #expect(shown == expected)
        }
        #expect(TextAnswer.render(again) == TextAnswer.render(incident))
    }

    /// Pressure and what trees held: the same document again, and drawn; hostile names and figures as well.
    @Test func pressureAndMemory() throws {
        var incident = Sample.signalIncident
        let at = incident.disruption.at
        let times = (0...6).map { at - .seconds(30 - 5 * UInt64($0)) }
        incident.pressure = PressureRecord(
            samples: times.enumerated().map { number, time in
                PressureRecord.Sample(
                    at: time, cpu: number == 2 ? nil : 12.5, memory: number < 4 ? 0 : Double(number - 3) * 21.25,
                    io: number == 6 ? 1e300 : -1, availableBytes: UInt64(7 - number) << 30)
            },
            trees: [
                PressureRecord.Tree(
                    name: "claude-code (pid 4100)", agent: "claude-code",
                    points: times.enumerated().map { number, time in
                        PressureRecord.Point(
                            at: time, rssBytes: UInt64(number + 1) << 30, share: Double(number) / 8, cpu: 1.5)
                    }),
                PressureRecord.Tree(
                    name: Sample.poison, agent: nil,
                    points: [PressureRecord.Point(at: times[0], rssBytes: .max, share: -5, cpu: 1e300)]),
            ])
        let again = try readBack(incident)
        #expect(IncidentJSON.document(again).pretty == IncidentJSON.document(incident).pretty)
        let text = TextReport.render(incident)
        #expect(TextReport.render(again) == text)
        #expect(text.contains("waiting for memory") && text.contains("at most 63.8 %"))
        #expect(text.contains("claude-code (pid 4100)") && text.contains("at most 7.0 GiB, 1.5 cores"))
        #expect(!text.contains("\u{1b}"))
    }

    /// What its manager says of a unit, as far as it is in a document.
    @Test(arguments: [Disruption.Kind.restarted, .failedToStart, .degraded]) func theSameReportOfAUnit(
        _ kind: Disruption.Kind
    ) throws {
        var incident = Sample.signalIncident
        let at = incident.disruption.at
        var facts = UnitFacts(unit: UnitID(manager: .system, name: "prod.service"))
        (facts.result, facts.resultNow, facts.restarts, facts.restartsBefore) = ("signal", "success", 2, 1)
        (facts.restartPolicy, facts.wasAutomatic, facts.failedStarts) = ("on-failure", true, 3)
        facts.run = UnitFacts.Run(
            invocation: "aa", main: ProcessKey(pid: 77, start: at), endedAt: at, status: .code(1))
        facts.failedStart = UnitFacts.FailedStart(at: at, main: ProcessKey(pid: 78, start: at), status: .code(2))
        facts.workers = (1...6).map {
            UnitFacts.Worker(process: ProcessKey(pid: 100 + $0, start: at), at: at, status: .signal(.kill))
        }
        (incident.disruption.kind, incident.disruption.systemd) = (kind, facts)
        let again = try readBack(incident)
        #expect(TextReport.render(again) == TextReport.render(incident))
        #expect(TextAnswer.render(again) == TextAnswer.render(incident))
        #expect(TextReport.render(again).contains("NRestarts=2"))
        let supplement = IncidentSupplement.make(incident)
        #expect(supplement["pids"]?.items?.compactMap { $0.number(Int32.self) } == [2210, 78] + (101...106))
    }

    @Test(arguments: SampleIncident.all) func theSameLineOfAList(_ sample: SampleIncident) throws {
        let summary = IncidentSummary(sample.incident)
        let text = IncidentJSON.summary(summary).compact
        let again = try IncidentJSON.summary(JSONValue(parsing: text.utf8), wallOffset: summary.wallOffset)
        #expect(TextList.render([again]) == TextList.render([summary]))
        #expect(IncidentJSON.summary(again).compact == text)
    }

    /// With any one member gone or of another type it says so, or reads it; it never traps.
    @Test func documentsOfAnotherShape() throws {
        let whole = IncidentJSON.document(Sample.signalIncident)
        var refused = 0
        for (name, other) in variants(of: whole) {
            do throws(DocumentError) {
                _ = try IncidentJSON.incident(other, wallOffset: Sample.wallOffset)
            } catch {
                refused += 1
                #expect(error.path.hasPrefix(name), "\(error) for \(name)")
            }
        }
        #expect(refused > 30)
        #expect(throws: DocumentError.self) { try IncidentJSON.incident(.null, wallOffset: Sample.wallOffset) }
    }

    private func variants(of value: JSONValue) -> [(String, JSONValue)] {
        (value.members ?? []).flatMap { member -> [(String, JSONValue)] in
            let without = JSONValue.object((value.members ?? []).filter { $0 != member })
            let inner = variants(of: member.value).map {
                ("\(member.name).\($0.0)", value.setting(member.name, to: $0.1))
            }
            return [(member.name, without), (member.name, value.setting(member.name, to: [.integer(7)]))] + inner
        }
    }

    @Test func whatChangedIsLaidOver() throws {
        let document = IncidentJSON.document(Sample.crashIncident)
        let disruption = Sample.wallOffset.wall(Sample.crashIncident.disruption.at)
        let later = WallTime(nanoseconds: disruption.nanoseconds + 3_600_000_000_000)
        let note = IncidentJSON.Note(at: later, uid: 1000, text: "known \u{1b}[31m bug\nsee 17")
        let amended = IncidentJSON.amend(document, revision: 5, related: ["x"], recoveredAt: later, notes: [note])
        let incident = try IncidentJSON.incident(amended, wallOffset: Sample.wallOffset)
        #expect(incident.revision == 5)
        #expect(incident.related == ["x"])
        #expect(incident.disruption.recoveredAt == Sample.wallOffset.boot(later))
        #expect(incident.timeline.last?.text == note.text)
        #expect(incident.timeline.last?.source == .annotation)
        #expect(incident.evidence == (try readBack(Sample.crashIncident)).evidence, "a note is no evidence")
        #expect(TextReport.render(incident).contains("known"))
        #expect(!TextReport.render(incident).contains("\u{1b}"))
    }

    private static let texts: [(String, JSONValue)] = [
        ("null", JSONValue.null), (" [ ] ", []), ("{}", .object([])), ("-0", .integer(0)),
        ("18446744073709551615", .unsigned(.max)), ("1e3", .number(1000)), ("0.25", .number(0.25)),
        ("\"a\\u00e9\\ud83d\\ude00\\/\"", "aé😀/"), ("\"\\ud800x\"", "\u{fffd}x"), ("\"\\ud800\\u0041\"", "\u{fffd}A"),
        ("{\"a\":[true,false,{\"b\":null}]}", ["a": [.flag(true), .flag(false), ["b": .null]]]),
        ("99999999999999999999", .number(1e20)),
    ]

    @Test(arguments: texts) func values(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONValue(parsing: text.utf8) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "[1,]", "[1 2]", "{\"a\"}", "{a:1}", "{\"a\":1,}", "01", "1.", ".5", "1e", "+1", "\"a",
        "\"\n\"",
        "\"\\x\"", "\"\\u12\"", "[]]", "{}{}", "NaN", "--1", "\"\\", "[", "{\"a\":", "'a'",
    ]) func noJSON(_ text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text.utf8) }
    }

    @Test func depthIsBounded() throws {
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        _ = try JSONValue(parsing: deep.utf8)
        #expect(throws: JSONError.self) { try JSONValue(parsing: "[\(deep)]".utf8) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "[", count: 1 << 20).utf8) }
    }
}
