import Attribution
import Collector
import Configuration
import EventModel
import FlightRecorder
import IncidentDetection
import Testing

/// Units on the way through the whole pipeline.
@Suite struct UnitTests {
    private let unit = UnitID(manager: .system, name: "kaval.service")
    private let main = Story.key(500, 100_000)

    private func state(
        _ at: UInt64, _ active: String, _ sub: String, main: ProcessKey?, invocation: String = "a"
    ) -> Event {
        Story.event(
            at, source: .systemd,
            .unit(
                UnitState(
                    unit: unit, active: active, sub: sub, result: active == "failed" ? "signal" : "success",
                    invocation: invocation, main: main, restartPolicy: "no")))
    }

    private var killed: [Event] {
        [
            Story.fork(100_000, Story.key(1), main), Story.exec(100_001, main, "/usr/bin/kaval"),
            state(100_010, "active", "running", main: main), Story.kill(160_000, Story.key(23), main),
            Story.exit(160_001, main), state(160_010, "failed", "failed", main: nil),
        ]
    }

    private func line(_ at: UInt64, _ text: String) -> Event {
        Story.event(
            at, source: .journal,
            .journal(JournalEntry(writer: .other, message: text, identifier: "kaval", unit: unit)))
    }

    private func clock(_ at: UInt64) -> Event { Story.event(at, source: .collector, .clock(Story.host.wallOffset)) }

    /// A watched process that is the main process of a watched unit: one incident, the unit's.
    @Test func theUnitWins() throws {
        let incidents = try Story.pipeline(Story.opening + killed + [clock(165_000)]).incidents.all
        let incident = try #require(incidents.first)
        #expect(incidents.count == 1)
        #expect(incident.subject.unit == unit)
        #expect(incident.disruption.kind == .failed)
        #expect(incident.verdict.mechanism == .signal)
        #expect(incident.verdict.outcome == .agent)
        #expect(incident.disruption.systemd?.result == "signal")
    }

    /// Where no pattern watches the unit, the process is a subject of its own.
    @Test func aUnitThatIsNotWatched() throws {
        var pipeline = Pipeline(
            try Configuration(
                recorded: "watch: {units: ['web.service'], processes: [{name: kaval, exe: '*/kaval'}]}"),
            ring: try FlightRing())
        for (event, record) in zip(Story.opening + killed, Story.records(Story.opening + killed)) {
            record.withUnsafeBytes { pipeline.consume($0, event) }
        }
        pipeline.finish()
        #expect(pipeline.incidents.all.map(\.subject.kind) == [.process])
    }

    @Test func itsOwnLinesStandInTheTimeline() throws {
        let others = JournalEntry(
            writer: .other, message: "not ours", unit: UnitID(manager: .system, name: "x.service"))
        let events =
            killed.prefix(4) + [
                line(160_000, "about to fall"), Story.event(160_000, source: .journal, .journal(others)),
            ]
            + killed.suffix(2) + [clock(165_000)]
        let incident = try #require(try Story.pipeline(Story.opening + events).incidents.all.first)
        let kinds = incident.timeline.filter { ["signal", "journal", "exit"].contains($0.kind) }.map(\.kind)
        #expect(incident.timeline.contains { $0.text == "kaval: about to fall" && $0.source == .journal })
        #expect(!incident.timeline.contains { $0.text.contains("not ours") })
        #expect(kinds.contains("signal") && kinds.last == "exit")
        #expect(incident.timeline.map(\.at) == incident.timeline.map(\.at).sorted())
    }

    /// The one thing of a judged incident that changes: it runs again.
    @Test func aLaterRecovery() throws {
        let again = Story.key(600, 170_000)
        let events = killed + [clock(165_000), state(170_001, "active", "running", main: again, invocation: "b")]
        let before = try #require(try Story.pipeline(Story.opening + events).incidents.all.first)
        #expect(before.disruption.recoveredAt == nil && before.revision == 1)
        let after = try Story.pipeline(Story.opening + events + [clock(172_000)]).incidents.all
        #expect(after.count == 1)
        #expect(after.first?.disruption.recoveredAt == Story.time(170_000) + Interval(nanoseconds: 3))
        #expect(after.first?.revision == 2)
        #expect(after.first?.id == before.id)
    }
}
