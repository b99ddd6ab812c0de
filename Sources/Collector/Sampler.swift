import EventModel
import KernelProbes
import ProcFS

/// Takes samples: how short the machine is, and what processes and the cgroups of units hold and use. When there is reason to,
/// it looks at once; a table of all processes is taken right after each OOM kill. While memory is short, it looks at what the
/// foremost processes have open as well: that dies with them.
final class Sampler {
    private let files: ProcFS
    private let controllers: CgroupControllers
    private let triggers: [PressureTrigger]
    private let triggerError: SystemCallError?
    private let events: FileWatch?
    private var pace = SamplingPace()
    private var selection = UsageSelection()
    private var scan: UsageScan
    private var units = UnitCgroups()
    private var snapshot: MemorySnapshot
    /// The largest process of each of the largest trees, which whoever knows trees says.
    var largestOfTrees: [ProcessKey] = []
    /// Those that the last sample listed.
    private var listed: [ProcessUsage] = []
    /// Cgroups that ran into a limit since the last snapshot was begun.
    private var reached: [String] = []
    /// Kills behind which no table was taken yet, one for each scope; and the newest that was heard of.
    private var kills: [MemoryKill] = []
    private var lastKill = BootTime.zero
    /// The newest table behind a kill.
    private var lastTable = MemoryKill(at: .zero)
    private var tableCost = Interval.milliseconds(0)
    private var lastLimit = BootTime.zero
    private var activeTicks = 0
    private var lastHost: (at: BootTime, sample: HostSample)?
    /// Records are handed out in the order of their time; those of the kernel's are held back a little.
    private var waiting: [Event] = []

    /// Something is short where tasks have waited so long within the window. Who lacks CAP_SYS_RESOURCE in the first user
    /// namespace may only have windows of whole multiples of 2 s (kernel 6.5).
    private static let stalls: [(PressureTrigger.Resource, Interval)] = [
        (.memory, .milliseconds(150)), (.io, .milliseconds(500)), (.cpu, .milliseconds(1000)),
    ]
    private static let stallWindow = Interval.seconds(2)
    /// Most processes that one table is made of; what is beyond is counted.
    private static let mostProcesses = 65_536
    /// Tables behind kills take no more than such a part of the time: kills that follow each other faster get one, behind
    /// the last of them.
    private static let killShare: UInt64 = 10
    /// Most scopes that wait for a table at once.
    private static let mostKills = 8
    private static let mostReached = 4
    private static let mostPIDs = 64

    init(_ files: ProcFS) {
        self.files = files
        controllers = CgroupControllers()
        scan = UsageScan(files)
        snapshot = MemorySnapshot(files)
        var error: SystemCallError?
        var triggers: [PressureTrigger] = []
        for (resource, stall) in Self.stalls {
            do throws(SystemCallError) {
                triggers.append(
                    try PressureTrigger(resource, stall: stall, window: Self.stallWindow, root: files.root))
            } catch let failure {
                error = failure
            }
        }
        (self.triggers, triggerError) = (triggers, error)
        events = controllers.hasUnifiedMemory ? try? FileWatch() : nil
    }

    /// What is there on this host to sample.
    func statuses(hasKernelUsage: Bool) -> [SourceStatus] {
        [psi, cgroup, usage(hasKernelUsage)]
    }

    private var psi: SourceStatus {
        if triggers.count == Self.stalls.count {
            return SourceStatus(
                name: "psi", state: .active, why: "triggers of the kernel; once a second while they fire")
        }
        let why = triggerError.map { "\($0.object): \($0.call) failed with errno \($0.errno)" } ?? ""
        let isThere = files.hostSample(.rest).memory != nil
        return SourceStatus(
            name: "psi", state: isThere ? .degraded : .missing,
            why: isThere ? "\(why); looked at every 10 s" : "this kernel tells no pressure (CONFIG_PSI, psi=1): \(why)")
    }

    private var cgroup: SourceStatus {
        guard files.cgroups != nil else {
            return SourceStatus(
                name: "cgroup", state: .missing, why: "no cgroup hierarchy of systemd's kind is mounted")
        }
        return SourceStatus(
            name: "cgroup", state: controllers.hasMemory ? .active : .degraded, why: controllers.summary)
    }

    private func usage(_ hasKernelUsage: Bool) -> SourceStatus {
        hasKernelUsage
            ? SourceStatus(name: "usage", state: .active, why: "memory and CPU time of processes, by iter/task")
            : SourceStatus(
                name: "usage", state: .degraded,
                why: "memory and CPU time of processes out of /proc, within a budget of time; no swap, no cgroup")
    }

    /// Takes what is due to be taken. `isSettling`: a disruption waits for its verdict.
    func look(at now: BootTime, kernel: KernelProbes?, isSettling: Bool) {
        let fired = PressureTrigger.fired(triggers)
        if isSettling || !fired.isEmpty { pace.noticed(at: now) }
        if fired.contains(.memory) { snapshot.pace.memoryIsShort(at: now) }
        if let kill = kernel?.waitingVictim(after: lastKill) { noticed(MemoryKill(at: kill.at, scope: kill.scope)) }
        takeTables(kernel, at: now)
        for path in events?.changes() ?? [] { limitReached(path, kernel, at: now) }
        if pace.isDue(at: now) { takeAll(kernel, at: now) }
        takeSnapshot(at: now)
    }

    /// Hands out the samples of times up to `watermark`, in order.
    func due(upTo watermark: BootTime) -> [Event] {
        guard !waiting.isEmpty else { return [] }
        let due = waiting.filter { $0.time <= watermark }.sorted { $0.time < $1.time }
        waiting.removeAll { $0.time <= watermark }
        return due
    }

    /// Tasks waited for a good part of the time since the last sample: who did, is asked of each unit.
    private func isShort(_ sample: HostSample, at now: BootTime) -> Bool {
        guard let (before, last) = lastHost, before < now else { return false }
        let time = before.distance(to: now)
        return [\HostSample.cpu, \.memory, \.io].contains { sample.waited(for: $0, since: last, over: time, part: 3) }
    }

    /// A unit's cgroup that came or went makes the next sample look at all of them.
    func noticed(_ change: CgroupChange) { units.noticed(change) }

    /// A table is taken behind it, by the next call of `look`. One that was taken since tells of it already.
    func noticed(_ kill: MemoryKill) {
        lastKill = max(lastKill, kill.at)
        guard kill.at > lastTable.at || kill.scope != lastTable.scope else { return }
        kills.removeAll { $0.scope == kill.scope }
        if kills.count < Self.mostKills { kills.append(kill) }
    }

    /// What the victims held is in their own records.
    private func takeTables(_ kernel: KernelProbes?, at now: BootTime) {
        guard !kills.isEmpty else { return }
        pace.noticed(at: now)
        let (pause, overflow) = tableCost.nanoseconds.multipliedReportingOverflow(by: Self.killShare)
        guard lastTable.at + Interval(nanoseconds: overflow ? .max : pause) <= now else { return }
        for kill in kills {
            lastTable = MemoryKill(at: ProcFS.boottimeNow(), scope: kill.scope)
            sampleProcesses(.oom, scope: kill.scope, kernel)
            tableCost = lastTable.at.distance(to: ProcFS.boottimeNow())
        }
        kills.removeAll()
    }

    private func limitReached(_ path: String, _ kernel: KernelProbes?, at now: BootTime) {
        pace.noticed(at: now)
        guard let unit = units.unit(ofEvents: path, controllers) else { return }
        snapshot.pace.memoryIsShort(at: now)
        if reached.count < Self.mostReached, !reached.contains(unit.path) { reached.append(unit.path) }
        let usage = controllers.usage(of: unit.path, id: unit.id, isFull: true)
        let samples = CgroupSamples(reason: .limit, entries: [usage])
        waiting.append(Event(time: ProcFS.boottimeNow(), source: .cgroup, body: .cgroupSamples(samples)))
        guard lastLimit + SamplingPace.inActivity <= now else { return }
        lastLimit = now
        sampleProcesses(.limit, scope: nil, kernel)
    }

    private func takeAll(_ kernel: KernelProbes?, at now: BootTime) {
        let isActive = pace.isActive(at: now)
        activeTicks = isActive ? activeTicks + 1 : 0
        let reason: SampleReason = isActive ? .activity : .rest
        // Not the time that it waits for: where CPU time is short, that is when samples count.
        let began = ProcFS.threadTime()
        let host = files.hostSample(reason)
        waiting.append(Event(time: now, source: .psi, body: .hostSample(host)))
        let isShort = isShort(host, at: now)
        if let (before, last) = lastHost, host.isShortOfMemory(since: last, over: before.distance(to: now)) {
            snapshot.pace.memoryIsShort(at: now)
        }
        let isFull = activeTicks % 5 == 0 || isShort
        lastHost = (now, host)
        sampleProcesses(reason, scope: nil, kernel)
        let changed = units.sample(files.cgroups, controllers, isFull: isFull, isShort: isShort, at: now)
        // Version 1 notifies nobody.
        if units.didReachLimit { snapshot.pace.memoryIsShort(at: now) }
        if units.didRefresh { events?.watch(units.eventFiles(controllers)) }
        if !changed.entries.isEmpty || changed.omitted > 0 {
            let samples = CgroupSamples(reason: reason, entries: changed.entries, omitted: changed.omitted)
            waiting.append(Event(time: ProcFS.boottimeNow(), source: .cgroup, body: .cgroupSamples(samples)))
        }
        let cost = ProcFS.threadTime().nanoseconds &- began.nanoseconds
        pace.took(Interval(nanoseconds: cost), at: now)
    }

    private func sampleProcesses(_ reason: SampleReason, scope: CgroupID?, _ kernel: KernelProbes?) {
        var (usages, unvisited, source): ([ProcessUsage], Int, Source) = ([], 0, .procfs)
        if let kernel, kernel.hasUsage, let read = try? kernel.usage(scope: scope, limit: Self.mostProcesses) {
            (usages, unvisited, source) = (read.usages, read.beyond, .bpf)
        } else if let read = try? scan.look(for: budget(reason)) {
            (usages, unvisited) = read
        } else {
            return
        }
        let now = ProcFS.boottimeNow()
        let samples = selection.select(
            usages, reason: reason, scope: source == .bpf ? scope : nil, unvisited: unvisited, at: now)
        listed = samples.entries
        waiting.append(Event(time: now, source: source, body: .processSamples(samples)))
    }

    private func takeSnapshot(at now: BootTime) {
        if snapshot.pace.isDue(at: now) { snapshot.begin(foremost(), at: now) }
        let (found, cost) = snapshot.goOn()
        pace.tookMore(cost)
        guard let found else { return }
        waiting.append(Event(time: ProcFS.boottimeNow(), source: .procfs, body: .processHoldings(found)))
    }

    /// Whom to look at.
    private func foremost() -> [ProcessKey] {
        let pids = reached.flatMap { controllers.pids(in: $0).prefix(Self.mostPIDs) }
        reached.removeAll()
        let amounts = lastHost?.sample.amounts
        let (machine, overflow) = (amounts?.total ?? 0).addingReportingOverflow(amounts?.swapTotal ?? 0)
        return SnapshotChoice.choose(
            listed, trees: largestOfTrees, reached: pids, machineKiB: overflow ? 0 : machine, key: files.key(of:))
    }

    /// For looking through `/proc`.
    private func budget(_ reason: SampleReason) -> Interval {
        switch reason {
        case .rest: .milliseconds(40)
        case .activity, .limit: .milliseconds(10)
        case .oom: .milliseconds(150)
        }
    }
}
