internal import EventModel
internal import ProcFS

/// What is known of a unit so far, property by property (org.freedesktop.systemd1(5); systemd 252 to 257).
struct UnitReading {
    private(set) var state: UnitState
    private(set) var mainPID: Int32 = 0
    private var mainCode: Int32 = 0
    private var mainStatus: Int32 = 0
    /// CLOCK_MONOTONIC in microseconds; 0 for never.
    private var mainEnded: UInt64 = 0
    private var relations: [UnitState.Relation.Kind: [String]] = [:]
    private var fragment = ""
    private var dropIns: [String] = []

    /// Longest text that is kept of a property, most items of a list.
    private static let longestText = 1024
    private static let mostItems = 48

    init(_ unit: UnitID) { state = UnitState(unit: unit, load: "", active: "", sub: "") }

    /// What `apply` knows.
    static let properties: Set<String> = Set(setters.keys).union(kinds.keys)

    mutating func apply(_ name: String, _ value: PropertyValue) {
        if let kind = Self.kinds[name] {
            relations[kind] = (value.list ?? []).filter { $0.utf8.count <= 255 }.sorted()
        } else {
            Self.setters[name]?(&self, value)
        }
    }

    private typealias Setter = @Sendable (inout UnitReading, PropertyValue) -> Void

    private static let setters: [String: Setter] = [
        "LoadState": { $0.state.load = short($1.text) ?? "" },
        "ActiveState": { $0.state.active = short($1.text) ?? "" },
        "SubState": { $0.state.sub = short($1.text) ?? "" },
        "Type": { $0.state.type = short($1.text) },
        "Result": { $0.state.result = short($1.text) },
        "InvocationID": { $0.state.invocation = invocation($1) },
        "MainPID": { $0.mainPID = $1.number() ?? 0 },
        "ExecMainCode": { $0.mainCode = $1.number() ?? 0 },
        "ExecMainStatus": { $0.mainStatus = $1.number() ?? 0 },
        "ExecMainExitTimestampMonotonic": { $0.mainEnded = $1.unsigned ?? 0 },
        "NRestarts": { $0.state.restarts = $1.number() ?? 0 },
        "Restart": { $0.state.restartPolicy = short($1.text) },
        "Job": { $0.state.job = $1.number(UInt32.self).flatMap { $0 == 0 ? nil : $0 } },
        "MemoryMax": { $0.state.memoryMax = $1.unsigned.flatMap { $0 == .max ? nil : $0 } },
        "OOMScoreAdjust": { $0.state.oomScoreAdjustment = $1.number() },
        "WatchdogUSec": { $0.state.watchdog = interval($1.unsigned) },
        "ControlGroup": { $0.state.cgroup = short($1.text).flatMap { $0.isEmpty ? nil : $0 } },
        "FragmentPath": { $0.fragment = short($1.text) ?? "" },
        "DropInPaths": { $0.dropIns = ($1.list ?? []).prefix(mostItems).compactMap(short) },
    ]

    private static let kinds: [String: UnitState.Relation.Kind] = [
        "Requires": .requires, "Requisite": .requisite, "BindsTo": .bindsTo, "PartOf": .partOf,
        "Conflicts": .conflicts, "ConflictedBy": .conflictedBy, "Upholds": .upholds,
        "StopPropagatedFrom": .stopPropagatedFrom, "TriggeredBy": .triggeredBy,
    ]

    private static func short(_ text: String?) -> String? {
        text.map { $0.utf8.count <= longestText ? $0 : String($0.prefix(longestText / 4)) + "…" }
    }

    private static func invocation(_ value: PropertyValue) -> String? {
        switch value {
        case .bytes(let bytes) where bytes.count == 16:
            let digits = Array("0123456789abcdef".utf8)
            return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        case .text(let text) where text.utf8.count == 32 && text.utf8.allSatisfy(\.isHexDigit):
            return text.lowercased()
        default: return nil
        }
    }

    /// 0 and USEC_INFINITY are none.
    private static func interval(_ microseconds: UInt64?) -> Interval? {
        guard let microseconds, microseconds > 0, microseconds < .max / 1000 else { return nil }
        return Interval(nanoseconds: microseconds * 1000)
    }

    /// The state as a whole. The main process is looked up at once, while its pid is its own; `mainBefore` is what the
    /// last look gave for the same invocation.
    func finished(
        _ suspended: Interval, before: UnitState?, process: (Int32) -> ProcessKey?
    ) -> UnitState {
        var state = state
        if mainPID > 0 {
            let known = before?.invocation == state.invocation ? before?.main : nil
            state.main = known?.pid == mainPID ? known : process(mainPID)
        }
        state.mainStatus = Self.status(code: mainCode, mainStatus)
        if mainEnded > 0, mainEnded < .max / 1000, state.mainStatus != nil {
            state.mainEndedAt = BootTime(nanoseconds: mainEnded * 1000) + suspended
        }
        state.files = fragment.isEmpty ? dropIns : [fragment] + dropIns
        let kinds = UnitState.Relation.Kind.allCases
        state.relations = Array(
            kinds.lazy.flatMap { kind in (relations[kind] ?? []).map { UnitState.Relation(kind: kind, other: $0) } }
                .prefix(Self.mostItems))
        return state
    }

    /// CLD_EXITED, CLD_KILLED, CLD_DUMPED of waitid(2); 0 while it runs.
    private static func status(code: Int32, _ status: Int32) -> ExitStatus? {
        switch code {
        case 1: .code(UInt8(truncatingIfNeeded: status))
        case 2: .signal(Signal(rawValue: status))
        case 3: .signal(Signal(rawValue: status), coreDumped: true)
        default: nil
        }
    }
}
