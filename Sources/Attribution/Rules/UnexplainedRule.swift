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

    private static func act(_ disruption: DisruptionCase) -> String {
        let name = disruption.subject.name
        guard let status = disruption.disruption.status else {
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
