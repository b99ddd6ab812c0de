import EventModel

extension EventGenerator {
    private mutating func some<Value>(_ value: Value) -> Value? { random.below(2) == 0 ? nil : value }

    private mutating func reason() -> SampleReason { SampleReason.allCases.randomElement(using: &random) ?? .rest }

    private mutating func stall() -> Stall? {
        some(Stall(some10: uid(), full10: uid(), someTotal: number(), fullTotal: number()))
    }

    mutating func victim() -> OOMVictim {
        var victim = OOMVictim(
            victim: process(), cgroup: CgroupID(rawValue: number()), uid: uid(), totalVMKiB: number(),
            anonymousKiB: number(), fileKiB: number(), sharedKiB: number(),
            oomScoreAdjustment: Int32(truncatingIfNeeded: number()))
        guard random.below(3) > 0 else { return victim }
        victim.swapKiB = number()
        victim.pageTableKiB = number()
        victim.scope = .global
        guard random.below(2) == 0 else { return victim }
        victim.scope = .cgroup(
            .init(
                cgroup: CgroupID(rawValue: number()), name: text(47), limitKiB: number(), usageKiB: number(),
                ooms: number()))
        return victim
    }

    mutating func hostSample() -> HostSample {
        HostSample(
            reason: reason(), cpu: stall(), memory: stall(), io: stall(),
            amounts: some(.init(total: number(), available: number(), swapTotal: number(), swapFree: number())),
            cpus: some(uid()))
    }

    mutating func cgroupSamples() -> CgroupSamples {
        CgroupSamples(
            reason: reason(),
            entries: (0..<random.below(20)).map { _ in
                CgroupUsage(
                    cgroup: CgroupID(rawValue: number()), memory: some(number()), limit: some(number()),
                    events: some(.init(high: number(), max: number(), oom: number(), oomKill: number())),
                    cpu: some(number()), throttled: some(number()),
                    io: some(.init(read: number(), written: number())), memoryStall: stall(), cpuStall: stall(),
                    ioStall: stall())
            }, omitted: uid())
    }

    mutating func processSamples() -> ProcessSamples {
        ProcessSamples(
            reason: reason(), scope: some(CgroupID(rawValue: number())),
            entries: (0..<random.below(random.below(20) == 0 ? ProcessSamples.capacity : 40)).map { _ in
                ProcessUsage(
                    process: process(), anonymousKiB: uid(), fileKiB: uid(), sharedKiB: uid(), swapKiB: uid(),
                    pageTableKiB: uid(), cpu: number(), waited: some(uid()),
                    oomScoreAdjustment: Int16(truncatingIfNeeded: number()),
                    isInScope: random.below(2) == 0)
            }, unlisted: uid(), unlistedKiB: number(), unvisited: uid())
    }

    mutating func processHoldings() -> ProcessHoldings {
        ProcessHoldings(
            entries: (0..<random.below(ProcessHoldings.capacity + 1)).map { _ in
                ProcessHolding(
                    process: process(), residentKiB: number(), swapKiB: number(),
                    descriptors: OpenDescriptors(
                        count: uid(), sockets: uid(), pipes: uid(), files: uid(), deletedFiles: uid(),
                        isCut: random.below(2) == 0))
            }, omitted: uid())
    }

    mutating func oomDump() -> OOMDump {
        OOMDump(
            victimPID: pid(), scope: some(OOMDump.Scope.cgroup(name: text(255))) ?? .global,
            took: Interval(nanoseconds: number()), hasKinds: random.below(2) == 0,
            entries: (0..<random.below(random.below(20) == 0 ? ProcessSamples.capacity : 40)).map { _ in
                OOMDump.Entry(
                    pid: pid(), anonymousKiB: uid(), fileKiB: uid(), sharedKiB: uid(), swapKiB: uid(),
                    pageTableKiB: uid(), oomScoreAdjustment: Int16(truncatingIfNeeded: number()))
            }, unlisted: uid(), unlistedKiB: number())
    }
}
