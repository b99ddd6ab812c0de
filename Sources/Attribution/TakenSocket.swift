import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

/// A UNIX socket's name that was the subject's, and that somebody else took while the subject listened there: a second bind(2)
/// needs the file to be removed, and what still listens on it is no longer reached.
struct TakenSocket {
    typealias Holding = UnixSocketTable.Holding

    var former: Holding
    var taker: Holding
    /// Others who took it after the subject had, and were not the last.
    var rivals: [Holding]
}

extension DisruptionCase {
    /// The last of them before the end.
    var takenSocket: TakenSocket? {
        unixSockets.takenAgain(since: windowStart, until: disruption.at).compactMap { takenSocket($0) }.max {
            ($0.taker.since, $0.taker.socket) < ($1.taker.since, $1.taker.socket)
        }
    }

    /// By all that had one name.
    private func takenSocket(_ all: [TakenSocket.Holding]) -> TakenSocket? {
        var isOwn: [ProcessKey: Bool] = [:]
        let former = all.last { holding in
            guard let holder = holding.holder, holding.since < disruption.at else { return false }
            if let known = isOwn[holder] { return known }
            isOwn[holder] = isOfSubject(holder)
            return isOwn[holder] ?? false
        }
        guard let former else { return nil }
        let later = all.filter { holding in
            holding.since > former.since && holding.since >= windowStart && holding.since <= disruption.at
                && former.goneAt.map { $0 >= holding.since } ?? true
        }
        guard let taker = later.last else { return nil }
        let rivals = later.dropLast().filter { party(of: $0.holder) != party(of: taker.holder) }
        return TakenSocket(former: former, taker: taker, rivals: rivals)
    }
}

/// A UNIX socket's name that a start of the subject found in use.
struct HeldSocket {
    var holding: UnixSocketTable.Holding
    /// What the unit itself logged of it.
    var line: Event
    /// Others who held one that the unit may have meant.
    var rivals: [UnixSocketTable.Holding]
}

extension DisruptionCase {
    /// Most lines in which names are looked for, the latest.
    private static let mostLines = 32

    /// bind(2) that is refused leaves no trace in the kernel: that it was is taken from the unit's own words, and which name
    /// from them or from what an earlier process of the unit held.
    var heldSocket: HeldSocket? {
        guard let victim, let unit = subject.unit, let code = disruption.status?.code, code != 0,
            endedByItself(victim, disruption.at, disruption.status, since: victim.start), !wasRefusedPort(since: victim)
        else { return nil }
        let lines = ownLines(of: unit, since: victim.start)
        guard let line = lines.last(where: { LoggedRefusal($0.text) == .inUse }) else { return nil }
        let all = unixSockets.holdings { _ in true }
        let used = Set(all.filter { $0.holder.map { isOf(unit, $0) } ?? false }.map(\.address))
        let held = all.filter { holding in
            isHeld(holding, at: disruption.at)
                && (used.contains(holding.address)
                    || lines.suffix(Self.mostLines).contains { Self.names(holding.address, in: $0.text) })
                && holding.holder.map { !isOfSubject($0) } == true
        }
        guard let last = held.last else { return nil }
        return HeldSocket(
            holding: last, line: line.event,
            rivals: held.dropLast().filter { party(of: $0.holder) != party(of: last.holder) })
    }

    private func isHeld(_ holding: UnixSocketTable.Holding, at time: BootTime) -> Bool {
        holding.since <= time && holding.goneAt.map { $0 > time } ?? true
            && holding.namelessSince.map { $0 > time } ?? true
    }

    private func isOf(_ unit: UnitID, _ process: ProcessKey) -> Bool {
        units.unit(of: process, processes: table, cgroups: cgroups) == unit
    }

    /// Then it is an internet address that was in use.
    private func wasRefusedPort(since process: ProcessKey) -> Bool {
        ports.refusals.contains { $0.at >= process.start && $0.at <= disruption.at && isOfSubject($0.process) }
    }

    /// What the unit itself logged until its end. What journald reads later has that time: then it is known by the run that
    /// ended.
    func ownLines(of unit: UnitID, since start: BootTime) -> [(event: Event, text: String)] {
        let run = disruption.systemd?.failedStart?.invocation ?? disruption.systemd?.run?.invocation
        return events.compactMap { event in
            guard case .journal(let entry) = event.body, entry.writer == .other, entry.unit == unit,
                event.time >= start,
                event.time <= disruption.at + Self.logDelay || (run != nil && entry.invocation == run)
            else { return nil }
            return (event, entry.message)
        }
    }

    /// The whole name, and not as the beginning of a longer one.
    static func names(_ address: UnixAddress, in text: String) -> Bool {
        guard address.name.utf8.count > 1 else { return false }
        return text.ranges(of: address.name).contains { range in
            let before = text[..<range.lowerBound].last ?? " "
            // A dot may end a sentence as well.
            let rest = text[range.upperBound...]
            let after = (rest.first == "." ? rest.dropFirst() : rest).first ?? " "
            return !isOfName(before) && before != "." && !isOfName(after)
        }
    }

    private static func isOfName(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "/_-".contains(character)
    }
}
