import EventModel
import ProcessTracking
import ResourceTracking

extension Finding.Observation {
    /// What a process held and had open shortly before it was ended for lack of memory: that is gone with it. Nil where nobody
    /// had looked.
    static func held(by victim: ProcessKey, before kill: BootTime, _ disruption: DisruptionCase) -> Self? {
        HeldBefore(victim, kill, disruption)?.observation(disruption)
    }
}

/// The last look at a process before the kill.
private struct HeldBefore {
    let process: ProcessKey
    let kill: BootTime
    let moment: HoldingHistory.Moment
    /// Addresses and sockets' paths that it listened on at the kill.
    let addresses: [String]

    /// What was longer ago tells little.
    private static let patience = Interval.seconds(30)
    private static let mostNamed = 4

    init?(_ victim: ProcessKey, _ kill: BootTime, _ disruption: DisruptionCase) {
        let process = disruption.table.known(victim) ?? victim
        guard
            let moment = disruption.resources.holdings.latest(of: process, before: kill, within: Self.patience)
        else { return nil }
        (self.process, self.kill, self.moment) = (process, kill, moment)
        addresses = disruption.listened(process, at: kill)
    }

    func observation(_ disruption: DisruptionCase) -> Finding.Observation {
        let (holding, open) = (moment.holding, moment.holding.descriptors)
        var data: [String: Evidence.Value] = [
            "rss_kib": .integer(Int64(clamping: holding.residentKiB)),
            "swap_kib": .integer(Int64(clamping: holding.swapKiB)),
            "descriptors": .integer(Int64(open.count)), "sockets": .integer(Int64(open.sockets)),
            "pipes": .integer(Int64(open.pipes)), "files": .integer(Int64(open.files)),
            "deleted_files": .integer(Int64(open.deletedFiles)), "descriptors_cut": .flag(open.isCut),
        ]
        if !addresses.isEmpty { data["listening"] = .text(addresses.prefix(Self.mostNamed).joined(separator: " ")) }
        return Finding.Observation(
            at: moment.at, source: .procfs, kind: "snapshot", text: text(disruption), process: process, data: data)
    }

    /// `prod (pid 4711) held 812 MiB and 24 MiB of swap, 212 descriptors (14 sockets, 3 deleted files), listening on
    /// 127.0.0.1:5432, 1.2 s before`
    private func text(_ disruption: DisruptionCase) -> String {
        let holding = moment.holding
        let swap = holding.swapKiB > 0 ? " and \(Mebibytes(holding.swapKiB)) of swap" : ""
        let parts = [
            "\(disruption.name(process, at: moment.at)) held \(Mebibytes(holding.residentKiB))\(swap)", descriptors,
            listening, "\(age) s before",
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }

    private var descriptors: String {
        let open = moment.holding.descriptors
        let least = open.isCut ? "at least " : ""
        let kinds = [(open.sockets, "socket"), (open.deletedFiles, "deleted file")].compactMap { count, noun in
            count > 0 ? least + Self.count(count, noun) : nil
        }
        let all = least + Self.count(open.count, "descriptor")
        return kinds.isEmpty ? all : "\(all) (\(kinds.joined(separator: ", ")))"
    }

    private var listening: String? {
        guard !addresses.isEmpty else { return nil }
        let further = addresses.count - Self.mostNamed
        let named = addresses.prefix(Self.mostNamed) + (further > 0 ? ["\(further) more"] : [])
        return "listening on \(named.joined(separator: " and "))"
    }

    /// Seconds, with one decimal.
    private var age: String {
        let tenths = moment.at.distance(to: kill).nanoseconds / 100_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func count(_ count: UInt32, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}

extension DisruptionCase {
    /// What a process itself had opened and listened on at that moment, as far as it is known.
    fileprivate func listened(_ process: ProcessKey, at time: BootTime) -> [String] {
        let ports = ports.holdings(at: time).filter { holding in
            holding.isListening && (holding.holder == process || holding.holder.matches(tick: process))
        }
        let sockets = unixSockets.holdings { holding in
            guard let holder = holding.holder, holder == process || holder.matches(tick: process) else { return false }
            return holding.since <= time && holding.namelessSince.map { $0 > time } ?? true
                && holding.goneAt.map { $0 > time } ?? true
        }
        return ports.map(\.endpoint.description) + sockets.map(\.address.name)
    }
}
