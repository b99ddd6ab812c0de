internal import EventModel

// What managers and the journal say; the format is in RecordType.swift.
extension EventDecoder {
    static func journal(_ body: inout ByteReader) -> Event.Body? {
        guard let flags = body.integer(UInt32.self).map(JournalFlags.init(rawValue:)),
            let writer = body.integer(UInt32.self), let priority = body.integer(UInt32.self),
            let pid = body.integer(Int32.self), let component = body.string(), let messageID = body.string(),
            let message = body.string(), let identifier = body.string(),
            let kind = journalWriter(writer, component, &body)
        else { return nil }
        var entry = JournalEntry(writer: kind, message: message)
        if flags.contains(.writerPID) { entry.writerPID = pid }
        if flags.contains(.messageID) { entry.messageID = messageID }
        if flags.contains(.identifier) { entry.identifier = identifier }
        if flags.contains(.priority) { entry.priority = UInt8(clamping: priority) }
        if flags.contains(.unit) {
            guard let unit = unit(&body) else { return nil }
            entry.unit = unit
        }
        if flags.contains(.invocation) {
            guard let invocation = body.string() else { return nil }
            entry.invocation = invocation
        }
        guard let count = body.integer(UInt32.self) else { return nil }
        // Nothing is reserved for a count: each item must be there, or the record is malformed.
        for _ in 0..<count {
            guard let name = body.string(), let value = body.string() else { return nil }
            entry.fields.append(.init(name: name, value: value))
        }
        return .journal(entry)
    }

    private static func journalWriter(
        _ number: UInt32, _ component: String, _ body: inout ByteReader
    ) -> JournalEntry.Writer? {
        switch number {
        case 1: scope(&body).map { .manager($0) }
        case 2: .kernel
        case 3: .component(component)
        default: .other
        }
    }

    static func unitState(_ body: inout ByteReader) -> Event.Body? {
        guard let unit = unit(&body), let flags = body.integer(UInt32.self).map(UnitFlags.init(rawValue:)),
            let load = body.string(), let active = body.string(), let sub = body.string()
        else { return nil }
        var state = UnitState(unit: unit, load: load, active: active, sub: sub)
        guard invocation(of: &state, flags, &body), settings(of: &state, flags, &body), lists(of: &state, &body) else {
            return nil
        }
        return .unit(state)
    }

    private static func invocation(of state: inout UnitState, _ flags: UnitFlags, _ body: inout ByteReader) -> Bool {
        if flags.contains(.result) {
            guard let result = body.string() else { return false }
            state.result = result
        }
        if flags.contains(.invocation) {
            guard let invocation = body.string() else { return false }
            state.invocation = invocation
        }
        if flags.contains(.main) {
            guard let start = body.integer(UInt64.self), let pid = body.integer(Int32.self) else { return false }
            state.main = ProcessKey(pid: pid, start: BootTime(nanoseconds: start))
        }
        if flags.contains(.mainStatus) {
            guard let status = body.integer(UInt32.self) else { return false }
            state.mainStatus = ExitStatus(rawValue: status)
        }
        if flags.contains(.mainEndedAt) {
            guard let ended = body.integer(UInt64.self) else { return false }
            state.mainEndedAt = BootTime(nanoseconds: ended)
        }
        return true
    }

    private static func settings(of state: inout UnitState, _ flags: UnitFlags, _ body: inout ByteReader) -> Bool {
        if flags.contains(.restartPolicy) {
            guard let policy = body.string() else { return false }
            state.restartPolicy = policy
        }
        if flags.contains(.job) {
            guard let job = body.integer(UInt32.self) else { return false }
            state.job = job
        }
        if flags.contains(.memoryMax) {
            guard let limit = body.integer(UInt64.self) else { return false }
            state.memoryMax = limit
        }
        if flags.contains(.oomScoreAdjustment) {
            guard let adjustment = body.integer(Int32.self) else { return false }
            state.oomScoreAdjustment = adjustment
        }
        if flags.contains(.watchdog) {
            guard let watchdog = body.integer(UInt64.self) else { return false }
            state.watchdog = Interval(nanoseconds: watchdog)
        }
        if flags.contains(.cgroup) {
            guard let cgroup = body.string() else { return false }
            state.cgroup = cgroup
        }
        if flags.contains(.type) {
            guard let type = body.string() else { return false }
            state.type = type
        }
        return true
    }

    private static func lists(of state: inout UnitState, _ body: inout ByteReader) -> Bool {
        guard let restarts = body.integer(UInt32.self), let files = list(&body), let count = body.integer(UInt32.self)
        else { return false }
        state.restarts = restarts
        state.files = files
        for _ in 0..<count {
            guard let number = body.integer(UInt32.self), let other = body.string() else { return false }
            // A kind that a later version added says nothing here.
            guard let kind = UInt8(exactly: number).flatMap(UnitState.Relation.Kind.init(rawValue:)) else { continue }
            state.relations.append(.init(kind: kind, other: other))
        }
        return true
    }

    static func job(_ body: inout ByteReader) -> Event.Body? {
        guard let unit = unit(&body), let id = body.integer(UInt32.self), let step = body.integer(UInt32.self),
            let hasType = body.integer(UInt32.self), let type = body.string(), let result = body.string()
        else { return nil }
        return .job(
            JobChange(
                unit: unit, id: id, type: hasType == 0 ? nil : type,
                step: step == 0 ? .queued : .removed(result: result)))
    }

    static func unitFile(_ body: inout ByteReader) throws(MalformedRecord) -> Event.Body? {
        guard let number = body.integer(UInt32.self), let isOfOne = body.integer(UInt32.self), let scope = scope(&body),
            let writer = body.integer(Int32.self), let path = body.string()
        else { return nil }
        guard let step = UInt8(exactly: number).flatMap(UnitFileChange.Step.init(rawValue:)) else {
            throw MalformedRecord(type: UserRecordType.unitFile.rawValue, reason: .value)
        }
        var change = UnitFileChange(path: path, step: step, manager: isOfOne == 0 ? nil : scope, writer: writer)
        // Older records end here, or go on with zeros that fill them up: nothing of that is known.
        let flags = UnitFileFlags(rawValue: body.integer(UInt32.self) ?? 0)
        if flags.contains(.settings) {
            guard let settings = memorySettings(&body) else { return nil }
            change.settings = settings
        }
        if flags.contains(.settingsBefore) {
            guard let settings = memorySettings(&body) else { return nil }
            change.settingsBefore = settings
        }
        return .unitFile(change)
    }

    private static func memorySettings(_ body: inout ByteReader) -> MemorySettings? {
        guard let max = memoryAmount(&body), let limit = memoryAmount(&body), let high = memoryAmount(&body) else {
            return nil
        }
        return MemorySettings(max: max, limit: limit, high: high)
    }

    /// Nil where it is malformed.
    private static func memoryAmount(_ body: inout ByteReader) -> MemorySettings.Amount?? {
        guard let form = body.integer(UInt32.self), let bytes = body.integer(UInt64.self) else { return nil }
        switch form {
        case 0: return .some(.none)
        case 1: return .some(.some(.bytes(bytes)))
        case 2: return .some(.some(.unlimited))
        case 3: return .some(.some(.share))
        default: return nil
        }
    }

    private static func scope(_ body: inout ByteReader) -> ManagerScope? {
        guard let isUser = body.integer(UInt32.self), let uid = body.integer(UInt32.self) else { return nil }
        return isUser == 0 ? .system : .user(uid)
    }

    private static func unit(_ body: inout ByteReader) -> UnitID? {
        guard let scope = scope(&body), let name = body.string() else { return nil }
        return UnitID(manager: scope, name: name)
    }

    static func list(_ body: inout ByteReader) -> [String]? {
        guard let count = body.integer(UInt32.self) else { return nil }
        var list: [String] = []
        for _ in 0..<count {
            guard let text = body.string() else { return nil }
            list.append(text)
        }
        return list
    }
}
