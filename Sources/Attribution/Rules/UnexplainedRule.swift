import EventModel
import IncidentDetection
import ProcessTracking

/// Nothing that was recorded explains the end. Says what is known of it, and names nobody.
enum UnexplainedRule: Rule {
    static let id = "unexplained"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        Finding(
            rule: id, mechanism: mechanism(disruption), actor: nil, confidence: .none, act: act(disruption),
            evidence: [.end(of: disruption)])
    }

    private static func mechanism(_ disruption: DisruptionCase) -> Mechanism {
        guard let status = disruption.disruption.status else { return .unknown }
        return status.signal == nil ? .unknown : .signal
    }

    /// Result= says what the manager failed at; `success` says nothing.
    private static func result(_ disruption: DisruptionCase) -> String {
        switch disruption.disruption.systemd?.result {
        case "resources": ": the manager could not set it up (Result=resources)"
        case let result? where result != "success" && !result.isEmpty: " (Result=\(result))"
        default: ""
        }
    }

    private static func act(_ disruption: DisruptionCase) -> String {
        let name = disruption.subject.name
        guard let status = disruption.disruption.status else {
            guard !disruption.hadNoProcess else {
                return "\(name) did not come up, and nothing of it was run\(result(disruption))"
            }
            return "\(name) is gone, and nobody saw how it ended"
        }
        guard let signal = status.signal else {
            return "\(name) exited with code \(status.code ?? 0); whether a signal asked it to was not recorded"
        }
        if disruption.signalsToVictim.contains(where: { $0.signal.signal == signal && $0.signal.origin == .kernel }) {
            return
                "\(name) ended by \(signal.name), which the kernel sent by itself; what made it do so was not recorded"
        }
        return disruption.seesSignals
            ? "\(name) ended by \(signal.name), and no process was seen sending it"
            : "\(name) ended by \(signal.name); who sent it was not recorded, as the kernel's signals are not seen here"
    }
}
