import EventModel
import ProcessTracking
import UnitTracking

// A unit that lives on may still have lost something: a process of it, other than the main one, ended by a signal.
extension UnitDetector {
    private static let mostWorkers = 16

    /// One that exits by itself, that its own unit ended, or that ended as shells end their children, is no loss.
    mutating func lookForWorker(_ event: Event, _ exit: Exit, _ around: Surroundings) {
        guard let key = event.process, let status = exit.status, let signal = status.signal else { return }
        let sent = senders.take(signal, to: key)
        guard !Self.isOrdinary(signal, sent), let process = around.processes[key], process.tag == 0,
            around.units.main(key) == nil, let id = around.cgroups.unitID(of: process.cgroup),
            let unit = around.units[id], let latest = unit.latest, latest.end == nil, latest.stoppingAt == nil,
            latest.upAt != nil, scope.isWatched(unit, around), !around.isWatched(key),
            !sent.contains(where: { isOwn($0, of: id, around) })
        else { return }
        if episodes[id] == nil { open(id) }
        let worker = UnitFacts.Worker(process: process.key, at: event.time, status: status)
        guard episodes[id]?.workers.count ?? Self.mostWorkers < Self.mostWorkers else { return }
        episodes[id]?.workers.append(worker)
    }

    /// A pipe whose reader is gone, an alarm that a process set for itself, a key that a person pressed.
    private static func isOrdinary(_ signal: Signal, _ sent: [LethalSignals.Sent]) -> Bool {
        if signal == .pipe || signal.rawValue == 14 { return true }
        return signal.asksToEnd && signal != .terminate && sent.contains { $0.origin == .kernel }
    }

    /// A process of the unit ended another of it, the worker itself excepted: an abort is a crash.
    private func isOwn(_ sent: LethalSignals.Sent, of unit: UnitID, _ around: Surroundings) -> Bool {
        guard sent.origin == .process || sent.origin == .parentDeath, let sender = sent.sender,
            let process = around.processes[sender], process.tag == 0
        else { return false }
        return around.units.unit(of: process, cgroups: around.cgroups) == unit && sent.signal != .abort
    }
}
