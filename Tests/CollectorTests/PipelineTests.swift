import Attribution
import Collector
import Configuration
import EventModel
import FlightRecorder
import IncidentDetection
import Testing

@Suite struct PipelineTests {
    @Test func incidentsComeOutAsTheyHappened() throws {
        let pipeline = try Story.pipeline(Story.opening + Story.lives(4))
        let incidents = pipeline.incidents.all
        #expect(incidents.map(\.verdict.outcome) == [.agent, .operator, .agent, .operator])
        #expect(incidents.allSatisfy { $0.verdict.confidence == .proven && $0.verdict.mechanism == .signal })
        #expect(incidents.map(\.verdict.exonerated.count) == [0, 1, 0, 1])
        #expect(incidents.map(\.id) == incidents.map(\.id).sorted() && Set(incidents.map(\.id)).count == 4)
        #expect(incidents.allSatisfy { $0.host == Story.host && $0.completeness.gaps.isEmpty })
        #expect(
            pipeline.counts.exits == 4 && pipeline.counts.signals == 4 && pipeline.counts.execs == 8
                && pipeline.counts.forks == 8)
    }

    @Test func theSameRecordsGiveTheSameIncidents() throws {
        let events = Story.opening + Story.lives(20)
        let first = try Story.pipeline(events)
        let second = try Story.pipeline(events)
        #expect(first.incidents.all == second.incidents.all)
        #expect(first.counts == second.counts)
    }

    /// Neighbours that were swapped by a few milliseconds change no verdict.
    @Test func recordsOutOfOrder() throws {
        let events = Story.lives(6)
        let expected = try Story.pipeline(Story.opening + events).incidents.all
        for swapped in 0..<(events.count - 1) {
            guard events[swapped].time.distance(to: events[swapped + 1].time) < .milliseconds(5) else { continue }
            var disordered = events
            disordered.swapAt(swapped, swapped + 1)
            let incidents = try Story.pipeline(Story.opening + disordered).incidents.all
            #expect(incidents.map(\.verdict.outcome) == expected.map(\.verdict.outcome), "swapped \(swapped)")
            #expect(incidents.map(\.id) == expected.map(\.id), "swapped \(swapped)")
        }
    }

    @Test func oneActWithManyVictims() throws {
        var events = Story.opening
        let daemons = (0..<3).map { Story.key(500 + $0, 200) }
        for daemon in daemons {
            events += [Story.fork(200, Story.key(1), daemon), Story.exec(201, daemon, "/usr/bin/kaval")]
        }
        for daemon in daemons { events += [Story.kill(90_000, Story.key(23), daemon), Story.exit(90_001, daemon)] }
        let incidents = try Story.pipeline(events).incidents.all
        #expect(incidents.map(\.revision) == [3, 2, 1])
        for incident in incidents {
            #expect(Set(incident.related) == Set(incidents.map(\.id)).subtracting([incident.id]))
        }
    }

    @Test func separateActsAreNotRelated() throws {
        var events = Story.opening
        for (number, killer) in [(0, 23), (1, 21), (2, 23)] as [(Int32, Int32)] {
            let daemon = Story.key(500 + number, 200)
            let at = 90_000 + UInt64(number) * 4000
            events += [Story.fork(200, Story.key(1), daemon), Story.exec(201, daemon, "/usr/bin/kaval")]
            events += [Story.kill(at, Story.key(killer), daemon), Story.exit(at + 1, daemon)]
        }
        let incidents = try Story.pipeline(events).incidents.all
        #expect(incidents.allSatisfy { $0.related.isEmpty && $0.revision == 1 })
    }

    @Test func onlySoManyIncidentsAreKept() throws {
        let pipeline = try Story.pipeline(Story.opening + Story.lives(IncidentLog.capacity + 50))
        #expect(
            pipeline.incidents.all.count == IncidentLog.capacity
                && pipeline.incidents.total == IncidentLog.capacity + 50)
    }

    @Test func aMalformedRecordIsCountedAndStated() throws {
        var pipeline = Pipeline(try Configuration(recorded: Story.configuration), ring: try FlightRing())
        let events = Story.opening + Story.lives(1)
        for (event, record) in zip(events, Story.records(events)) {
            if case .signal = event.body {
                for _ in 0..<3 { pipeline.consumeMalformed() }
            } else {
                record.withUnsafeBytes { pipeline.consume($0, event) }
            }
        }
        pipeline.finish()
        let incident = try #require(pipeline.incidents.all.first)
        #expect(pipeline.counts.malformed == 3)
        #expect(incident.completeness.lostEvents == 3)
        #expect(incident.verdict.outcome == .unknown && incident.verdict.exonerated.isEmpty)
    }

    @Test func whatTheRingCouldNotHoldIsAGap() throws {
        var noise: [Event] = []
        for number in 0..<3000 { noise.append(Story.kill(150_000 + UInt64(number), Story.key(21), Story.key(77))) }
        let life = Story.lives(1)
        let incident = try #require(
            try Story.pipeline(Story.opening + life.prefix(2) + noise + life.dropFirst(2)).incidents.all.first)
        #expect(incident.completeness.gaps.map(\.source) == ["flight-ring"])
        #expect(incident.verdict.outcome == .agent && incident.verdict.confidence == .likely)
    }

    @Test func beforeTheFirstRecordIsAGap() throws {
        let daemon = Story.key(500, 1)
        let events =
            Story.opening + [
                Story.event(
                    10, daemon, source: .procfs,
                    .seen(
                        ProcessSeen(
                            parent: Story.key(1), uid: 0, comm: "kaval", image: ExecImage(path: "/usr/bin/kaval")))),
                Story.exit(20_000, daemon, .code(1)),
            ]
        let incident = try #require(try Story.pipeline(events).incidents.all.first)
        // The window begins at boot here, a millisecond before the first record.
        #expect(incident.completeness.gaps.map(\.source) == ["recording"])
        #expect(incident.verdict.outcome == .self)
    }

    @Test func anIncidentWithoutItsHost() throws {
        let incident = try #require(
            try Story.pipeline(Array(Story.opening.dropFirst()) + Story.lives(1)).incidents.all.first)
        #expect(incident.verdict.outcome == .agent && incident.host.bootID.isEmpty)
    }
}
