import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

/// A process that held an address.
struct PortHolder {
    var process: ProcessKey
    var holding: PortTable.Holding
    /// It is certain that it, or another of its opener's tree, still held it. The closing of what only was bound, and of UDP,
    /// is not seen; and which of several children has what their parent opened is not known.
    var isCertain: Bool
}

extension DisruptionCase {
    /// Most later binds that are looked at.
    private static let mostLater = 64

    /// Those that listen, or where nobody does, those that had taken it and live: whoever took it last first.
    func holders(against endpoint: Endpoint, at time: BootTime) -> [PortHolder] {
        let holdings = ports.holdings(against: endpoint, at: time)
        let listening = holdings.filter { $0.isListening }.compactMap { holder($0, at: time) }
        guard listening.isEmpty else { return listening }
        let later = ports.holders(ofPort: endpoint.port).filter { $0.since <= time }.prefix(Self.mostLater)
        let (latest, former) = (
            holdings.filter { !wasGivenUp($0, later) }, holdings.filter { wasGivenUp($0, later) }
        )
        let living = latest.compactMap { holder($0, at: time) }
        // They may share it, and then each is in the way.
        return living.isEmpty ? [] : living + former.compactMap { holder($0, at: time) }
    }

    /// Its closing is not seen (UDP), but somebody else could take it afterwards, and may have given it up as well since.
    /// Processes of one program may share an address.
    private func wasGivenUp(_ holding: PortTable.Holding, _ later: some Collection<PortTable.Holding>) -> Bool {
        later.contains {
            $0.since > holding.since && $0.endpoint.overlaps(holding.endpoint)
                && !mayShare($0.holder, with: holding.holder)
        }
    }

    private func mayShare(_ key: ProcessKey, with other: ProcessKey) -> Bool {
        if party(of: key) == party(of: other) { return true }
        guard let process = table[key], let maker = process.creator else { return false }
        return maker == other || table[other]?.creator == key
            || (maker.pid != 1 && table[other]?.creator == maker)
    }

    private func holder(_ holding: PortTable.Holding, at time: BootTime) -> PortHolder? {
        guard let opener = table[holding.holder] else {
            return holding.isListening ? PortHolder(process: holding.holder, holding: holding, isCertain: false) : nil
        }
        if opener.exit.map({ $0.at > time }) ?? true {
            return PortHolder(process: opener.key, holding: holding, isCertain: holding.isListening)
        }
        guard holding.isListening else { return nil }
        // Nobody has closed it: what its opener left behind has it.
        let heirs = table.all.filter { heir in
            heir.key.start >= holding.since && heir.key.start <= time && heir.exit.map { $0.at > time } ?? true
                && table.lineage(of: heir.key).contains { $0.key == opener.key }
        }.sorted { ($0.key.start, $0.key.pid) < ($1.key.start, $1.key.pid) }
        // What it only forked has all that it had; what executed a program may have closed it.
        let heir = heirs.first { $0.imageSince == nil } ?? heirs.first
        return heir.map {
            PortHolder(process: $0.key, holding: holding, isCertain: heirs.allSatisfy { $0.tag == opener.tag })
        }
    }

    /// It belongs to the unit that was disrupted, and no agent or person started it there.
    func isOwn(_ holder: PortHolder) -> Bool { isOwn(holder.process) }

    func isOwn(_ key: ProcessKey) -> Bool {
        if owner(of: key).outcome == .`self` { return true }
        guard let unit = subject.unit, let process = table[key],
            units.unit(of: process, cgroups: cgroups) == unit
        else { return false }
        return process.tag == (victim.flatMap { table[$0]?.tag } ?? 0)
    }

    /// A manager that listens for the subject: what comes is handed over to it (Sockets=).
    func isOwnSocket(_ holder: PortHolder) -> Bool {
        guard managers.scope(of: holder.process) != nil else { return false }
        return unitHistory?.state?.relations.contains { $0.kind == .triggeredBy && $0.other.hasSuffix(".socket") }
            ?? false
    }
}
