import Collector
import ControlSocket
import EventModel
import ProcessTracking
import Reporting
import Synchronization

/// Lines for those who watch (`culprit live`): made where the process table is, taken by the server's thread. A reader
/// that does not keep up loses lines and is told how many; capture does not wait.
final class LiveFeed: Sendable {
    private let state = Mutex(State())

    private struct State {
        var watchers: [ClientID: Watcher] = [:]
        var allowance = LiveFeed.linesASecond
        var second: UInt64 = 0
    }

    private struct Watcher {
        var filter: EventFilter
        var isJSON: Bool
        var waiting: [UInt8] = []
        var lost: UInt64 = 0
        var lostSince = BootTime.zero
    }

    /// Of one watcher, in bytes.
    private static let mostWaiting = 1 << 20
    /// Of all together: in a storm, making lines must not take the time that capture needs.
    private static let linesASecond = 20_000

    func open(_ client: ClientID, filter: EventFilter, isJSON: Bool) {
        state.withLock { $0.watchers[client] = Watcher(filter: filter, isJSON: isJSON) }
    }

    func close(_ client: ClientID) { state.withLock { _ = $0.watchers.removeValue(forKey: client) } }

    var count: Int { state.withLock { $0.watchers.count } }

    /// What waits for a client, in whole lines, about `limit` bytes of it.
    func take(for client: ClientID, limit: Int) -> [UInt8] {
        state.withLock { state in
            guard let waiting = state.watchers[client]?.waiting, !waiting.isEmpty else { return [] }
            let end = waiting.count <= limit ? waiting.count : Self.end(of: waiting, near: limit)
            state.watchers[client]?.waiting.removeFirst(end)
            return Array(waiting[..<end])
        }
    }

    private static func end(of lines: [UInt8], near limit: Int) -> Int {
        (lines[limit...].firstIndex(of: UInt8(ascii: "\n")) ?? lines.count - 1) + 1
    }

    /// Offers an event to all who watch; true when somebody has got something.
    func show(_ event: Event, _ pipeline: borrowing Pipeline) -> Bool {
        state.withLock { state in
            guard !state.watchers.isEmpty else { return false }
            let second = event.time.nanoseconds / 1_000_000_000
            if second != state.second { (state.second, state.allowance) = (second, Self.linesASecond) }
            var hasNews = false
            for client in Array(state.watchers.keys) {
                guard var watcher = state.watchers[client] else { continue }
                // Taken out, so that its bytes are not copied when they grow.
                state.watchers[client]?.waiting = []
                if Self.offer(event, to: &watcher, &state.allowance, pipeline) { hasNews = true }
                state.watchers[client] = watcher
            }
            return hasNews
        }
    }

    private static func offer(
        _ event: Event, to watcher: inout Watcher, _ allowance: inout Int, _ pipeline: borrowing Pipeline
    ) -> Bool {
        guard watcher.filter.accepts(event, pipeline) else { return false }
        let isFull = allowance <= 0 || watcher.waiting.count >= mostWaiting
        if isFull {
            if watcher.lost == 0 { watcher.lostSince = event.time }
            watcher.lost += 1
            return false
        }
        let line = EventLine(
            wallOffset: pipeline.provenance.wallOffset(at: event.time), bootID: pipeline.provenance.host?.bootID ?? "",
            name: { [table = pipeline.table] in table[$0]?.comm })
        if watcher.lost > 0 {
            let gap = Gap(
                source: "live", from: watcher.lostSince, to: event.time, lost: watcher.lost,
                why: "not shown: more came than this reader takes")
            append(Event(time: event.time, source: .collector, body: .gap(gap)), line, to: &watcher)
            watcher.lost = 0
        }
        if case .clock = event.body, !watcher.isJSON { return true }
        append(event, line, to: &watcher)
        allowance -= 1
        return true
    }

    private static func append(_ event: Event, _ line: EventLine, to watcher: inout Watcher) {
        watcher.waiting.append(contentsOf: (watcher.isJSON ? line.json(event) : line.text(event)).utf8)
        watcher.waiting.append(UInt8(ascii: "\n"))
    }
}
