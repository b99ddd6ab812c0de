import EventModel
import IncidentDetection

extension Finding.Observation {
    /// Somebody's call to a manager or to logind.
    static func call(_ call: ManagerCalls.Call, _ disruption: DisruptionCase) -> Self {
        var data: [String: Evidence.Value] = ["verb": .text(call.request.verb.rawValue)]
        if !call.request.units.isEmpty { data["units"] = .text(call.request.units.joined(separator: " ")) }
        if let job = call.jobs.first { data["job_id"] = .integer(Int64(job)) }
        if case .refused(let error) = call.answer { data["error"] = .text(error) }
        return Finding.Observation(
            at: call.at, source: call.event.source, kind: "manager-call",
            text: "\(disruption.name(call.caller, at: call.at)) \(call.deed)\(answer(call))", process: call.caller,
            data: data)
    }

    private static func answer(_ call: ManagerCalls.Call) -> String {
        switch call.answer {
        case .jobs(let jobs): "; the manager made it job \(jobs.map(String.init).joined(separator: ", "))"
        case .refused(let error): "; refused: \(error)"
        case .done: "; it was done"
        case .unseen: "; no answer was seen"
        }
    }

    /// A job that ends the unit.
    static func job(_ job: UnitJobs.Job, _ disruption: DisruptionCase) -> Self {
        let type = job.type.map { "\($0) " } ?? ""
        return Finding.Observation(
            at: job.stoppingAt ?? job.knownAt, source: job.stoppingAt == nil ? .systemd : .journal, kind: "job",
            text: job.stoppingAt == nil
                ? "\(type)job \(job.id) for \(job.unit.name)"
                : "the manager stops \(job.unit.name) for \(type)job \(job.id)",
            data: ["job_id": .integer(Int64(job.id)), "job_type": .text(job.type ?? "")])
    }
}

extension ManagerCalls.Call {
    /// `asked the system manager to restart prod.service`
    var deed: String {
        let whom =
            switch request.manager {
            case .user(let uid): "user \(uid)'s manager"
            default: request.verb.isOfLogin ? "logind" : "the system manager"
            }
        return "asked \(whom) to \(request.deed)"
    }
}

extension ManagerCall {
    /// `restart prod.service`, `send SIGKILL to prod.service`, `daemon-reload`.
    var deed: String {
        let named = units.prefix(3).joined(separator: ", ") + (units.count > 3 ? " and \(units.count - 3) more" : "")
        switch verb {
        case .kill: return "send \(signal?.name ?? "a signal") to \(named)"
        case .killUser, .killSession: return "send \(signal?.name ?? "a signal") to \(login)"
        case .terminateUser, .terminateSession, .terminateSeat: return "terminate \(login)"
        case .reloadManager: return "read its configuration again (daemon-reload)"
        case .powerOff: return "power the host off"
        default:
            let plain = verb.rawValue.replacing("-", with: " ")
            return (named.isEmpty ? plain : "\(plain) \(named)") + (mode == "isolate" ? ", and to stop all else" : "")
        }
    }

    private var login: String {
        if let user { return "user \(user)" }
        return session.map { $0.isEmpty ? "its own session" : "session \($0)" } ?? "its own session"
    }
}

extension ManagerCall.Verb {
    var isOfLogin: Bool {
        switch self {
        case .terminateSession, .terminateUser, .terminateSeat, .killSession, .killUser, .setLinger, .scheduleShutdown,
            .cancelShutdown:
            true
        default: false
        }
    }
}

extension Finding.Observation {
    /// What the manager, or another part of the system, logged.
    static func journal(_ event: Event, _ disruption: DisruptionCase) -> Self {
        guard case .journal(let entry) = event.body else {
            return Finding.Observation(at: event.time, source: event.source, kind: "journal", text: "")
        }
        var data: [String: Evidence.Value] = [:]
        for field in entry.fields.prefix(16) { data[field.name.lowercased()] = .text(field.value) }
        return Finding.Observation(
            at: event.time, source: event.source, kind: "journal",
            text: "\(entry.identifier ?? "journal"): \(entry.message)", process: nil, data: data)
    }
}
