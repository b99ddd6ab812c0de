import EventModel

// All fields of an event's body, by the names of the vocabulary in snake_case.
extension EventLine {
    typealias Members = KeyValuePairs<String, JSONValue>

    func members(_ body: Event.Body) -> [JSONValue.Member] {
        let pairs: Members =
            switch body {
            case .fork(let fork): members(fork)
            case .exec(let exec): members(exec)
            case .exit(let exit): members(exit)
            case .signal(let signal): members(signal)
            case .oomVictim(let oom): members(oom)
            case .socket(let change): members(change)
            case .cgroup(let change): members(change)
            case .seen(let seen): members(seen)
            case .host(let host): members(host)
            case .clock(let offset): ["wall_offset_ns": .string(String(offset.nanoseconds))]
            case .source(let status):
                ["name": .string(status.name), "state": .string(status.state.name), "why": .string(status.why)]
            case .gap(let gap): members(gap)
            case .configuration(let text): ["configuration": .string(text)]
            case .managerMessage(let message): members(message)
            case .journal(let entry): members(entry)
            case .unit(let state): members(state)
            case .job(let change): members(change)
            case .unitFile(let change): members(change)
            case .hostSample(let sample): members(sample)
            case .cgroupSamples(let samples): members(samples)
            case .processSamples(let samples): members(samples)
            case .processHoldings(let holdings): members(holdings)
            case .oomDump(let dump): members(dump)
            case .registration(let registration): members(registration)
            case .unixSocket(let change): members(change)
            case .unrecognised(let type): ["type_number": JSONValue(type)]
            }
        return pairs.map { JSONValue.Member(name: $0.key, value: $0.value) }
    }

    private func members(_ fork: Fork) -> Members {
        [
            "child": processJSON(fork.child), "child_inner_pid": JSONValue(fork.childInnerPID),
            "child_parent_pid": JSONValue(fork.childParentPID), "uid": JSONValue(fork.uid),
        ]
    }

    private func members(_ exec: Exec) -> Members {
        [
            "image": image(exec.image), "parent_pid": JSONValue(exec.parentPID), "uid": JSONValue(exec.uid),
            "inner_pid": JSONValue(exec.innerPID), "former_thread": JSONValue(exec.formerThread),
            "environment_incomplete": .flag(exec.environmentIncomplete),
        ]
    }

    private func image(_ image: ExecImage) -> JSONValue {
        [
            "path": .string(image.path), "exe": JSONValue(image.exe), "argv": JSONValue(strings: image.argv.words),
            "argv_truncated": .flag(image.argv.isTruncated), "argv_bytes": JSONValue(image.argv.totalBytes),
            "argv_unreadable": .flag(image.argv.isUnreadable),
            "markers": .array(image.markers.map { ["name": .string($0.name), "value": .string($0.value)] }),
            "cwd": JSONValue(image.cwd),
        ]
    }

    private func members(_ exit: Exit) -> Members {
        [
            "code": JSONValue(exit.status?.code), "signal": JSONValue(exit.status?.signal?.rawValue),
            "core_dumped": .flag(exit.status?.coreDumped ?? false), "status_known": .flag(exit.status != nil),
            "max_rss_kib": JSONValue(exit.maxRSSKiB),
        ]
    }

    private func members(_ signal: SignalSent) -> Members {
        [
            "target": processJSON(signal.target), "target_thread": JSONValue(signal.targetThread),
            "signal": JSONValue(signal.signal.rawValue), "signal_name": .string(signal.signal.name),
            "code": JSONValue(signal.code.rawValue), "code_name": .string(signal.code.name),
            "claimed_pid": JSONValue(signal.claimedPID), "sender_uid": JSONValue(signal.senderUID),
            "result": .string(Self.snake(String(describing: signal.result))),
            "disposition": .string(Self.snake(String(describing: signal.disposition))),
            "origin": .string(Self.snake(String(describing: signal.origin))),
        ]
    }

    /// `onBehalf` as `on_behalf`.
    private static func snake(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
    }

    private func members(_ change: SocketChange) -> Members {
        [
            "step": .string(String(describing: change.step)), "transport": .string(change.endpoint.transport.name),
            "family": JSONValue(change.endpoint.family.rawValue), "endpoint": .string(change.endpoint.description),
            "port": JSONValue(change.endpoint.port), "network_namespace": JSONValue(change.endpoint.networkNamespace),
            "uid": JSONValue(change.uid),
        ]
    }

    private func members(_ change: CgroupChange) -> Members {
        switch change {
        case .made(let id, let parent, let name):
            [
                "step": .string("made"), "changed_cgroup": .unsigned(id.rawValue),
                "parent_cgroup": .unsigned(parent.rawValue),
                "name": .string(name),
            ]
        case .removed(let id):
            ["step": .string("removed"), "changed_cgroup": .unsigned(id.rawValue), "parent_cgroup": nil, "name": nil]
        case .moved: ["step": .string("moved"), "changed_cgroup": nil, "parent_cgroup": nil, "name": nil]
        }
    }

    private func members(_ seen: ProcessSeen) -> Members {
        [
            "parent": JSONValue(seen.parent.map(processJSON)), "inner_pid": JSONValue(seen.innerPID),
            "uid": JSONValue(seen.uid), "comm": .string(seen.comm), "image": JSONValue(seen.image.map(image)),
            "kernel_thread": .flag(seen.isKernelThread),
        ]
    }

    private func members(_ host: Host) -> Members {
        [
            "name": .string(host.name), "machine_id": .string(host.machineID), "boot_id": .string(host.bootID),
            "kernel": .string(host.kernel), "wall_offset_ns": .string(String(host.wallOffset.nanoseconds)),
            "collector": processJSON(host.collector), "version": .string(host.version),
        ]
    }

    private func members(_ gap: Gap) -> Members {
        [
            "gap_source": .string(gap.source), "from": times.json(gap.from), "to": times.json(gap.to),
            "lost": .unsigned(gap.lost), "why": .string(gap.why),
        ]
    }
}
