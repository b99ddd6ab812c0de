internal import CEventABI
internal import EventModel

// What managers and the journal say; the format is in RecordType.swift.
extension EventEncoder {
    static func append(_ entry: JournalEntry, of event: Event, to bytes: inout [UInt8]) {
        open(.journal, of: event, in: &bytes)
        append(integer: flags(of: entry).rawValue, to: &bytes)
        append(integer: number(of: entry.writer), to: &bytes)
        append(integer: UInt32(entry.priority ?? 0), to: &bytes)
        append(integer: entry.writerPID ?? 0, to: &bytes)
        if case .component(let name) = entry.writer { append(name, to: &bytes) } else { append("", to: &bytes) }
        append(entry.messageID ?? "", to: &bytes)
        append(entry.message, to: &bytes)
        append(entry.identifier ?? "", to: &bytes)
        if case .manager(let scope) = entry.writer { append(scope, to: &bytes) }
        if let unit = entry.unit { append(unit, to: &bytes) }
        if let invocation = entry.invocation { append(invocation, to: &bytes) }
        let fields = entry.fields.prefix(mostItems)
        append(integer: UInt32(clamping: fields.count), to: &bytes)
        for field in fields {
            append(field.name, to: &bytes)
            append(field.value, to: &bytes)
        }
    }

    private static func flags(of entry: JournalEntry) -> JournalFlags {
        var flags: JournalFlags = []
        if entry.writerPID != nil { flags.insert(.writerPID) }
        if entry.messageID != nil { flags.insert(.messageID) }
        if entry.identifier != nil { flags.insert(.identifier) }
        if entry.priority != nil { flags.insert(.priority) }
        if entry.unit != nil { flags.insert(.unit) }
        if entry.invocation != nil { flags.insert(.invocation) }
        return flags
    }

    private static func number(of writer: JournalEntry.Writer) -> UInt32 {
        switch writer {
        case .other: 0
        case .manager: 1
        case .kernel: 2
        case .component: 3
        }
    }

    static func append(_ change: UnitFileChange, of event: Event, to bytes: inout [UInt8]) {
        open(.unitFile, of: event, in: &bytes)
        append(integer: UInt32(change.step.rawValue), to: &bytes)
        append(integer: UInt32(change.manager == nil ? 0 : 1), to: &bytes)
        append(change.manager ?? .system, to: &bytes)
        append(integer: change.writer, to: &bytes)
        append(change.path, to: &bytes)
        var flags: UnitFileFlags = []
        if change.settings != nil { flags.insert(.settings) }
        if change.settingsBefore != nil { flags.insert(.settingsBefore) }
        append(integer: flags.rawValue, to: &bytes)
        for settings in [change.settings, change.settingsBefore] {
            guard let settings else { continue }
            for amount in [settings.max, settings.limit, settings.high] { append(amount, to: &bytes) }
        }
    }

    private static func append(_ amount: MemorySettings.Amount?, to bytes: inout [UInt8]) {
        let (form, number): (UInt32, UInt64) =
            switch amount {
            case nil: (0, 0)
            case .bytes(let limit): (1, limit)
            case .unlimited: (2, 0)
            case .share: (3, 0)
            }
        append(integer: form, to: &bytes)
        append(integer: number, to: &bytes)
    }

    static func append(_ state: UnitState, of event: Event, to bytes: inout [UInt8]) {
        open(.unit, of: event, in: &bytes)
        append(state.unit, to: &bytes)
        append(integer: flags(of: state).rawValue, to: &bytes)
        for text in [state.load, state.active, state.sub] { append(text, to: &bytes) }
        if let result = state.result { append(result, to: &bytes) }
        if let invocation = state.invocation { append(invocation, to: &bytes) }
        if let main = state.main {
            append(integer: main.start.nanoseconds, to: &bytes)
            append(integer: main.pid, to: &bytes)
        }
        if let status = state.mainStatus { append(integer: status.rawValue, to: &bytes) }
        if let ended = state.mainEndedAt { append(integer: ended.nanoseconds, to: &bytes) }
        if let policy = state.restartPolicy { append(policy, to: &bytes) }
        if let job = state.job { append(integer: job, to: &bytes) }
        if let limit = state.memoryMax { append(integer: limit, to: &bytes) }
        if let adjustment = state.oomScoreAdjustment { append(integer: adjustment, to: &bytes) }
        if let watchdog = state.watchdog { append(integer: watchdog.nanoseconds, to: &bytes) }
        if let cgroup = state.cgroup { append(cgroup, to: &bytes) }
        if let type = state.type { append(type, to: &bytes) }
        appendLists(of: state, to: &bytes)
    }

    private static func appendLists(of state: UnitState, to bytes: inout [UInt8]) {
        append(integer: state.restarts, to: &bytes)
        append(list: state.files, to: &bytes)
        let relations = state.relations.prefix(mostItems)
        append(integer: UInt32(clamping: relations.count), to: &bytes)
        for relation in relations {
            append(integer: UInt32(relation.kind.rawValue), to: &bytes)
            append(relation.other, to: &bytes)
        }
    }

    private static func flags(of state: UnitState) -> UnitFlags {
        var flags: UnitFlags = []
        if state.result != nil { flags.insert(.result) }
        if state.invocation != nil { flags.insert(.invocation) }
        if state.main != nil { flags.insert(.main) }
        if state.mainStatus != nil { flags.insert(.mainStatus) }
        if state.mainEndedAt != nil { flags.insert(.mainEndedAt) }
        if state.restartPolicy != nil { flags.insert(.restartPolicy) }
        if state.job != nil { flags.insert(.job) }
        if state.memoryMax != nil { flags.insert(.memoryMax) }
        if state.oomScoreAdjustment != nil { flags.insert(.oomScoreAdjustment) }
        if state.watchdog != nil { flags.insert(.watchdog) }
        if state.cgroup != nil { flags.insert(.cgroup) }
        if state.type != nil { flags.insert(.type) }
        return flags
    }

    static func append(_ change: JobChange, of event: Event, to bytes: inout [UInt8]) {
        open(.job, of: event, in: &bytes)
        append(change.unit, to: &bytes)
        append(integer: change.id, to: &bytes)
        append(integer: UInt32(change.step == .queued ? 0 : 1), to: &bytes)
        append(integer: UInt32(change.type == nil ? 0 : 1), to: &bytes)
        append(change.type ?? "", to: &bytes)
        if case .removed(let result) = change.step { append(result, to: &bytes) } else { append("", to: &bytes) }
    }

    private static func append(_ scope: ManagerScope, to bytes: inout [UInt8]) {
        append(integer: UInt32(scope == .system ? 0 : 1), to: &bytes)
        append(integer: scope.uid ?? 0, to: &bytes)
    }

    private static func append(_ unit: UnitID, to bytes: inout [UInt8]) {
        append(unit.manager, to: &bytes)
        append(unit.name, to: &bytes)
    }

    static func append(list: [String], to bytes: inout [UInt8]) {
        let list = list.prefix(mostItems)
        append(integer: UInt32(clamping: list.count), to: &bytes)
        for text in list { append(text, to: &bytes) }
    }
}
