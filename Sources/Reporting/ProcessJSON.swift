import Attribution
import EventModel

/// Turns the collector's moments into wall-clock time for display.
struct WallClock {
    var offset: WallOffset

    func wall(_ time: BootTime) -> WallTime { offset.wall(time) }

    func json(_ time: BootTime) -> JSONValue { .string(wall(time).rfc3339) }
}

// PROCESS and AGENT of the contract.
extension IncidentJSON {
    static func process(_ process: ProcessDescription, _ times: WallClock) -> JSONValue {
        [
            "id": .string(identity(process.key, bootID: process.bootID)), "pid": JSONValue(process.key.pid),
            "ppid": JSONValue(process.parentPID), "comm": .string(process.comm), "exe": JSONValue(process.exe),
            "argv": JSONValue(strings: process.argv), "argv_truncated": .flag(process.argvTruncated),
            "cwd": JSONValue(process.cwd), "uid": JSONValue(process.uid), "unit": JSONValue(process.unit),
            "cgroup": JSONValue(process.cgroup), "start_time": times.json(process.key.start),
            "exit": JSONValue(process.exit.map { ending($0, times) }), "agent": JSONValue(process.agent.map(agent)),
            "seen_by": .string(process.seenBy.name), "namespaced_pid": JSONValue(process.namespacedPID),
        ]
    }

    /// `BOOTID:STARTNS:PID`.
    static func identity(_ key: ProcessKey, bootID: String) -> String {
        "\(bootID):\(key.start.nanoseconds):\(key.pid)"
    }

    private static func ending(_ ending: ProcessDescription.Ending, _ times: WallClock) -> JSONValue {
        [
            "at": times.json(ending.at), "code": JSONValue(ending.status?.code),
            "signal": JSONValue(ending.status?.signal?.rawValue),
            "core_dumped": .flag(ending.status?.coreDumped ?? false),
        ]
    }

    static func agent(_ agent: AgentDescription) -> JSONValue {
        [
            "name": .string(agent.name), "session_id": JSONValue(agent.sessionID),
            "recognised_by": JSONValue(strings: agent.recognisedBy),
        ]
    }
}
