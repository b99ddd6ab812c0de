import EventModel
import Glibc
import ProcFS

/// Looks into the kernel's log for the lists of tasks that it writes at OOM kills, and places each right behind the kill that
/// it is of: where memory is short everything is read late, and the verdict must not be made before. While nothing is logged,
/// a look costs one call.
struct KernelLogLook {
    let status: SourceStatus
    private let log: KernelLog?
    private var parser: OOMDumpParser
    private var cutBefore: UInt64 = 0
    private var last = ProcFS.boottimeNow()
    /// Lists whose kill was not handed out yet, and when they were read; the oldest first.
    private var waiting: [(dump: OOMDump, at: BootTime)] = []
    /// Victims whose list was not read yet; the oldest first.
    private var expected: [(pid: Int32, at: BootTime)] = []

    /// Most of each that are kept.
    private static let (mostWaiting, mostExpected) = (8, 64)
    /// Most records that one look takes, and its time: a host that always logs more than that may lose a list. In the middle
    /// of one, after a kill, and after a pause there is reason to read on.
    private static let atRest = (most: 512, time: Interval.milliseconds(2))
    private static let atKill = (most: 8192, time: Interval.milliseconds(10))
    /// So long a list is looked for after its kill; and so long it waits for a kill that was perhaps not seen.
    private static let patience = Interval.seconds(5)
    private static let pause = Interval.seconds(1)

    init(_ files: ProcFS) {
        let opened = KernelLog.opened()
        let status = KernelLog.status(files, opened)
        let log = try? opened.get()
        self.init(status.state == .missing ? nil : log, status)
    }

    init(_ log: KernelLog?, _ status: SourceStatus) {
        self.status = status
        self.log = log
        parser = OOMDumpParser(pageKiB: UInt64(clamping: sysconf(Int32(_SC_PAGESIZE)) / 1024))
    }

    /// Reads what was logged since; before the kills of that time are handed out.
    mutating func look(at now: BootTime) {
        guard let log else { return }
        expected.removeAll { $0.at + Self.patience < now }
        let isUrgent = !expected.isEmpty || parser.isListing || last + Self.pause < now
        read(log, isUrgent ? Self.atKill : Self.atRest)
        if !isUrgent, parser.isListing { read(log, Self.atKill) }
    }

    private mutating func read(_ log: KernelLog, _ limits: (most: Int, time: Interval)) {
        log.read(most: limits.most, for: limits.time) { record in
            if let dump = parser.take(record) { took(dump, at: ProcFS.boottimeNow()) }
        }
    }

    mutating func took(_ dump: OOMDump, at now: BootTime) {
        if waiting.count >= Self.mostWaiting { waiting.removeFirst() }
        waiting.append((dump, now))
    }

    /// The list of this kill, which is handed out just now; nil where it is not read yet.
    mutating func list(ofVictim pid: Int32, killedAt time: BootTime) -> Event? {
        guard let index = waiting.lastIndex(where: { $0.dump.victimPID == pid }) else {
            if expected.count >= Self.mostExpected { expected.removeFirst() }
            expected.append((pid, time))
            return nil
        }
        return Event(time: time, source: .kmsg, body: .oomDump(waiting.remove(at: index).dump))
    }

    /// Lists that came behind their kills, or whose kill nobody has seen; and what was lost.
    mutating func rest(at watermark: BootTime, isLast: Bool = false) -> [Event] {
        defer { last = watermark }
        guard !waiting.isEmpty || parser.cut > cutBefore else { return [] }
        var events: [Event] = []
        var left: [(dump: OOMDump, at: BootTime)] = []
        for (dump, at) in waiting {
            let index = expected.firstIndex { $0.pid == dump.victimPID }
            if let index { expected.remove(at: index) }
            if index != nil || isLast || at + Self.pause < watermark {
                events.append(Event(time: watermark, source: .kmsg, body: .oomDump(dump)))
            } else {
                left.append((dump, at))
            }
        }
        waiting = left
        if parser.cut > cutBefore {
            let gap = Gap(
                source: Gap.kernelLog, from: min(last, watermark), to: watermark, lost: parser.cut - cutBefore,
                why: "what the kernel listed at an OOM kill was written over before it was read")
            events.append(Event(time: watermark, source: .collector, body: .gap(gap)))
            cutBefore = parser.cut
        }
        return events
    }
}
