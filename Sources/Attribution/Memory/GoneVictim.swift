import EventModel
import ProcessTracking
import ResourceTracking

/// A process that was ended for lack of memory and was gone when it was looked at who holds how much. Sizes in KiB.
struct GoneVictim {
    private let process: TrackedProcess
    /// The most that it ever had in memory, pages of files included.
    private let mostKiB: UInt32
    /// What it held, without those, when its tree was last looked at; 0 where nobody had.
    private let seenKiB: UInt32
    private static let recently = Interval.seconds(10)

    /// Nil where it is listed, and where nothing is known of it.
    init?(_ victim: ProcessKey, notIn entries: [ProcessUsage], killedAt: BootTime, _ disruption: DisruptionCase) {
        guard !entries.contains(where: { $0.process == victim || $0.process.matches(tick: victim) }),
            let process = disruption.table[victim]
        else { return nil }
        let most = process.exit?.maxRSSKiB ?? 0
        let moment = disruption.resources.moment(before: killedAt, within: Self.recently)
        let tree = moment?[TreeKey.of(process, disruption.cgroups)]
        let seen = tree.map { $0.largest == process.key ? $0.largestKiB : 0 } ?? 0
        (self.process, mostKiB, seenKiB) = (process, most, min(most, UInt32(clamping: seen)))
    }

    /// What the machine used takes back what is too much of the most that it had. What a cgroup used is not known: there
    /// only what was seen counts as held.
    func usage(isOfMachine: Bool) -> ProcessUsage {
        ProcessUsage(process: process.key, anonymousKiB: isOfMachine ? mostKiB : seenKiB)
    }

    /// What it may have held beyond what was seen.
    func addUnseen(to shares: inout MemoryShares, _ disruption: DisruptionCase) {
        shares.mayHaveHeld(UInt64(mostKiB - seenKiB), process, disruption)
    }
}
