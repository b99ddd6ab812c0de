import EventModel
import Testing

@testable import Collector

@Suite struct UnixSocketLookTests {
    private let offset = WallOffset(nanoseconds: 1_000)

    private func at(_ milliseconds: UInt64) -> BootTime { BootTime(nanoseconds: milliseconds * 1_000_000) }

    private func listener(
        _ socket: UInt64, pid: Int32 = 7, start: UInt64 = 9, changed: UInt64? = 51_000, isNameless: Bool = false
    ) -> UnixListener {
        UnixListener(
            address: UnixAddress(name: "/run/\(socket)", place: 1), socket: socket,
            opener: ProcessKey(pid: pid, start: BootTime(nanoseconds: start)), changed: changed, isNameless: isNameless)
    }

    private func news(_ look: UnixSocketLook, _ listeners: [UnixListener], _ time: UInt64) -> [Event] {
        look.news(listeners, beyond: 0, wallOffset: offset, at: at(time))
    }

    private func steps(_ events: [Event]) -> [(UnixSocketChange.Step, UInt64)] {
        events.compactMap { event in
            if case .unixSocket(let change) = event.body { (change.step, change.socket) } else { nil }
        }
    }

    @Test func tellsWhatIsNewAndWhatIsGone() throws {
        let look = UnixSocketLook()
        let first = news(look, [listener(1), listener(2)], 10)
        #expect(first.map(\.source) == [.procfs, .procfs] && first.map { $0.process?.pid } == [7, 7])
        guard case .unixSocket(let change) = try #require(first.first).body else { return }
        #expect(change.changedAt == BootTime(nanoseconds: 50_000))
        #expect(news(look, [listener(1), listener(2)], 20).isEmpty)
        // Its owner was set, or the process that opened it ended: nothing new.
        #expect(news(look, [listener(1, changed: 60_000), listener(2, start: 0)], 30).isEmpty)
        let later = news(look, [listener(1, changed: 70_000, isNameless: true), listener(3, start: 0)], 40)
        #expect(steps(later).map(\.0) == [.closed, .nameless, .listening] && steps(later).map(\.1) == [2, 1, 3])
        #expect(later.allSatisfy { $0.source == .bpf })
        // A pid alone names nobody.
        #expect(later.last?.process == nil)
    }

    @Test func aStormIsCountedBeyondItsShare() {
        let look = UnixSocketLook(mostKnown: 100, mostNews: 5)
        _ = news(look, [listener(1)], 10)
        let storm = (1...20).map { listener(UInt64($0)) }
        let first = news(look, storm, 20)
        #expect(steps(first).count == 5)
        guard case .gap(let gap) = first.last?.body else {
            Issue.record("no gap")
            return
        }
        #expect(gap.lost == 14 && gap.source == "bpf:unix")
        // What was left out is told of later, once.
        #expect(steps(news(look, storm, 30)).count == 5 && steps(news(look, storm, 40)).count == 5)
        #expect(steps(news(look, storm, 50)).count == 4 && steps(news(look, storm, 60)).isEmpty)
    }
}
