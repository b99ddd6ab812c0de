import Attribution
import EventModel
import IncidentDetection

/// The vocabulary of the sample incidents: a boot of its own, and times in seconds since it.
enum Sample {
    static let bootID = "6f0c1a52-8d0e-4b43-9a55-0c7f2d1e4b90"
    /// Boot was at 2026-11-21T01:40:00Z.
    static let wallOffset = WallOffset(nanoseconds: 1_795_225_200_000_000_000)
    static let host = Host(
        name: "build-7", machineID: "0123456789abcdef0123456789abcdef", bootID: bootID, kernel: "6.18.9-cloud-amd64",
        wallOffset: wallOffset, collector: ProcessKey(pid: 700, start: .zero + .seconds(30)), version: "0.1.0")

    static func at(_ seconds: Double) -> BootTime { BootTime(nanoseconds: UInt64(seconds * 1e9)) }

    static let claude = AgentDescription(
        name: "claude-code", sessionID: "7f1c9a3e-52b1-4b0e-9d52-1f7a8f0f3c11", recognisedBy: ["env", "exe"])
    static let codex = AgentDescription(name: "codex", recognisedBy: ["exe"])

    static func process(
        _ pid: Int32, _ comm: String, _ argv: [String], start: Double, parent: Int32? = nil, unit: String? = nil,
        uid: UInt32? = 1000, exit: ProcessDescription.Ending? = nil, agent: AgentDescription? = nil,
        seenBy: Source = .bpf,
        inner: Int32? = nil
    ) -> ProcessDescription {
        ProcessDescription(
            key: ProcessKey(pid: pid, start: at(start)), bootID: bootID, parentPID: parent, comm: comm,
            exe: "/usr/bin/" + comm, argv: argv, cwd: "/home/dev/project", uid: uid, unit: unit,
            cgroup: unit.map { "/system.slice/" + $0 }, exit: exit, agent: agent, seenBy: seenBy, namespacedPID: inner)
    }

    static func ended(_ seconds: Double, _ status: ExitStatus?) -> ProcessDescription.Ending {
        ProcessDescription.Ending(at: at(seconds), status: status)
    }

    static let sources = ["bpf:fork", "bpf:exec", "bpf:exit", "bpf:signal", "bpf:oom", "procfs"].map {
        SourceStatus(name: $0, state: .active, why: "tp_btf")
    }
    static let complete = Completeness(lostEvents: 0, gaps: [], sources: sources)

    static let claudeRoot = process(
        4100, "claude", ["claude", "--resume"], start: 9_000.25, parent: 3900, unit: "session-4.scope", agent: claude)
    static let codexRoot = process(
        5200, "codex", ["codex", "exec", "run the tests"], start: 10_000, parent: 3901, unit: "session-5.scope",
        agent: codex)
}
