import EventModel
import IncidentDetection

/// The manager stopped the subject, waited as long as it does (TimeoutStopSec=), and killed it. Whoever had it stopped is
/// the culprit all the same: this adds to a finding that the end was not a clean one, and whose use of what it waited for
/// may be why.
enum StopTimeout {
    static let id = "stop-timeout.own"
    private static let contention = "stop-timeout.contention"
    /// A kill that follows at once is a second request, and no patience that ran out.
    private static let least = Interval.seconds(1)
    /// What stops a unit in order.
    static let stopped: [Mechanism] = [.managerRequest, .dependency, .scheduled, .hostShutdown]

    static func note(_ disruption: DisruptionCase, _ finding: inout Finding) {
        guard stopped.contains(finding.mechanism), disruption.disruption.status?.signal == .kill,
            let unit = disruption.unit, let stop = disruption.unitStop,
            let victim = disruption.victim,
            let kill = disruption.managerSignals(to: victim, of: unit, until: disruption.disruption.at).last,
            kill.signal.signal == .kill, kill.event.time >= stop.at + least,
            disruption.killCalls(for: unit, kill).isEmpty
        else { return }
        let waited = Int(stop.at.distance(to: kill.event.time).seconds.rounded())
        let name = disruption.subject.name
        finding.evidence.append(.signal(kill.event, kill.signal, disruption))
        var note = "\(name) had not stopped \(waited) s later, and the manager killed it."
        if let starvation = disruption.starvation(
            from: stop.at, to: kill.event.time, isUsualWork: false)
        {
            finding.furtherRules.append(contention)
            note += " " + blame(starvation, at: kill.event.time, disruption, &finding)
            finding.alternatives.append(
                disruption.alternative(
                    starvation.foremost.process,
                    "\(name) was to be stopped whoever else was at work; that it was killed in the end may be for want of "
                        + starvation.contention.name, .resourceContention))
        } else {
            finding.furtherRules.append(id)
        }
        finding.add(note: note)
    }

    /// Adds how short it was and of what, and says who used most of it: they are not said to have had no part in it.
    static func blame(
        _ starvation: Starvation, at time: BootTime, _ disruption: DisruptionCase, _ finding: inout Finding
    ) -> String {
        finding.evidence += ContentionRule.evidence(starvation, disruption, at: time)
        finding.suspects.append(starvation.foremost.process)
        let who = disruption.name(starvation.foremost.process, at: time)
        let (name, own) = (starvation.contention.name, Starvation.percent(starvation.own))
        return "It waited for \(name) at least \(own) of that time, "
            + "while \(who) and what else is in its tree \(starvation.use)."
    }
}
