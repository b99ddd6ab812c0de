import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

/// An address that a process of the subject was refused, and after which that process ended by itself.
struct RefusedBind {
    var refusal: PortTable.Refusal
    /// Those who held what was in the way, the earliest first; never the process that was refused.
    var holders: [PortHolder]
    /// The process that was refused is the one whose end the disruption is, or failed right before that.
    var ledToTheEnd: Bool
    /// Signs that it lived with that and ended of something else, for a person: `it held 0.0.0.0:80/tcp by then`.
    var doubts: [String]
    /// The unit's own line that says that the address was in use: no other error is meant.
    var said: Event?
}

extension DisruptionCase {
    /// Programs that give up do so at once, or after some seconds of tidying. One that tries again is refused again, and
    /// the last refusal counts (nginx: five times in 2.5 s). What ends later had lived with it.
    static let givesUp = Interval.seconds(5)
    /// Most of those in a row that are looked at.
    private static let mostTried = 64
    /// So soon a main process follows the one of its processes that failed.
    private static let follows = Interval.seconds(2)

    /// The last of them that somebody's holding explains.
    var refusedBind: RefusedBind? {
        let end = disruption.at + Self.logDelay
        return ports.refusals.lazy.reversed().first { refusal in
            refusal.at <= end && refusal.at >= windowStart && isOfSubject(refusal.process)
        }.flatMap { last in
            // Of several addresses that were tried in a row, the one that is held is why.
            ports.refusals.reversed().lazy.filter { refusal in
                refusal.process == last.process && refusal.at >= windowStart && refusal.at <= last.at
            }.prefix(Self.mostTried).compactMap { refusedBind($0) }.first
        }
    }

    private func refusedBind(_ refusal: PortTable.Refusal) -> RefusedBind? {
        guard let (at, status, isMain) = failure(of: refusal.process), refusal.at <= at,
            refusal.at.distance(to: at) <= Self.givesUp
        else { return nil }
        // One that tries again and again is ended when its time to start is over.
        let isGivenUp = isMain && overdue?.kind == .start
        guard isGivenUp || endedByItself(refusal.process, at, status, since: refusal.at) else { return nil }
        let later = ports.taken(by: refusal.process, since: refusal.at, until: at)
        guard !later.contains(where: { $0.endpoint.overlaps(refusal.endpoint) }) else { return nil }
        let holders = holders(against: refusal.endpoint, at: refusal.at).filter { $0.process != refusal.process }
        guard !holders.isEmpty else { return nil }
        let logged = logged(of: refusal)
        guard logged?.reason != .notAllowed else { return nil }
        return RefusedBind(
            refusal: refusal, holders: holders, ledToTheEnd: isMain || status?.code != 0,
            doubts: doubts(refusal, at, status, took: later.first, isGivenUp: isGivenUp),
            said: logged?.line)
    }

    /// The main process, what it made, and what else ran in the unit.
    func isOfSubject(_ process: ProcessKey) -> Bool {
        if isVictim(process) || table.lineage(of: process).contains(where: { isVictim($0.key) }) { return true }
        guard let unit = subject.unit, units.unit(of: process, processes: table, cgroups: cgroups) == unit else {
            return false
        }
        return victim.map { process.start >= $0.start } ?? true
    }

    /// When and how that process of the subject ended, and whether that is the disruption itself.
    func failure(of process: ProcessKey) -> (at: BootTime, status: ExitStatus?, isMain: Bool)? {
        if isVictim(process) { return (disruption.at, disruption.status, true) }
        guard let exit = table[process]?.exit, exit.at <= disruption.at + Self.logDelay,
            exit.at.distance(to: disruption.at) <= Self.follows, exit.status?.code != 0
        else { return nil }
        // The main process may have ended of something else than its child's failure.
        if let victim, !endedByItself(victim, disruption.at, disruption.status, since: exit.at) { return nil }
        return (exit.at, exit.status, false)
    }

    /// By an exit code or its own fault, and nobody had asked it to since.
    func endedByItself(_ process: ProcessKey, _ at: BootTime, _ status: ExitStatus?, since: BootTime) -> Bool {
        let sent = signals(to: process, until: at)
        let asked = sent.contains {
            $0.event.time >= since && $0.signal.tookEffect && $0.signal.origin.hasSender && $0.sender != process
                && ($0.signal.signal.asksToEnd || $0.signal.signal == .kill)
        }
        guard !asked, let status else { return false }
        guard let fatal = status.signal else { return true }
        return sent.contains { $0.signal.signal == fatal && CrashRule.isFault($0, of: process) }
    }
}
