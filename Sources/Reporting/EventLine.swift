public import EventModel

/// Lines of `culprit live`, one an event.
public struct EventLine {
    var times: WallClock
    let bootID: String
    let name: (ProcessKey) -> String?

    /// - `wallOffset`: in force now; set `wallOffset` anew when a clock event says that it moved.
    /// - `name`: the name (comm) that a process has at this moment, nil where it is not known.
    public init(wallOffset: WallOffset, bootID: String, name: @escaping (ProcessKey) -> String?) {
        times = WallClock(offset: wallOffset)
        self.bootID = bootID
        self.name = name
    }

    public var wallOffset: WallOffset {
        get { times.offset }
        set { times.offset = newValue }
    }

    /// `04:40:12.123456 signal     bash(4300) SIGKILL to prod(4242) …`, without a newline; everything from outside escaped.
    /// Words of argv go up to `columns` columns.
    public func text(_ event: Event, columns: Int = 160) -> String {
        let who: VisibleText = event.process.map { " \(process($0))" } ?? ""
        let type = VisibleText(escaping: Self.type(event.body)).padded(to: 13)
        let line: VisibleText =
            "\(times.wall(event.time).preciseTimeText) \(type)\(who) \(details(event.body, columns))"
        return line.text
    }

    /// One JSON object without a newline: `type` first, then what every event has, then all fields of its body.
    public func json(_ event: Event) -> String {
        let common: [JSONValue.Member] = [
            .init(name: "type", value: .string(Self.type(event.body))),
            .init(name: "time", value: times.json(event.time)),
            .init(name: "boot_ns", value: JSONValue(counter: event.time)),
            .init(name: "source", value: .string(event.source.name)),
            .init(name: "process", value: JSONValue(event.process.map(processJSON))),
            .init(name: "thread", value: JSONValue(event.thread)),
            .init(name: "cgroup", value: .unsigned(event.cgroup.rawValue)),
        ]
        return JSONValue.object(common + members(event.body)).compact
    }

    /// `bash(4300)`.
    func process(_ key: ProcessKey) -> VisibleText {
        "\(name(key).map { VisibleText(escaping: $0, columns: 24) } ?? "?")(\(key.pid))"
    }

    func processJSON(_ key: ProcessKey) -> JSONValue {
        [
            "id": .string(IncidentJSON.identity(key, bootID: bootID)), "pid": JSONValue(key.pid),
            "start_ns": JSONValue(counter: key.start), "comm": JSONValue(name(key)),
        ]
    }

    /// The event's type as it is written everywhere.
    static func type(_ body: Event.Body) -> String {
        switch body {
        case .fork: "fork"
        case .exec: "exec"
        case .exit: "exit"
        case .signal: "signal"
        case .oomVictim: "oom-victim"
        case .socket: "socket"
        case .cgroup: "cgroup"
        case .seen: "seen"
        case .host: "host"
        case .clock: "clock"
        case .source: "source"
        case .gap: "gap"
        case .configuration: "configuration"
        case .managerMessage: "message"
        case .journal: "journal"
        case .unit: "unit"
        case .job: "job"
        case .unitFile: "unit-file"
        case .hostSample: "host-sample"
        case .cgroupSamples: "cgroup-samples"
        case .processSamples: "process-samples"
        case .processHoldings: "process-holdings"
        case .oomDump: "oom-dump"
        case .registration: "registration"
        case .unixSocket: "unix-socket"
        case .unrecognised: "unrecognised"
        }
    }
}
