import Collector
import EventModel
import ProcessTracking
import Testing

@Suite struct PortTableTests {
    private func endpoint(_ port: UInt16, _ last: UInt8 = 1) -> Endpoint {
        Endpoint(family: .ipv4, address: [127, 0, 0, last], port: port, transport: .tcp)
    }

    private func step(_ at: UInt64, _ pid: Int32, _ step: SocketChange.Step, _ port: UInt16, thread: Int32? = nil)
        -> Event
    {
        Event(
            time: Story.time(at), source: .bpf, process: Story.key(pid), thread: thread,
            body: .socket(SocketChange(step: step, endpoint: endpoint(port))))
    }

    private func table(_ events: [Event]) -> PortTable {
        var table = PortTable()
        for event in events { table.apply(event) }
        return table
    }

    private let later = Event(time: Story.time(9000), source: .collector, body: .clock(WallOffset(nanoseconds: 0)))

    @Test func boundListeningClosed() {
        let table = table([step(1, 5, .attempt, 80), step(1, 5, .bound, 80), step(2, 5, .listening, 80), later])
        let holding = table.holders(ofPort: 80)
        #expect(
            holding.map(\.holder) == [Story.key(5)] && holding[0].isListening && holding[0].since == Story.time(1)
                && holding[0].until == nil)
        #expect(table.refusals.isEmpty && table.holders(ofPort: 81).isEmpty)
        let closed = self.table([step(1, 5, .bound, 80), step(9, 5, .closed, 80)])
        #expect(closed.holders(ofPort: 80).first?.until == Story.time(9))
        let again = self.table([step(1, 5, .bound, 80), step(9, 5, .closed, 80), step(10, 5, .bound, 80)])
        #expect(
            again.holders(ofPort: 80).first?.since == Story.time(10) && again.holders(ofPort: 80).first?.until == nil)
    }

    @Test func anAttemptThatNothingFollowsWasRefused() {
        for next in [later, step(3, 6, .attempt, 80), step(3, 6, .bound, 81)] {
            let table = table([step(1, 5, .bound, 80), step(2, 6, .attempt, 80), next])
            #expect(table.refusals.map(\.process) == [Story.key(6)], "\(next)")
            #expect(table.holders(ofPort: 80).map(\.holder) == [Story.key(5)])
        }
    }

    @Test func otherThreadsDoNotSettleIt() {
        let table = table([
            step(2, 6, .attempt, 80), step(3, 6, .attempt, 81, thread: 60), step(4, 6, .bound, 80),
            step(5, 6, .bound, 81, thread: 60), later,
        ])
        #expect(table.refusals.isEmpty)
    }

    @Test func askingForAnyPort() {
        let table = table([step(2, 6, .attempt, 0), step(3, 6, .bound, 40_001), later])
        #expect(table.refusals.isEmpty && table.holders(ofPort: 40_001).count == 1)
    }

    @Test func whatHappenedLastStandsFirst() {
        var events = [step(1, 5, .bound, 80)]
        events.append(
            Event(
                time: Story.time(7), source: .bpf, process: Story.key(6),
                body: .socket(SocketChange(step: .bound, endpoint: endpoint(80, 2)))))
        #expect(table(events).holders(ofPort: 80).map(\.holder.pid) == [6, 5])
        #expect(
            table([step(1, 5, .bound, 80), step(2, 6, .listening, 80)]).holders(ofPort: 80).map(\.holder.pid) == [6, 5])
    }

    @Test func noMoreThanItsCapacity() {
        var table = PortTable()
        for number in 0..<UInt64(40_000) {
            let endpoint = Endpoint(
                family: .ipv4, address: [10, 0, UInt8(number >> 16), UInt8(number >> 8 & 255)],
                port: UInt16(number & 255), transport: .tcp)
            table.apply(
                Event(
                    time: Story.time(number), source: .bpf, process: Story.key(5),
                    body: .socket(SocketChange(step: .bound, endpoint: endpoint))))
            table.apply(
                Event(
                    time: Story.time(number), source: .bpf, process: Story.key(6), thread: Int32(number),
                    body: .socket(SocketChange(step: .attempt, endpoint: endpoint))))
        }
        table.apply(later)
        #expect(table.refusals.count <= PortTable.capacity)
        #expect((0..<256).reduce(0) { $0 + table.holders(ofPort: UInt16($1)).count } <= PortTable.capacity)
        #expect(zip(table.refusals, table.refusals.dropFirst()).allSatisfy { $0.at <= $1.at })
    }
}

@Suite struct ProvenanceTests {
    private func provenance(_ events: [Event]) -> Provenance {
        var provenance = Provenance()
        for event in events { provenance.apply(event) }
        return provenance
    }

    private func gap(_ from: UInt64, _ to: UInt64) -> Event {
        Story.event(to, nil, .gap(Gap(source: "x", from: Story.time(from), to: Story.time(to), lost: 1, why: "")))
    }

    @Test(
        arguments: [(0, 9, 0), (0, 10, 1), (15, 16, 1), (20, 29, 1), (20, 30, 2), (21, 29, 0), (0, 99, 2), (30, 30, 1)]
            as [(UInt64, UInt64, Int)])
    func gapsThatTouchAWindow(_ from: UInt64, _ to: UInt64, _ count: Int) {
        let provenance = provenance([gap(10, 20), gap(30, 40)])
        #expect(provenance.gaps(from: Story.time(from), to: Story.time(to)).count == count)
    }

    @Test func noMoreThanSoManyGaps() {
        let provenance = provenance((0..<10_000).map { gap($0, $0) })
        #expect(provenance.allGaps.count <= 4096 && provenance.allGaps.last?.to == Story.time(9999))
    }

    @Test func theLatestStateOfEachSourceInTheOrderOfTheirComing() {
        let states: [(String, SourceStatus.State)] = [("b", .active), ("a", .active), ("b", .missing)]
        let provenance = provenance(
            states.map { Story.event(1, nil, .source(SourceStatus(name: $0.0, state: $0.1, why: ""))) })
        #expect(
            provenance.sources.map(\.name) == ["b", "a"] && provenance.sources.map(\.state) == [.missing, .active])
        let many = self.provenance(
            (0..<1000).map { Story.event(1, nil, .source(SourceStatus(name: "\($0)", state: .active, why: ""))) })
        #expect(many.sources.count == 256)
    }

    @Test func clocksThatAreSet() {
        let offsets: [(UInt64, Int64)] = [(1, 1000), (5, 1500), (10, 5_000_000), (20, -5_000_000)]
        let provenance = provenance(offsets.map { Story.event($0.0, nil, .clock(WallOffset(nanoseconds: $0.1))) })
        for (at, offset) in [(0, 1000), (7, 1000), (10, 5_000_000), (19, 5_000_000), (99, -5_000_000)]
            as [(UInt64, Int64)]
        {
            #expect(provenance.wallOffset(at: Story.time(at)).nanoseconds == offset)
        }
        #expect(provenance.first == Story.time(1) && provenance.last == Story.time(20))
    }

    @Test func clocksOfAHostileFile() {
        let offsets: [Int64] = [.min, .max, 0, .min, -1, .max]
        let provenance = provenance(offsets.map { Story.event(3, nil, .clock(WallOffset(nanoseconds: $0))) })
        #expect(provenance.wallOffset(at: Story.time(4)).nanoseconds == .max)
        #expect(self.provenance([]).wallOffset(at: .zero).nanoseconds == 0)
    }
}
