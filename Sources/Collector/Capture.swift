public import Configuration
import EventCoding
public import EventModel
import Glibc
import KernelProbes
import ProcFS
import Redaction
import SystemdState

/// What happens on this host now, as records: the kernel programs where they are allowed, `/proc` and the proc connector
/// where they are not, in order; and beside them what managers and the journal say. Everything is redacted before it is
/// handed on.
///
/// An entry of the journal has the time at which it was logged, and comes later than others of that time.
public final class Capture {
    private var intake: RecordIntake
    private let markers: [String]
    /// One of the two is there.
    private var kernel: KernelProbes?
    private var procfs: ProcfsTier?
    private let sampler: Sampler
    private var kernelLog: KernelLogLook
    private var killers = KillerWatch()
    private let unixSockets = UnixSocketLook()
    /// A disruption waits for its verdict: what led to it is looked at more closely meanwhile.
    public var isSettling = false
    /// The largest process of each of the largest trees: they are looked at while memory is short.
    public var largestOfTrees: [ProcessKey] {
        get { sampler.largestOfTrees }
        set { sampler.largestOfTrees = newValue }
    }
    private let systemd: SystemdSource
    private var lastClock = BootTime.zero
    private var lossesRead = BootTime.zero

    /// Takes each record and the event that it holds.
    public typealias Sink = (UnsafeRawBufferPointer, Event) throws -> Void

    /// An earlier record may still be on its way from another CPU for about this long.
    private static let holdBack = Interval.milliseconds(5)
    private static let clockPeriod = Interval.milliseconds(500)
    /// How long managers may take to tell of all their units before everything else goes on.
    private static let managersTime = Interval.seconds(1)
    /// Reading the counters takes a call for every program: well within the time that a disruption is given to settle.
    private static let lossPeriod = Interval.milliseconds(250)
    /// Where no record came since, nothing can have been pushed out.
    private static let quietLossPeriod = Interval.seconds(2)
    private var takenAtLosses: UInt64 = 0
    private static let mostDecisive: UInt64 = 200
    private var decisiveBefore: UInt64 = 0

    /// Which tier is wanted.
    public enum Preference: String, Sendable, CaseIterable {
        /// The kernel's programs, or `/proc` where they are refused.
        case automatic = "auto"
        case bpf
        case procfs
    }

    /// Attaches; hands the host, the configuration, the state of each source and everything that runs already to `sink`.
    /// `journalCursor` is where to go on in the journal; without one its last minute is read.
    public init(
        _ configuration: Configuration, markers: [String], version: String, preference: Preference = .automatic,
        journalCursor: String? = nil, _ sink: Sink
    ) throws {
        intake = RecordIntake(
            Redactor(environmentPatterns: configuration.redactedNames, additional: configuration.redactedPatterns))
        self.markers = markers
        let procfs = ProcFS()
        sampler = Sampler(procfs)
        kernelLog = KernelLogLook(procfs)
        let start = ProcFS.boottimeNow()
        let host = try procfs.host(version: version)
        systemd = try SystemdSource(
            .init(cursor: journalCursor, isWatched: configuration.watches(unit:)), boot: host.bootID, at: start)
        let statuses = try open(procfs, preference)
        if let other = kernel?.descriptor ?? self.procfs?.descriptor, other >= 0 { systemd.waitSet.add(other) }
        try send(Event(time: start, source: .collector, body: .host(host)), sink)
        try send(Event(time: start, source: .collector, body: .configuration(configuration.recorded)), sink)
        let usage = sampler.statuses(hasKernelUsage: kernel?.hasUsage ?? false)
        for status in statuses + usage + [kernelLog.status] {
            try send(Event(time: start, source: .collector, body: .source(status)), sink)
        }
        try backfill(procfs, at: start, sink)
        try backfillUnits(sink)
    }

    private func open(_ procfs: ProcFS, _ preference: Preference) throws -> [SourceStatus] {
        guard preference != .procfs else { return openProcfs(procfs, why: "asked for") }
        do {
            let root = procfs.cgroups.flatMap { $0.isUnified ? $0.mountPoint : nil }
            let probes = try KernelProbes(markers: markers, cgroupRoot: root)
            let statuses = probes.statuses
            kernel = probes
            return statuses
        } catch {
            guard preference == .automatic else { throw error }
            return openProcfs(procfs, why: error.why)
        }
    }

    private func openProcfs(_ procfs: ProcFS, why: String) -> [SourceStatus] {
        let tier = ProcfsTier(procfs, markers: markers)
        let statuses = tier.statuses(why: why)
        self.procfs = tier
        return statuses
    }

    /// Whether the kernel programs run, rather than `/proc` being read.
    public var isKernelTier: Bool { kernel != nil }

    /// Readable when there is something to take before the next look is due.
    public var descriptor: Int32 { systemd.waitSet.descriptor }

    /// The place in the journal behind the last entry that was handed out; nil while there was none.
    public var journalCursor: String? { systemd.cursor }

    /// Takes what has come since the last call. At the end, with `isLast`, nothing is held back any more.
    public func drain(isLast: Bool = false, _ sink: Sink) throws {
        let now = ProcFS.boottimeNow()
        let watermark = isLast ? now : now - Self.holdBack
        kernelLog.look(at: now)
        // A sample stands among the kernel's records where it belongs: what led to a verdict comes before the verdict is due.
        for sample in sampler.due(upTo: watermark) {
            try drainKernel(upTo: sample.time, sink)
            try send(sample, sink)
        }
        try drainKernel(upTo: watermark, sink)
        for event in kernelLog.rest(at: watermark, isLast: isLast) { try send(event, sink) }
        for event in takeSamples(at: now, upTo: watermark) { try send(event, sink) }
        let period = intake.taken == takenAtLosses ? Self.quietLossPeriod : Self.lossPeriod
        if isLast || lossesRead + period <= now { try readLosses(at: watermark, now, sink) }
        for event in try procfs?.poll(at: now) ?? [] { try send(event, sink) }
        for event in systemd.poll(at: ProcFS.boottimeNow()) { try send(event, sink) }
        if isLast { for event in systemd.rest(at: now) { try send(event, sink) } }
        if isLast || lastClock + Self.clockPeriod <= watermark {
            lastClock = watermark
            try send(Event(time: watermark, source: .collector, body: .clock(ProcFS.wallOffset())), sink)
        }
    }

    /// Takes an event that the collector itself has to tell of, between two calls of `drain`.
    public func enter(_ event: Event, _ sink: Sink) throws { try intake.send(event, sink) }

    /// Not while signals or addresses come by the hundred: their ring is full within 25 ms, and a look at all processes may
    /// take as long.
    private func takeSamples(at now: BootTime, upTo watermark: BootTime) -> [Event] {
        let count = kernel?.decisiveCount ?? 0
        defer { decisiveBefore = count }
        guard count - decisiveBefore < Self.mostDecisive else { return [] }
        sampler.look(at: now, kernel: kernel, isSettling: isSettling)
        return unixSockets.poll(kernel, taken: intake.taken, isSettling: isSettling, at: watermark)
    }

    private func drainKernel(upTo watermark: BootTime, _ sink: Sink) throws {
        try kernel?.drain(upTo: watermark) { record in
            var victim: (pid: Int32, at: BootTime)?
            try intake.take(record) { record, event in
                if let kill = killers.notice(event) { sampler.noticed(kill) }
                if case .cgroup(let change) = event.body { sampler.noticed(change) }
                if case .oomVictim(let oom) = event.body { victim = (oom.victim.pid, event.time) }
                try sink(record, event)
            }
            if let victim, let list = kernelLog.list(ofVictim: victim.pid, killedAt: victim.at) {
                try intake.send(list, sink)
            }
        }
        if let gap = intake.takeGap(from: lastClock, to: watermark) {
            try send(Event(time: watermark, source: .collector, body: .gap(gap)), sink)
        }
    }

    private func readLosses(at watermark: BootTime, _ now: BootTime, _ sink: Sink) throws {
        let since = lossesRead
        lossesRead = now
        takenAtLosses = intake.taken
        for loss in try kernel?.newLosses() ?? [] {
            let gap = Gap(
                source: loss.kind.source, from: min(since, lastClock), to: now, lost: loss.count,
                why: loss.kind.why.rawValue)
            try send(Event(time: watermark, source: .collector, body: .gap(gap)), sink)
        }
    }

    private func send(_ event: Event, _ sink: Sink) throws { try intake.send(event, sink) }

    private func backfill(_ files: ProcFS, at start: BootTime, _ sink: Sink) throws {
        for event in (try? files.cgroupTree(at: start))?.events ?? [] { try intake.send(event, sink) }
        let scan = try files.scan(at: start, markers: MarkerPatterns(markers))
        procfs?.learn(scan.events)
        let tasks = try? kernel?.runningTasks()
        let events = tasks.map { Backfill.join(tasks: $0, scan: scan.events, at: start) } ?? scan.events
        for event in events {
            _ = killers.notice(event)
            try intake.send(event, sink)
        }
        // Only where the probes run, and tell what is taken and given up from now on.
        guard isKernelTier else { return }
        let keys = events.compactMap { event in if case .seen = event.body { event.process } else { nil } }
        guard let held = try? files.heldAddresses(by: keys, at: start) else { return }
        for event in held.events { try intake.send(event, sink) }
        guard held.omitted > 0 else { return }
        let gap = Gap(
            source: "procfs:held", from: start, to: ProcFS.boottimeNow(), lost: UInt64(held.omitted),
            why: "more sockets or descriptors than a look at what is held may take")
        try intake.send(Event(time: start, source: .collector, body: .gap(gap)), sink)
    }

    /// The units as the managers have them. One that does not answer is not waited for: it is stated, and what it says
    /// comes when it comes.
    private func backfillUnits(_ sink: Sink) throws {
        let end = ProcFS.boottimeNow() + Self.managersTime
        while true {
            let now = ProcFS.boottimeNow()
            for event in systemd.poll(at: now) { try intake.send(event, sink) }
            if systemd.isSettled || now >= end { return }
            var wait = pollfd(fd: systemd.waitSet.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&wait, 1, 10)
        }
    }
}
