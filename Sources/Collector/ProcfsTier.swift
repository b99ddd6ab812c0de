import EventModel
import ProcFS

/// The tier without the kernel's programs: the proc connector where it is permitted, `/proc` by turns otherwise.
final class ProcfsTier {
    private var poller: ProcessPoller
    private var connector: ProcConnector?
    private var enricher: ConnectorEnricher
    private let connectorError: SystemCallError?
    private var lastPoll = BootTime.zero

    /// Often enough to see what lives for half a second, seldom enough to cost little.
    static let period = Interval.milliseconds(500)

    init(_ procfs: ProcFS, markers: [String]) {
        poller = ProcessPoller(procfs, markers: MarkerPatterns(markers))
        enricher = ConnectorEnricher(procfs, markers: MarkerPatterns(markers))
        do {
            connector = try ProcConnector()
            connectorError = nil
        } catch {
            connector = nil
            connectorError = error
        }
    }

    var descriptor: Int32 { connector?.fileDescriptor ?? -1 }

    func statuses(why: String) -> [SourceStatus] {
        let missing = ["fork", "exec", "exit", "signal", "oom", "bind", "listen"].map {
            SourceStatus(name: "bpf:\($0)", state: .missing, why: why)
        }
        let connectorStatus =
            connector != nil
            ? SourceStatus(name: "proc-connector", state: .active, why: "fork, exec and exit; argv read afterwards")
            : SourceStatus(
                name: "proc-connector", state: .missing,
                why: connectorError.map { "\($0.call) failed with errno \($0.errno)" } ?? "not opened")
        return missing + [
            connectorStatus,
            SourceStatus(
                name: "procfs", state: .degraded,
                why:
                    "no signals, OOM kills or addresses; without the connector, lives shorter than half a second are missed"
            ),
        ]
    }

    func learn(_ events: [Event]) {
        // The poller takes its own first look, with its first poll.
        enricher.learn(events)
    }

    func poll(at now: BootTime) throws -> [Event] {
        guard connector != nil else {
            guard lastPoll + Self.period <= now else { return [] }
            lastPoll = now
            return try poller.poll(at: now)
        }
        return try drainConnector(now)
    }

    private func drainConnector(_ now: BootTime) throws -> [Event] {
        guard let batch = try connector?.drain() else { return [] }
        var events = try enricher.events(from: batch.events, now: now)
        if batch.hasOverflowed {
            let gap = Gap(
                source: "proc-connector", from: lastPoll, to: now, lost: batch.lost, why: "the socket's buffer was full"
            )
            events.append(Event(time: now, source: .collector, body: .gap(gap)))
            events += try enricher.lostEnds(now: now)
        }
        lastPoll = now
        return events
    }
}
