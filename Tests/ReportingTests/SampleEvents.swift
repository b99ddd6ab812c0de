import Attribution
import EventModel
import Reporting

extension Sample {
    private static let bash = ProcessKey(pid: 4300, start: at(10_810.1))
    private static let pkill = ProcessKey(pid: 4310, start: at(10_811.9))
    private static let worker = ProcessKey(pid: 2210, start: at(400))

    private static func event(_ process: ProcessKey?, _ body: Event.Body) -> Event {
        Event(time: at(10_812.122), source: .bpf, process: process, cgroup: CgroupID(rawValue: 7_001), body: body)
    }

    /// One of every kind.
    static let events: [Event] = [
        event(nil, .host(host)),
        event(nil, .clock(wallOffset)),
        event(nil, .source(SourceStatus(name: "bpf:exec", state: .active, why: "tp_btf"))),
        event(bash, .fork(Fork(child: pkill, childInnerPID: 17, childParentPID: 4300, uid: 1000))),
        event(
            pkill,
            .exec(
                Exec(
                    image: ExecImage(
                        path: "/usr/bin/pkill", exe: "/usr/bin/pgrep",
                        argv: ArgumentVector(words: ["pkill", "-9", poison]),
                        markers: [EnvironmentMarker(name: "AI_AGENT", value: poison)], cwd: "/"), parentPID: 4300,
                    uid: 1000))),
        event(
            pkill,
            .exec(
                Exec(
                    image: ExecImage(
                        path: "/x", argv: ArgumentVector(head: [120, 0], tail: [0xff, 0], totalBytes: 30_000)),
                    parentPID: 1, uid: 0, formerThread: 4311, environmentIncomplete: true))),
        event(
            pkill,
            .exec(Exec(image: ExecImage(path: poison, argv: ArgumentVector(isUnreadable: true)), parentPID: 1, uid: 0))),
        event(
            pkill,
            .signal(
                SignalSent(
                    target: worker, targetThread: 2210, signal: .kill, code: .user, claimedPID: 4310, origin: .process))
        ),
        event(
            nil,
            .signal(
                SignalSent(
                    target: worker, targetThread: 2210, signal: Signal(rawValue: 40), code: SignalCode(rawValue: 3),
                    result: .alreadyPending, disposition: .handler, origin: .onBehalf))),
        event(worker, .exit(Exit(status: .signal(.kill), maxRSSKiB: 204_800))),
        event(worker, .exit(Exit(status: nil))),
        event(bash, .oomVictim(OOMVictim(victim: worker, anonymousKiB: .max, oomScoreAdjustment: 200))),
        event(
            bash,
            .oomVictim(
                OOMVictim(
                    victim: worker, anonymousKiB: 4096, swapKiB: 7, pageTableKiB: 60,
                    scope: .cgroup(
                        .init(
                            cgroup: CgroupID(rawValue: 31), name: poison, limitKiB: 65_536, usageKiB: 65_500, ooms: 2)))
            )),
        event(
            nil,
            .hostSample(
                HostSample(
                    reason: .activity, cpu: Stall(some10: 1_234, full10: 0, someTotal: 9, fullTotal: 0),
                    memory: Stall(some10: 4_500, full10: 1_200, someTotal: .max, fullTotal: 7),
                    amounts: .init(total: 2_097_152, available: 51_200, swapTotal: 0, swapFree: 0), cpus: 8))),
        event(
            nil,
            .cgroupSamples(
                CgroupSamples(
                    reason: .limit,
                    entries: [
                        CgroupUsage(
                            cgroup: CgroupID(rawValue: 7_001), memory: 4_096, limit: 8_192,
                            events: .init(high: 1, max: 2, oom: 3, oomKill: 4), cpu: 5, io: .init(read: 6, written: 7))
                    ], omitted: 1))),
        event(
            nil,
            .processSamples(
                ProcessSamples(
                    reason: .oom, scope: CgroupID(rawValue: 31),
                    entries: [
                        ProcessUsage(
                            process: worker, anonymousKiB: 40_960, sharedKiB: 64, cpu: 1_000, waited: 250,
                            oomScoreAdjustment: 200, isInScope: true)
                    ], unlisted: 12, unlistedKiB: 300, unvisited: 2))),
        event(
            nil,
            .processHoldings(
                ProcessHoldings(
                    entries: [
                        ProcessHolding(
                            process: worker, residentKiB: 831_488, swapKiB: 24_576,
                            descriptors: OpenDescriptors(
                                count: 4_096, sockets: 14, pipes: 2, files: 4_010, deletedFiles: 3, isCut: true)),
                        ProcessHolding(
                            process: bash, residentKiB: 3_072, swapKiB: 0,
                            descriptors: OpenDescriptors(count: 1, files: 1)),
                    ], omitted: 2))),
        event(
            nil,
            .oomDump(
                OOMDump(
                    victimPID: 2210, scope: .cgroup(name: poison), took: .milliseconds(3),
                    entries: [
                        .init(
                            pid: 2210, anonymousKiB: 40_960, fileKiB: 512, sharedKiB: 64, swapKiB: 8, pageTableKiB: 200,
                            oomScoreAdjustment: 200)
                    ], unlisted: 1, unlistedKiB: 300))),
        event(
            bash,
            .unitFile(
                UnitFileChange(
                    path: "/etc/systemd/system/web.service.d/\(poison).conf", step: .written, manager: .user(1000),
                    writer: 4300, settings: MemorySettings(max: .bytes(64 << 20), high: .share),
                    settingsBefore: MemorySettings(max: .bytes(1 << 30))))),
        event(
            bash,
            .socket(
                SocketChange(
                    step: .listening,
                    endpoint: Endpoint(
                        family: .ipv4, address: [127, 0, 0, 1], port: 8080, transport: .tcp, networkNamespace: 9)))),
        event(
            bash,
            .socket(
                SocketChange(step: .attempt, endpoint: Endpoint(family: .ipv6, address: [], port: 0, transport: .udp)))),
        event(
            bash,
            .unixSocket(
                UnixSocketChange(
                    step: .nameless, address: UnixAddress(name: poison, place: 27), socket: 42, changedAt: at(10_812)))),
        event(nil, .cgroup(.made(CgroupID(rawValue: 9), parent: CgroupID(rawValue: 1), name: poison))),
        event(nil, .cgroup(.removed(CgroupID(rawValue: 9)))),
        event(bash, .cgroup(.moved)),
        event(
            worker,
            .seen(
                ProcessSeen(
                    parent: bash, innerPID: 3, uid: 990, comm: "worker",
                    image: ExecImage(path: "/srv/worker", argv: ArgumentVector(words: ["worker", "--queue"]))))),
        event(worker, .seen(ProcessSeen(parent: nil, uid: 0, comm: "kthreadd", isKernelThread: true))),
        event(nil, .gap(Gap(source: "bpf:exec", from: at(1), to: at(2.5), lost: 12, why: poison))),
        event(nil, .configuration("watch: {}\n")),
        event(nil, .unrecognised(type: 99)),
    ]

    static var forest: AgentForest {
        let bash = process(4300, "bash", ["bash", "-c", "npm test"], start: 10_810.1, parent: 4100, agent: claude)
        let node = process(4301, "node", ["node", "vitest", "run"], start: 10_810.2, parent: 4300, agent: claude)
        let gone = process(
            4302, "node", ["node", poison], start: 10_810.3, parent: 4301, exit: ended(10_811, .signal(.kill)),
            agent: claude)
        let sleep = process(
            4303, "sleep", ["sleep", "9"], start: 10_810.4, parent: 4300, exit: ended(10_811, .code(1)), agent: claude)
        let inner = process(4304, "codex", ["codex", "exec"], start: 10_811, parent: 4100, agent: codex)
        return AgentForest(
            [
                (codexRoot, nil), (sleep, bash.key), (claudeRoot, nil), (bash, claudeRoot.key), (gone, node.key),
                (node, bash.key), (inner, claudeRoot.key),
            ], wallOffset: wallOffset)
    }

    static let doctor = DoctorReport(
        host: [
            DoctorReport.Fact(name: "kernel", value: "6.18.9-cloud-amd64"),
            DoctorReport.Fact(name: "cgroups", value: "hybrid"),
            DoctorReport.Fact(name: "btf", value: "yes"), DoctorReport.Fact(name: poison, value: poison),
        ],
        sources: sources + [
            SourceStatus(name: "bpf:bind", state: .missing, why: "post_bind4: no cgroup v2 root"),
            SourceStatus(
                name: "bpf:manager", state: .degraded, why: "fentry/unix_stream_sendmsg instead of sock_send_length"),
        ],
        advice: [
            "Mount the unified cgroup hierarchy (systemd.unified_cgroup_hierarchy=1): without it nobody sees who holds a port, "
                + "and port conflicts end as `unknown`.",
            "Raise RLIMIT_MEMLOCK to 64 MiB.",
        ])
}
