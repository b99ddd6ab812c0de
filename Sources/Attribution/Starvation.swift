import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking

/// That the subject had to wait, for most of a time, for what one other tree used most of.
struct Starvation {
    var contention: Contention
    var foremost: Contention.User
    /// Others that used half as much as the foremost, or more.
    var rivals: [Contention.User]
    /// Share of the time in which some task of the subject waited, at least.
    var own: Double
    /// It is what all threads of its main process waited together: pressure did not tell as much.
    var isOfThreads = false
    /// Why it may as well have hung; nil where its own main process is known to have waited, and to have got no more than
    /// it needs.
    var doubt: String?

    /// It waited for at least so much of the time, or it may as well have hung by itself.
    static let clearly = 0.5
    /// Who used that much, and twice as much as the next, is the one.
    fileprivate static let most = 0.6

    var confidence: Confidence {
        foremost.share >= Self.most && rivals.isEmpty && doubt == nil ? .likely : .possible
    }

    /// `used 97 % of the CPU time`
    var use: String {
        contention.resource == .cpu
            ? "used \(Self.percent(foremost.share)) of the CPU time"
            : "took \(Self.percent(foremost.share)) of the memory that was taken"
    }

    static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}

extension DisruptionCase {
    /// From this much of the time, or of a core, on it is not little.
    private static let muchOfACore = 0.25
    /// Shorter than this, what it used before says nothing of what it needs.
    private static let leastBefore = Interval.seconds(10)

    /// Nil where nothing was short, nobody else used most of it, or the subject did not clearly wait for it. Where it did its
    /// usual work meanwhile, what it used before tells how much that takes.
    func starvation(from start: BootTime, to end: BootTime, isUsualWork: Bool) -> Starvation? {
        contentions(from: start, to: end).lazy.compactMap { starvation(by: $0, from: start, to: end, isUsualWork) }
            .first
    }

    /// The same where no other tree used most of it and several did together; not where it may as well have hung.
    func sharedStarvation(from start: BootTime, to end: BootTime, isUsualWork: Bool) -> Starvation? {
        contentions(from: start, to: end).lazy.compactMap { contention in
            starvation(by: contention, from: start, to: end, isUsualWork, isShared: true)
        }.first { $0.doubt == nil }
    }

    private func starvation(
        by contention: Contention, from start: BootTime, to end: BootTime, _ isUsualWork: Bool, isShared: Bool = false
    ) -> Starvation? {
        let waited = victim.flatMap { resources.waited($0, from: start, to: end) }
        let pressed = contention.own ?? 0
        let isOfThreads = contention.resource == .cpu && pressed < Starvation.clearly
        let own = isOfThreads ? min(1, (waited ?? 0) - throttled(from: start, to: end)) : pressed
        guard contention.isMachineFull, let foremost = contention.foremost, own >= Starvation.clearly,
            isShared
                ? foremost.share < Starvation.clearly && contention.othersShare >= Starvation.most
                : foremost.share >= Starvation.clearly
        else { return nil }
        guard let doubts = doubts(contention.resource, waited, from: start, to: end, isUsualWork) else { return nil }
        let ofThreads = isOfThreads ? ["its threads waited so long together, each of them perhaps less"] : []
        return Starvation(
            contention: contention, foremost: foremost,
            rivals: contention.users.dropFirst().filter { $0.share * 2 > foremost.share }, own: own,
            isOfThreads: isOfThreads, doubt: (ofThreads + doubts).last)
    }

    /// Why the subject may as well have hung; nil where it did not have to wait itself, or got more than it needs.
    private func doubts(
        _ resource: CgroupResource, _ waited: Double?, from start: BootTime, to end: BootTime, _ isUsualWork: Bool
    ) -> [String]? {
        var doubts: [String] = []
        switch (resource, waited) {
        case (.cpu, let waited?) where waited >= Self.muchOfACore: break
        // It may have waited for those that work for it, or hang.
        case (.cpu, _?):
            guard othersInUnit else { return nil }
            doubts.append("its main process was not kept from running itself, others of it were")
        default:
            if othersInUnit { doubts.append("some process of it waited, and which is not known") }
        }
        guard resource == .cpu else { return doubts }
        switch ration(from: start, to: end, isUsualWork) {
        case .aboveUsual: return nil
        case .much(let cores):
            doubts.append("it got \(Starvation.percent(cores)) of a CPU, and what it needs is not known")
        case .little: break
        }
        return doubts
    }

    private enum Ration {
        case little
        /// More than it had been using while nothing was short: it began to need more by itself.
        case aboveUsual
        case much(cores: Double)
    }

    /// How much CPU time the subject got, beside what it used before.
    private func ration(from start: BootTime, to end: BootTime, _ isUsualWork: Bool) -> Ration {
        guard let victim else { return .little }
        let tree = TreeKey.of(table[victim], cgroups)
        guard let got = resources.cores(of: tree, from: start, to: end) else { return .little }
        let began = max(start - Self.window, victim.start)
        if isUsualWork, began + Self.leastBefore <= start,
            let before = resources.cores(of: tree, from: began, to: start)
        {
            return got > max(2 * before, 0.02) ? .aboveUsual : .little
        }
        return got >= Self.muchOfACore ? .much(cores: got) : .little
    }

    /// Whether more than its main process runs in the unit.
    private var othersInUnit: Bool {
        guard let victim, let cgroup = table[victim]?.cgroup else { return false }
        return table.all.contains { process in
            process.cgroup == cgroup && process.key != victim && process.key.start < disruption.at
                && (process.isAlive || process.exit.map { $0.at >= disruption.at } ?? false)
        }
    }
}
