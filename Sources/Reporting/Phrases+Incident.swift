import Attribution
import EventModel
import IncidentDetection

extension Phrases {
    /// `prod.service (system manager)`, `kolu.service (user manager, uid 1000)`.
    static func subject(_ subject: Subject) -> VisibleText {
        let name = VisibleText(escaping: subject.name, columns: 60)
        switch subject.manager {
        case .system: return "\(name) (system manager)"
        case .user: return subject.uid.map { "\(name) (user manager, uid \($0))" } ?? "\(name) (user manager)"
        case nil: return subject.kind == .unit ? name : "\(subject.kind.rawValue) \(name)"
        }
    }

    static func verb(_ kind: Disruption.Kind) -> VisibleText {
        switch kind {
        case .restarted: "restarted"
        case .stopped: "stopped"
        case .killed: "was killed"
        case .failed: "failed"
        case .failedToStart: "failed to start"
        case .degraded: "was degraded"
        case .drained: "was drained"
        }
    }

    /// How a process ended: `exited with code 3`, `was ended by SIGABRT (core dumped)`.
    static func ending(_ status: ExitStatus?) -> VisibleText {
        guard let status else { return "ended, nobody saw how" }
        if let signal = status.signal {
            return "was ended by \(signal.name)\(status.coreDumped ? " (core dumped)" : "")"
        }
        return "exited with code \(status.code ?? 0)"
    }

    /// What became of the subject's main process.
    static func effect(_ disruption: Disruption) -> VisibleText {
        var text = cause(of: disruption)
        if disruption.kind == .degraded, disruption.systemd != nil { return text }
        if let recovered = disruption.recoveredAt {
            let pid: VisibleText = disruption.mainAfter.map { " as pid \($0.pid)" } ?? ""
            text += "\(text.isEmpty ? "" : "; ")ran again after \(length(disruption.at.distance(to: recovered)))\(pid)"
        } else {
            text += "\(text.isEmpty ? "" : "; ")not seen running again"
        }
        return text
    }

    /// Only from what the document holds: a report is the same from a document that was stored.
    private static func cause(of disruption: Disruption) -> VisibleText {
        switch disruption.kind {
        case .failedToStart:
            let how: VisibleText = disruption.status.map { ": what was started \(ending($0))" } ?? ""
            return "its start failed\(how)"
        case .degraded where disruption.systemd != nil:
            let main: VisibleText = disruption.mainBefore.map { "; its main process, pid \($0.pid), lives on" } ?? ""
            return "a process of it \(ending(disruption.status))\(main)"
        default:
            guard let main = disruption.mainBefore else { return "" }
            return "its main process, pid \(main.pid), \(ending(disruption.status))"
        }
    }

    /// What its manager says of it, in one line; empty where nothing is known.
    static func systemd(_ facts: UnitFacts) -> VisibleText {
        var parts: [VisibleText] = []
        if let result = facts.result { parts.append("ended with Result=\(VisibleText(escaping: result, columns: 24))") }
        if let restarts = facts.restarts { parts.append("NRestarts=\(restarts)") }
        if let policy = facts.restartPolicy { parts.append("Restart=\(VisibleText(escaping: policy, columns: 24))") }
        if let id = facts.jobID {
            let type: VisibleText = facts.jobType.map { "\(VisibleText(escaping: $0, columns: 24)) " } ?? ""
            parts.append("\(type)job \(id)")
        }
        return VisibleText(parts, separator: ", ")
    }

    static func ink(_ confidence: Confidence) -> Ink {
        switch confidence {
        case .proven: .good
        case .likely: .plain
        case .possible, .none: .warning
        }
    }

    static func ink(_ outcome: Outcome) -> Ink {
        switch outcome {
        case .agent: .bad
        case .unknown: .warning
        case .operator, .system, .self: .strong
        }
    }

    /// `agent · signal · proven`.
    static func verdict(_ verdict: Verdict) -> VisibleText {
        "\(verdict.outcome.rawValue) · \(verdict.mechanism.rawValue) · \(verdict.confidence.rawValue)"
    }

    /// `claude-code (session 7f1c…)`.
    static func agent(_ agent: AgentDescription) -> VisibleText {
        let name = VisibleText(escaping: agent.name, columns: 40)
        return agent.sessionID.map { "\(name) (session \(VisibleText(escaping: $0, columns: 40)))" } ?? name
    }
}
