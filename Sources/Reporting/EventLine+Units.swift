import EventModel

// What managers and the journal say, as a line and as fields.
extension EventLine {
    func details(_ message: ManagerMessage, _ columns: Int) -> VisibleText {
        let arguments = message.arguments.map(Self.words).joined(separator: " ")
        let what = message.errorName ?? message.member ?? "reply to \(message.replySerial ?? 0)"
        let text = VisibleText(escaping: arguments.isEmpty ? what : "\(what) \(arguments)", columns: columns)
        let kind = String(describing: message.kind)
        return "\(kind) \(text) on \(VisibleText(escaping: message.address, columns: 60)) serial \(message.serial)"
    }

    private static func words(_ argument: ManagerMessage.Argument) -> String {
        switch argument {
        case .text(let text): text
        case .number(let number): String(number)
        case .flag(let flag): String(flag)
        case .list(let list): list.joined(separator: " ")
        }
    }

    func details(_ entry: JournalEntry, _ columns: Int) -> VisibleText {
        let name = VisibleText(escaping: entry.identifier ?? "?", columns: 24)
        return "\(name): \(VisibleText(escaping: entry.message, columns: columns))"
    }

    func details(_ state: UnitState) -> VisibleText {
        let main: VisibleText = state.main.map { ", main \(process($0))" } ?? ""
        let result: VisibleText = state.result.map { ", Result=\(VisibleText(escaping: $0, columns: 24))" } ?? ""
        return "\(unit(state.unit)) is \(state.active) (\(state.sub))\(main)\(result), NRestarts=\(state.restarts)"
    }

    func details(_ change: UnitFileChange) -> VisibleText {
        let says = change.settings.map { $0.text.isEmpty ? ", nothing of memory" : ", \($0.text)" } ?? ""
        return "\(change.step.name) \(change.path)\(says)"
    }

    func details(_ change: JobChange) -> VisibleText {
        let type = VisibleText(escaping: change.type ?? "unknown", columns: 24)
        switch change.step {
        case .queued: return "\(unit(change.unit)) \(type) job \(change.id) queued"
        case .removed(let result):
            return "\(unit(change.unit)) \(type) job \(change.id) \(VisibleText(escaping: result, columns: 24))"
        }
    }

    private func unit(_ unit: UnitID) -> VisibleText {
        let name = VisibleText(escaping: unit.name, columns: 80)
        return unit.manager.uid.map { "\(name) of user \($0)" } ?? name
    }

    func members(_ message: ManagerMessage) -> Members {
        [
            "kind": .string(String(describing: message.kind)), "serial": JSONValue(message.serial),
            "reply_serial": JSONValue(message.replySerial), "socket": .unsigned(message.socket),
            "peer_socket": .unsigned(message.peerSocket), "peer": JSONValue(message.peer.map(processJSON)),
            "address": .string(message.address), "destination": JSONValue(message.destination),
            "sender": JSONValue(message.sender), "path": JSONValue(message.path),
            "interface": JSONValue(message.interface), "member": JSONValue(message.member),
            "error_name": JSONValue(message.errorName), "arguments": .array(message.arguments.map(Self.json)),
            "from_listener": .flag(message.isFromListener), "cut": .flag(message.isCut),
        ]
    }

    private static func json(_ argument: ManagerMessage.Argument) -> JSONValue {
        switch argument {
        case .text(let text): .string(text)
        case .number(let number): JSONValue(number)
        case .flag(let flag): .flag(flag)
        case .list(let list): JSONValue(strings: list)
        }
    }

    func members(_ entry: JournalEntry) -> Members {
        [
            "writer": .string(Self.name(of: entry.writer)), "writer_pid": JSONValue(entry.writerPID),
            "message_id": JSONValue(entry.messageID), "message": .string(entry.message),
            "identifier": JSONValue(entry.identifier), "priority": JSONValue(entry.priority),
            "unit": JSONValue(entry.unit.map(unitJSON)), "invocation": JSONValue(entry.invocation),
            "fields": .array(entry.fields.map { ["name": .string($0.name), "value": .string($0.value)] }),
        ]
    }

    private static func name(of writer: JournalEntry.Writer) -> String {
        switch writer {
        case .manager(.system): "manager"
        case .manager(.user(let uid)): "manager of user \(uid)"
        case .kernel: "kernel"
        case .component(let name): name
        case .other: "other"
        }
    }

    private func unitJSON(_ unit: UnitID) -> JSONValue {
        [
            "name": .string(unit.name), "manager": .string(unit.manager == .system ? "system" : "user"),
            "uid": JSONValue(unit.manager.uid),
        ]
    }

    func members(_ state: UnitState) -> Members {
        [
            "unit": unitJSON(state.unit), "load": .string(state.load), "active": .string(state.active),
            "sub": .string(state.sub), "service_type": JSONValue(state.type), "result": JSONValue(state.result),
            "invocation": JSONValue(state.invocation),
            "main": JSONValue(state.main.map(processJSON)), "main_code": JSONValue(state.mainStatus?.code),
            "main_signal": JSONValue(state.mainStatus?.signal?.rawValue),
            "main_ended_at": JSONValue(state.mainEndedAt.map(times.json)), "n_restarts": JSONValue(state.restarts),
            "restart_policy": JSONValue(state.restartPolicy), "job": JSONValue(state.job),
            "memory_max": JSONValue(state.memoryMax),
            "oom_score_adj": JSONValue(state.oomScoreAdjustment),
            "watchdog_ns": JSONValue(state.watchdog.map { String($0.nanoseconds) }),
            "control_group": JSONValue(state.cgroup), "files": JSONValue(strings: state.files),
            "relations": .array(
                state.relations.map {
                    ["kind": .string(String(describing: $0.kind)), "other": .string($0.other)]
                }),
        ]
    }

    func members(_ change: UnitFileChange) -> Members {
        [
            "path": .string(change.path), "step": .string(change.step.name), "unit": JSONValue(change.unitName),
            "manager": JSONValue(change.manager.map { $0 == .system ? "system" : "user" }),
            "uid": JSONValue(change.manager?.uid), "writer_pid": JSONValue(change.writer),
            "memory": JSONValue(change.settings?.text), "memory_before": JSONValue(change.settingsBefore?.text),
        ]
    }

    func members(_ change: JobChange) -> Members {
        var result: String?
        if case .removed(let how) = change.step { result = how }
        return [
            "unit": unitJSON(change.unit), "id": JSONValue(change.id), "job_type": JSONValue(change.type),
            "step": .string(change.step == .queued ? "queued" : "removed"), "job_result": JSONValue(result),
        ]
    }
}
