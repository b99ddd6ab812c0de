import EventModel
import ProcessTracking
import UnitTracking

// What else than a refused bind a process may have ended of: some addresses a program can do without.
extension DisruptionCase {
    /// A program that cannot go on without an address ends at once, tidying included.
    private static let atOnce = Interval.seconds(1)
    /// One that tries the same address again waits first, after the last time as well (gunicorn: 1 s, nginx: 0.5 s).
    private static let afterTryingAgain = Interval.milliseconds(1600)

    /// Signs that it lived with the refusal, for a person; none where it did nothing but end. `took` is what it took
    /// afterwards; `at` is its end.
    func doubts(
        _ refusal: PortTable.Refusal, _ at: BootTime, _ status: ExitStatus?, took: PortTable.Holding?, isGivenUp: Bool
    ) -> [String] {
        var doubts: [String] = []
        let lived = refusal.at.distance(to: min(at, table[refusal.process]?.exit?.at ?? at))
        if isGivenUp {
            doubts.append("it was ended when its time to start was over, which may have had another reason")
        } else if lived > (triedAgain(refusal) ? Self.afterTryingAgain : Self.atOnce) {
            doubts.append("it went on for \(Double(lived.nanoseconds / 100_000_000) / 10) s")
        }
        // What it had in a run before, it needs as much as the others.
        let isNeeded = doubts.isEmpty && unitHeld(port: refusal.endpoint.port) { $0.overlaps(refusal.endpoint) }
        if !isNeeded, let held = otherAddress(at: refusal) {
            doubts.append("it had \(held.endpoint.text) by then")
        } else if let took {
            doubts.append("it took \(took.endpoint.text) instead")
        } else if let child = firstChild(of: refusal.process, from: refusal.at, to: at) {
            doubts.append("it started \(name(child)) after that")
        }
        if status?.code == 0 { doubts.append("it ended without an error") }
        return doubts
    }

    private func triedAgain(_ refusal: PortTable.Refusal) -> Bool {
        ports.refusals.contains {
            $0.process == refusal.process && $0.endpoint == refusal.endpoint && $0.at < refusal.at
                && $0.at >= windowStart
        }
    }

    /// What this run of the subject had by then, on another port.
    private func otherAddress(at refusal: PortTable.Refusal) -> PortTable.Holding? {
        let since = victim?.start ?? refusal.process.start
        return ports.holdings(at: refusal.at).first {
            $0.since >= since && $0.endpoint.port != refusal.endpoint.port && isOfSubject($0.holder)
        }
    }

    private func firstChild(of process: ProcessKey, from time: BootTime, to end: BootTime) -> ProcessKey? {
        table.all.filter { $0.creator == process && $0.key.start > time && $0.key.start <= end }.map(\.key)
            .min { ($0.start, $0.pid) < ($1.start, $1.pid) }
    }

    /// Whether a process of the subject's unit held an address of that port, at any time that is remembered.
    func unitHeld(port: UInt16, _ isMeant: (Endpoint) -> Bool) -> Bool {
        guard let unit else { return false }
        return ports.holders(ofPort: port).contains {
            isMeant($0.endpoint) && units.unit(of: $0.holder, processes: table, cgroups: cgroups) == unit
        }
    }
}
