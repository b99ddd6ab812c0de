import EventModel
import Foundation
import IncidentDetection
import ProcessTracking
import UnitTracking

/// What a real systemd showed and logged of one act: `Fixtures/README.md` says how it was taken.
struct Capture {
    enum Mode: String, CaseIterable, Sendable {
        case journal, states
        case both = "journal and states"
        case kernelAndStates = "kernel and states"
        case all = "kernel, journal and states"

        var hasJournal: Bool { [.journal, .both, .all].contains(self) }
        var hasStates: Bool { self != .journal }
        var hasKernel: Bool { [.kernelAndStates, .all].contains(self) }
    }

    private typealias Row = [String: String]
    private var rows: [(at: BootTime, row: Row)] = []
    let isUser: Bool

    init(_ name: String, file: String = #filePath) throws {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Fixtures")
        let text = try String(contentsOf: folder.appendingPathComponent("\(name).jsonl"), encoding: .utf8)
        isUser = name.hasPrefix("user-")
        for line in text.split(separator: "\n").dropFirst() {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            let at = (object["at"] as? NSNumber)?.uint64Value ?? 0
            rows.append((BootTime(nanoseconds: at), object.compactMapValues { $0 as? String }))
        }
    }

    private var manager: ManagerScope { isUser ? .user(1000) : .system }

    /// In the order of time; exits as the kernel would tell them, a moment before anybody else could.
    func events(_ mode: Mode, endings: [Int32: (at: BootTime, status: EventModel.ExitStatus)] = [:]) -> [Event] {
        var events: [Event] = []
        for (at, row) in rows {
            if row["from"] == "show", mode.hasStates { events.append(state(row, at)) }
            if row["from"] == "journal", mode.hasJournal { events.append(entry(row, at)) }
        }
        if mode.hasKernel {
            for (pid, ending) in endings {
                guard let start = start(of: pid) else { continue }
                let key = ProcessKey(pid: pid, start: start)
                events.append(
                    Event(
                        time: start, source: .bpf, process: ProcessKey(pid: 1, start: .zero),
                        body: .fork(Fork(child: key, childParentPID: 1, uid: 0))))
                events.append(
                    Event(time: ending.at, source: .bpf, process: key, body: .exit(Exit(status: ending.status))))
            }
        }
        return events.sorted { $0.time < $1.time }
    }

    /// Exact, as the kernel has it; systemd's own stamp is some microseconds later.
    private func start(of pid: Int32) -> BootTime? {
        rows.first { $0.row["ExecMainPID"] == "\(pid)" }.flatMap {
            Self.time($0.row["ExecMainStartTimestampMonotonic"])
        }
        .map { BootTime(nanoseconds: $0.nanoseconds + 17) }
    }

    /// When the line with that message id was logged first.
    func logged(_ id: String) -> BootTime? { rows.first { $0.row["MESSAGE_ID"]?.hasPrefix(id) ?? false }?.at }

    private static func time(_ microseconds: String?) -> BootTime? {
        guard let number = microseconds.flatMap({ UInt64($0) }), number > 0 else { return nil }
        return BootTime(nanoseconds: number * 1000)
    }

    private func state(_ row: Row, _ at: BootTime) -> Event {
        var state = UnitState(
            unit: UnitID(manager: manager, name: row["Id"] ?? ""), active: row["ActiveState"] ?? "",
            sub: row["SubState"] ?? "")
        state.type = row["Type"]
        state.result = row["Result"]
        state.invocation = row["InvocationID"]
        if let pid = row["MainPID"].flatMap({ Int32($0) }), pid > 0 {
            let start = Self.time(row["ExecMainStartTimestampMonotonic"]) ?? .zero
            state.main = ProcessKey(pid: pid, start: BootTime(ticks: start.ticks))
        }
        if let ended = Self.time(row["ExecMainExitTimestampMonotonic"]) {
            state.mainEndedAt = ended
            let number = row["ExecMainStatus"].flatMap { Int32($0) } ?? 0
            state.mainStatus =
                row["ExecMainCode"] == "1" ? .code(UInt8(clamping: number)) : .signal(Signal(rawValue: number))
        }
        state.restarts = row["NRestarts"].flatMap { UInt32($0) } ?? 0
        state.restartPolicy = row["Restart"]
        state.job = row["Job"].flatMap { UInt32($0) }
        return Event(time: at, source: .systemd, body: .unit(state))
    }

    private func entry(_ row: Row, _ at: BootTime) -> Event {
        let isManager = row["_COMM"] == "systemd" && (row["_PID"] == "1" || isUser)
        var entry = JournalEntry(writer: isManager ? .manager(manager) : .other, message: row["MESSAGE"] ?? "")
        entry.messageID = row["MESSAGE_ID"]
        entry.unit = (row["UNIT"] ?? row["USER_UNIT"]).map { UnitID(manager: manager, name: $0) }
        entry.invocation = row["INVOCATION_ID"] ?? row["USER_INVOCATION_ID"]
        entry.fields = row.filter { $0.key == $0.key.uppercased() && !$0.key.hasPrefix("_") }
            .map { .init(name: $0.key, value: $0.value) }.sorted { $0.name < $1.name }
        return Event(time: at, source: .journal, body: .journal(entry))
    }
}

/// The tables and the detector as the pipeline has them.
final class Bench {
    var processes = ProcessTable()
    var cgroups = CgroupTree()
    var units = UnitTable()
    var detector: UnitDetector
    var isWatched: (ProcessKey) -> Bool = { _ in false }
    private(set) var found: [Detected] = []
    private(set) var recoveries: [UnitDetector.Recovery] = []
    private(set) var now = BootTime.zero

    init(_ patterns: [String] = ["*.service"], agents: [String] = []) throws {
        detector = UnitDetector(
            scope: UnitScope(
                patterns: try patterns.map { try UnitPattern($0) }, agentUnits: try agents.map { try Glob($0) }))
    }

    private var around: UnitDetector.Surroundings {
        UnitDetector.Surroundings(units: units, processes: processes, cgroups: cgroups, isWatched: isWatched)
    }

    func take(_ events: [Event]) {
        for event in events { take(event) }
    }

    /// With the clock told in between.
    func take(_ event: Event) {
        if now > .zero, event.time > now { pass(event.time.distance(to: now).nanoseconds / 1_000_000) }
        tell(event)
    }

    private func tell(_ event: Event) {
        now = max(now, event.time)
        cgroups.apply(event)
        processes.apply(event)
        let touched = units.apply(event, processes: processes)
        guard detector.notice(event, touched: touched) else { return }
        found += detector.apply(event, touched: touched, around)
        recoveries += detector.takeRecoveries()
    }

    /// Nothing happens for so long; the clock is told twice a second, as the collector does.
    func pass(_ milliseconds: UInt64) {
        let end = now + .milliseconds(milliseconds)
        while now < end {
            tell(
                Event(
                    time: min(end, now + .milliseconds(500)), source: .collector,
                    body: .clock(WallOffset(nanoseconds: 0))))
        }
    }

    func finish() { found += detector.finish(around) }
}
