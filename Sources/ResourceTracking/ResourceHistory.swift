public import EventModel
public import ProcessTracking
import UnitTracking

/// How short the machine was, and what trees and units held and used, over the last minutes: what the samples add up to.
///
/// Bounded: the oldest makes room. What is asked for a time that is no longer there is nil, not 0.
public struct ResourceHistory: Sendable {
    /// How the machine stood, the oldest first; at most `hostsKept`.
    public private(set) var hosts: [HostMoment] = []
    /// What the trees held and used, the oldest first; at most `momentsKept`.
    public private(set) var moments: [TreeMoment] = []
    /// Tables that were taken right after OOM kills, as they came; the oldest first.
    public private(set) var tables: [KillTable] = []
    /// What processes held when they were looked at by themselves.
    public private(set) var holdings = HoldingHistory()
    /// What the kernel's log listed at OOM kills, by the kills that it belongs to; the oldest first.
    public internal(set) var dumps: [KillTable] = []
    /// The latest OOM kills, of which the log may still tell; at most `killsKept`.
    var kills: [Kill] = []
    /// What units' cgroups last said, and what they said before.
    public private(set) var cgroups: [CgroupID: CgroupTrack] = [:]
    /// Cgroups that are gone: a unit that ended is judged after that. The oldest first; at most `goneKept`.
    private var gone: [CgroupID] = []
    private var cpuBefore: [ProcessKey: (cpu: UInt64, tree: TreeKey)] = [:]
    private var waitsBefore: [ProcessKey: UInt32] = [:]

    public static let hostsKept = 256
    public static let momentsKept = 128
    /// Most trees of a moment: the largest, and those that used most CPU time.
    public static let treesKept = 48
    /// Most processes of a moment of which is known how long they waited.
    static let waitsKept = 256
    /// Most entries of all tables together; the newest table is kept whatever it has.
    static let tableEntriesKept = 2 * ProcessSamples.capacity
    static let tablesKept = 8
    static let cgroupsKept = 2048
    public static let goneKept = 64

    public struct HostMoment: Hashable, Sendable {
        public var at: BootTime
        public var sample: HostSample
    }

    public struct TreeMoment: Hashable, Sendable {
        public var at: BootTime
        public var reason: SampleReason
        /// The largest first.
        public var trees: [TreeUsage]
        /// What processes hold that were not listed, in KiB; and how many were not looked at.
        public var unlistedKiB: UInt64
        public var unvisited: UInt32
        /// How long the processes of services waited for CPU time since the sample before, in ms, those that waited
        /// longest; who is not there did not. Nil where that is not told.
        public var waits: [ProcessKey: UInt32]?

        public subscript(tree: TreeKey) -> TreeUsage? { trees.first { $0.tree == tree } }
        public var heldKiB: UInt64 { trees.reduce(unlistedKiB) { $0 &+ $1.heldKiB } }
    }

    public struct KillTable: Hashable, Sendable {
        public var at: BootTime
        /// Who looked.
        public var source: Source
        public var samples: ProcessSamples
    }

    public init() {}

    /// Takes in one event, after the tables have.
    public mutating func apply(_ event: Event, processes: ProcessTable, cgroups tree: CgroupTree) {
        switch event.body {
        case .hostSample(let sample):
            hosts.append(HostMoment(at: event.time, sample: sample))
            if hosts.count > Self.hostsKept { hosts.removeFirst(Self.hostsKept / 8) }
        case .cgroupSamples(let samples):
            for usage in samples.entries { learn(usage, at: event.time) }
        case .processSamples(let samples): learn(samples, of: event, processes, tree)
        case .oomVictim(let oom): learn(oom, at: event.time)
        case .oomDump(let dump): learn(dump, at: event.time, processes)
        case .processHoldings(let held): holdings.learn(held, at: event.time, processes)
        case .cgroup(.removed(let id)): removed(id)
        default: return
        }
    }

    private mutating func learn(_ usage: CgroupUsage, at time: BootTime) {
        if cgroups[usage.cgroup] == nil, cgroups.count >= Self.cgroupsKept { forgetCgroups() }
        cgroups[usage.cgroup, default: CgroupTrack()].learn(usage, at: time)
    }

    private mutating func removed(_ id: CgroupID) {
        guard cgroups[id] != nil else { return }
        gone.append(id)
        if gone.count > Self.goneKept { cgroups[gone.removeFirst()] = nil }
    }

    /// The half that was not heard of for longest.
    private mutating func forgetCgroups() {
        let times = cgroups.values.compactMap(\.latest?.at).sorted()
        guard !times.isEmpty else { return }
        let last = times[times.count / 2]
        cgroups = cgroups.filter { $0.value.latest.map { $0.at > last } ?? false }
    }

    private mutating func learn(
        _ samples: ProcessSamples, of event: Event, _ processes: ProcessTable, _ tree: CgroupTree
    ) {
        if samples.reason == .oom {
            tables.append(KillTable(at: event.time, source: event.source, samples: samples))
            Self.forgetOldest(&tables)
        }
        var keys: [ProcessKey: TreeKey] = [:]
        for entry in samples.entries { keys[entry.process] = TreeKey.of(processes[entry.process], tree) }
        var trees = TreeUsage.sums(samples.entries) { keys[$0.process] }
        let cpu = cpuSinceBefore(samples.entries, keys, processes)
        for index in trees.indices { trees[index].cpu = cpu[trees[index].tree] ?? 0 }
        let waits = waitsSinceBefore(samples, keys)
        moments.append(
            TreeMoment(
                at: event.time, reason: samples.reason, trees: Self.foremost(trees), unlistedKiB: samples.unlistedKiB,
                unvisited: samples.unvisited, waits: waits))
        if moments.count > Self.momentsKept { moments.removeFirst(Self.momentsKept / 8) }
    }

    /// Of the processes of services alone, since nobody else's watchdog is asked about.
    private mutating func waitsSinceBefore(
        _ samples: ProcessSamples, _ keys: [ProcessKey: TreeKey]
    ) -> [ProcessKey: UInt32]? {
        let last = moments.last?.at
        var (waits, next): ([ProcessKey: UInt32], [ProcessKey: UInt32]) = ([:], [:])
        for entry in samples.entries {
            guard case .unit(let unit) = keys[entry.process], unit.name.hasSuffix(".service") else { continue }
            next[entry.process] = entry.waited
            let isNew = last.map { entry.process.start >= $0 } ?? false
            let before = waitsBefore[entry.process] ?? (isNew ? 0 : nil)
            if let since = ProcessUsage.waited(entry.waited, since: before), since > 0 { waits[entry.process] = since }
        }
        waitsBefore = next
        guard samples.isWhole, samples.entries.contains(where: { $0.waited != nil }) else { return nil }
        guard waits.count > Self.waitsKept else { return waits }
        let longest = waits.sorted {
            ($0.value, $1.key.start, $1.key.pid) > ($1.value, $0.key.start, $0.key.pid)
        }.prefix(Self.waitsKept)
        return longest.reduce(into: [:]) { $0[$1.key] = $1.value }
    }

    static func forgetOldest(_ tables: inout [KillTable]) {
        while tables.count > tablesKept
            || (tables.count > 1 && tables.reduce(0, { $0 + $1.samples.entries.count }) > tableEntriesKept)
        {
            tables.removeFirst()
        }
    }

    private static func foremost(_ trees: [TreeUsage]) -> [TreeUsage] {
        guard trees.count > treesKept else { return trees }
        let busiest = Set(trees.sorted { $0.cpu > $1.cpu }.prefix(treesKept / 3).map(\.tree))
        var left = treesKept - busiest.count
        return trees.filter { usage in
            if busiest.contains(usage.tree) { return true }
            left -= 1
            return left >= 0
        }
    }

    /// By tree. The time of a child that has ended goes to whoever waited for it, and all of it at once: what was counted
    /// while it lived is taken off again there. A process that was not listed before, and is not new, counts from now on.
    private mutating func cpuSinceBefore(
        _ entries: [ProcessUsage], _ keys: [ProcessKey: TreeKey], _ processes: ProcessTable
    ) -> [TreeKey: UInt64] {
        let before = moments.last?.at
        var sums: [TreeKey: Int64] = [:]
        var next: [ProcessKey: (cpu: UInt64, tree: TreeKey)] = [:]
        for entry in entries {
            guard let tree = keys[entry.process] else { continue }
            next[entry.process] = (entry.cpu, tree)
            let isNew = before.map { entry.process.start >= $0 } ?? false
            let base = cpuBefore[entry.process]?.cpu ?? (isNew ? 0 : entry.cpu)
            sums[tree, default: 0] &+= Int64(clamping: entry.cpu) &- Int64(clamping: base)
        }
        let first = next.keys.first { $0.pid == 1 }
        for (key, known) in cpuBefore where next[key] == nil {
            guard let ended = processes[key], !ended.isAlive,
                let parent = Self.heir(of: ended, processes) ?? first, cpuBefore[parent] != nil,
                let tree = next[parent]?.tree
            else { continue }
            sums[tree, default: 0] &-= Int64(clamping: known.cpu)
        }
        cpuBefore = next
        return sums.mapValues { UInt64(clamping: $0) }
    }

    private static let deepest = 64

    /// Who has the time of a process that ended: whoever waited for it, and who ends itself hands it on. Nil for an orphan,
    /// for which the first process waits.
    private static func heir(of ended: TrackedProcess, _ processes: ProcessTable) -> ProcessKey? {
        var child = ended
        for _ in 0..<deepest {
            guard let maker = child.creator.flatMap({ processes[$0] }) else { return nil }
            guard let end = maker.exit else { return maker.key }
            guard let before = child.exit, before.at <= end.at else { return nil }
            child = maker
        }
        return nil
    }
}

/// What one cgroup held and used, twice: as it was when it was last said, and some samples before.
public struct CgroupTrack: Hashable, Sendable {
    public struct Moment: Hashable, Sendable {
        public var at: BootTime
        public var usage: CgroupUsage
    }

    /// How long its tasks had waited, when that was looked at.
    struct Waited: Hashable, Sendable {
        var at: BootTime
        /// In microseconds since boot; nil where it was not told.
        var cpu: UInt64?
        var memory: UInt64?
        var io: UInt64?
        /// How long its own quota kept it from running.
        var throttled: UInt64?
    }

    /// The oldest first; at most `kept`.
    public private(set) var moments: [Moment] = []
    /// The same; at most `waitsKept`, which at one a second is as long as most watchdogs are patient, and most of the time
    /// that a manager gives a stop (90 s).
    private(set) var waits: [Waited] = []
    static let kept = 12
    static let waitsKept = 64

    public var latest: Moment? { moments.last }

    mutating func learn(_ usage: CgroupUsage, at time: BootTime) {
        if usage.cpuStall != nil || usage.memoryStall != nil {
            waits.append(
                Waited(
                    at: time, cpu: usage.cpuStall?.someTotal, memory: usage.memoryStall?.someTotal,
                    io: usage.ioStall?.someTotal, throttled: usage.throttled))
            if waits.count > Self.waitsKept { waits.removeFirst() }
        }
        var usage = usage
        // Not every look reads all files.
        if let known = latest?.usage {
            usage.limit = usage.limit ?? (usage.memory == nil ? known.limit : nil)
            usage.io = usage.io ?? known.io
            usage.memoryStall = usage.memoryStall ?? known.memoryStall
            usage.cpuStall = usage.cpuStall ?? known.cpuStall
            usage.ioStall = usage.ioStall ?? known.ioStall
        }
        moments.append(Moment(at: time, usage: usage))
        if moments.count > Self.kept { moments.removeFirst() }
    }
}
