import EventModel
import IncidentDetection

/// The subject was started again on request, was not ready as soon as it has to be (TimeoutStartSec=), and the manager
/// ended it. Whoever had it restarted is the culprit all the same: this adds to a finding that its start took too long,
/// and whose use of what it waited for may be why.
enum StartTimeout {
    static let id = "start-timeout.requested"
    private static let contention = "start-timeout.requested-contention"

    static func note(_ disruption: DisruptionCase, _ finding: inout Finding) {
        guard StopTimeout.stopped.contains(finding.mechanism), let victim = disruption.victim,
            disruption.disruption.systemd?.run != nil, let late = disruption.startTimeout
        else { return }
        let name = disruption.subject.name
        finding.evidence += late.evidence
        var note = "\(name) \(late.deed), and the manager ended it."
        if let starvation = disruption.starvation(from: victim.start, to: late.at, isUsualWork: false) {
            finding.furtherRules.append(contention)
            finding.confidence = min(finding.confidence, .likely)
            note += " " + StopTimeout.blame(starvation, at: late.at, disruption, &finding)
            finding.alternatives.append(
                disruption.alternative(
                    starvation.foremost.process,
                    "\(name) was to be restarted whoever else was at work; that it did not come up may be for want of "
                        + starvation.contention.name, .resourceContention))
        } else {
            finding.furtherRules.append(id)
        }
        finding.add(note: note)
    }
}
