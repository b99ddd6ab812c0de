import EventModel

// OOM kills and samples, as a line and as fields.
extension EventLine {
    func members(_ oom: OOMVictim) -> Members {
        let limit: OOMVictim.Limit? = if case .cgroup(let limit) = oom.scope { limit } else { nil }
        return [
            "victim": processJSON(oom.victim), "victim_cgroup": .unsigned(oom.cgroup.rawValue),
            "uid": JSONValue(oom.uid),
            "total_vm_kib": .unsigned(oom.totalVMKiB), "anonymous_kib": .unsigned(oom.anonymousKiB),
            "file_kib": .unsigned(oom.fileKiB), "shared_kib": .unsigned(oom.sharedKiB),
            "swap_kib": .unsigned(oom.swapKiB), "page_table_kib": .unsigned(oom.pageTableKiB),
            "oom_score_adj": JSONValue(oom.oomScoreAdjustment), "scope": .string(Self.name(of: oom.scope)),
            "limit_cgroup": JSONValue(limit?.cgroup.rawValue), "limit_name": JSONValue(limit?.name),
            "limit_kib": JSONValue(limit?.limitKiB), "usage_kib": JSONValue(limit?.usageKiB),
            "ooms": JSONValue(limit?.ooms),
        ]
    }

    private static func name(of scope: OOMVictim.Scope) -> String {
        switch scope {
        case .unknown: "unknown"
        case .global: "global"
        case .cgroup: "memcg"
        }
    }

    func details(_ sample: HostSample) -> VisibleText {
        let stalls: [VisibleText] = [("cpu", sample.cpu), ("memory", sample.memory), ("io", sample.io)].compactMap {
            name, stall in stall.map { "\(name) \(Self.percent($0.some10))" }
        }
        let room: VisibleText =
            sample.amounts.map { "\(kibibytes($0.available)) of \(kibibytes($0.total)) to be had" }
            ?? "memory not known"
        return "\(room), waited for \(VisibleText(stalls, separator: ", ")) (\(sample.reason.name))"
    }

    private static func percent(_ hundredths: UInt32) -> VisibleText { "\(hundredths / 100).\(hundredths / 10 % 10) %" }

    func details(_ samples: CgroupSamples) -> VisibleText {
        "\(Phrases.count(samples.entries.count, "cgroup")) (\(samples.reason.name))"
    }

    func details(_ samples: ProcessSamples) -> VisibleText {
        let largest: VisibleText =
            samples.entries.first.map { ", the largest \(process($0.process)) with \(kibibytes($0.heldKiB))" } ?? ""
        let unlisted: VisibleText =
            samples.unlisted > 0 ? ", \(samples.unlisted) more with \(kibibytes(samples.unlistedKiB))" : ""
        let unvisited: VisibleText = samples.unvisited > 0 ? ", \(samples.unvisited) not looked at" : ""
        let count = Phrases.count(samples.entries.count, "sampled process")
        return "\(count)\(largest)\(unlisted)\(unvisited) (\(samples.reason.name))"
    }

    func members(_ sample: HostSample) -> Members {
        [
            "reason": .string(sample.reason.name), "cpu": JSONValue(sample.cpu.map(Self.stall)),
            "memory": JSONValue(sample.memory.map(Self.stall)), "io": JSONValue(sample.io.map(Self.stall)),
            "total_kib": JSONValue(sample.amounts?.total), "available_kib": JSONValue(sample.amounts?.available),
            "swap_total_kib": JSONValue(sample.amounts?.swapTotal),
            "swap_free_kib": JSONValue(sample.amounts?.swapFree), "cpus": JSONValue(sample.cpus),
        ]
    }

    /// Shares in percent.
    static func stall(_ stall: Stall) -> JSONValue {
        [
            "some_10s": .number(Double(stall.some10) / 100), "full_10s": .number(Double(stall.full10) / 100),
            "some_total_us": .unsigned(stall.someTotal), "full_total_us": .unsigned(stall.fullTotal),
        ]
    }

    func members(_ samples: CgroupSamples) -> Members {
        [
            "reason": .string(samples.reason.name), "omitted": JSONValue(samples.omitted),
            "cgroups": .array(samples.entries.map(Self.usage)),
        ]
    }

    private static func usage(_ usage: CgroupUsage) -> JSONValue {
        [
            "cgroup": .unsigned(usage.cgroup.rawValue), "memory": JSONValue(usage.memory),
            "limit": JSONValue(usage.limit), "cpu_us": JSONValue(usage.cpu),
            "events": JSONValue(
                usage.events.map {
                    [
                        "high": .unsigned($0.high), "max": .unsigned($0.max), "oom": .unsigned($0.oom),
                        "oom_kill": .unsigned($0.oomKill),
                    ]
                }),
            "read": JSONValue(usage.io?.read), "written": JSONValue(usage.io?.written),
            "throttled_us": JSONValue(usage.throttled),
            "memory_stall": JSONValue(usage.memoryStall.map(stall)), "cpu_stall": JSONValue(usage.cpuStall.map(stall)),
            "io_stall": JSONValue(usage.ioStall.map(stall)),
        ]
    }

    func members(_ samples: ProcessSamples) -> Members {
        [
            "reason": .string(samples.reason.name), "scope": JSONValue(samples.scope?.rawValue),
            "unlisted": JSONValue(samples.unlisted), "unlisted_kib": .unsigned(samples.unlistedKiB),
            "unvisited": JSONValue(samples.unvisited), "processes": .array(samples.entries.map(usage)),
        ]
    }

    private func usage(_ usage: ProcessUsage) -> JSONValue {
        [
            "process": processJSON(usage.process), "anonymous_kib": JSONValue(usage.anonymousKiB),
            "file_kib": JSONValue(usage.fileKiB), "shared_kib": JSONValue(usage.sharedKiB),
            "swap_kib": JSONValue(usage.swapKiB), "page_table_kib": JSONValue(usage.pageTableKiB),
            "cpu_us": .unsigned(usage.cpu), "waited_ms": JSONValue(usage.waited),
            "oom_score_adj": JSONValue(Int32(usage.oomScoreAdjustment)), "in_scope": .flag(usage.isInScope),
        ]
    }

    private static let mostNamed = 3

    func details(_ holdings: ProcessHoldings) -> VisibleText {
        let named: [VisibleText] = holdings.entries.prefix(Self.mostNamed).map { held in
            let least: VisibleText = held.descriptors.isCut ? "at least " : ""
            let open: VisibleText = "\(least)\(Phrases.count(held.descriptors.count, "descriptor"))"
            return "\(process(held.process)) \(kibibytes(held.residentKiB)), \(open)"
        }
        let further = holdings.entries.count - named.count
        let more: VisibleText = further > 0 ? "; \(further) more" : ""
        let omitted: VisibleText = holdings.omitted > 0 ? "; \(holdings.omitted) not looked at" : ""
        return "\(VisibleText(named, separator: "; "))\(more)\(omitted)"
    }

    func members(_ holdings: ProcessHoldings) -> Members {
        ["omitted": JSONValue(holdings.omitted), "processes": .array(holdings.entries.map(holding))]
    }

    private func holding(_ holding: ProcessHolding) -> JSONValue {
        [
            "process": processJSON(holding.process), "rss_kib": .unsigned(holding.residentKiB),
            "swap_kib": .unsigned(holding.swapKiB), "descriptors": JSONValue(holding.descriptors.count),
            "sockets": JSONValue(holding.descriptors.sockets), "pipes": JSONValue(holding.descriptors.pipes),
            "files": JSONValue(holding.descriptors.files),
            "deleted_files": JSONValue(holding.descriptors.deletedFiles),
            "cut": .flag(holding.descriptors.isCut),
        ]
    }
}
