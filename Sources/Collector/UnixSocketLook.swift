import EventModel
import KernelProbes
import ProcFS

/// Looks at the UNIX sockets that listen, and tells what is new, what has lost its name, and what is gone. The kernel tells of
/// no bind, so it looks while something happens on the machine, and rarely otherwise.
final class UnixSocketLook {
    /// By inode, with the file's last change.
    private var known: [UInt64: UnixListener] = [:]
    private var hasLooked = false
    private var last = BootTime.zero
    /// CPU time of the last look, in ns.
    private var cost: UInt64 = 0
    private var takenBefore: UInt64 = 0

    private static let period = Interval.milliseconds(150)
    private static let restPeriod = Interval.seconds(10)
    /// A look may take a two-hundredth of the time; a tenth while a disruption waits for its verdict.
    private static let (leastRests, leastPauses): (UInt64, UInt64) = (200, 10)
    /// Most sockets that are known at once, and most that one look tells of; what is beyond is counted.
    private let mostKnown: Int
    private let mostNews: Int

    init(mostKnown: Int = 4096, mostNews: Int = 256) {
        self.mostKnown = mostKnown
        self.mostNews = mostNews
    }

    /// What a look that is due finds, as of `time`. `taken` counts the records that came: where none did, nobody has done
    /// anything. `isSettling`: a disruption waits for its verdict.
    func poll(_ kernel: KernelProbes?, taken: UInt64, isSettling: Bool, at time: BootTime) -> [Event] {
        guard let kernel, kernel.hasUnixListeners, taken != takenBefore || time >= last + Self.restPeriod,
            time >= last + pause(isSettling)
        else { return [] }
        let began = ProcFS.threadTime()
        (last, takenBefore) = (time, taken)
        guard let read = try? kernel.unixListeners(limit: mostKnown) else { return [] }
        let events = news(read.listeners, beyond: read.beyond, wallOffset: ProcFS.wallOffset(), at: time)
        cost = ProcFS.threadTime().nanoseconds &- began.nanoseconds
        return events
    }

    /// From one look to the next.
    private func pause(_ isSettling: Bool) -> Interval {
        let rests = min(cost, Self.restPeriod.nanoseconds) * (isSettling ? Self.leastPauses : Self.leastRests)
        return min(max(Self.period, Interval(nanoseconds: rests)), Self.restPeriod)
    }

    /// The difference to what was known; the first look finds what was there when the collector came.
    func news(_ listeners: [UnixListener], beyond: Int, wallOffset: WallOffset, at now: BootTime) -> [Event] {
        let source: Source = hasLooked ? .bpf : .procfs
        let room = hasLooked ? mostNews : mostKnown
        hasLooked = true
        var events: [Event] = []
        var left = beyond
        let there = Set(listeners.map(\.socket))
        for gone in known.values.filter({ !there.contains($0.socket) }).sorted(by: { $0.socket < $1.socket }) {
            guard events.count < room else { break }
            known[gone.socket] = nil
            events.append(event(gone, .closed, .bpf, nil, now))
        }
        for listener in listeners where known[listener.socket] != listener {
            guard events.count < room else {
                left += 1
                continue
            }
            let before = known.updateValue(listener, forKey: listener.socket)
            guard let step = Self.step(listener, before) else { continue }
            events.append(event(listener, step, source, Self.time(listener, wallOffset), now))
        }
        if left > 0 {
            let gap = Gap(
                source: "bpf:unix", from: now, to: now, lost: UInt64(left),
                why: "more UNIX sockets came to listen at once than are looked at")
            events.append(Event(time: now, source: .collector, body: .gap(gap)))
        }
        return events
    }

    private static func step(_ now: UnixListener, _ before: UnixListener?) -> UnixSocketChange.Step? {
        guard let before, before.address == now.address else { return .listening }
        return now.isNameless && !before.isNameless ? .nameless : nil
    }

    private static func time(_ listener: UnixListener, _ offset: WallOffset) -> BootTime? {
        listener.changed.map { offset.boot(WallTime(nanoseconds: Int64(clamping: $0))) }
    }

    private func event(
        _ listener: UnixListener, _ step: UnixSocketChange.Step, _ source: Source, _ changedAt: BootTime?,
        _ now: BootTime
    ) -> Event {
        // A pid whose process is gone names nobody.
        let isThere = listener.opener.start != .zero
        return Event(
            time: now, source: source, process: isThere ? listener.opener : nil,
            body: .unixSocket(
                UnixSocketChange(step: step, address: listener.address, socket: listener.socket, changedAt: changedAt)))
    }
}
