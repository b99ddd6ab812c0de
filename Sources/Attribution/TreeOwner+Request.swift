import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

// Work that was asked for is the work of whoever asked: by a request edge that was seen (`systemd-run`, a pane of tmux, a
// container), or because the unit that it runs in was started by somebody just before.
extension DisruptionCase {
    /// So soon after the call what it asked for is started.
    private static let startedFor = Interval.seconds(10)
    private static let deepestRequest = 4
    static let requestRule = "tree.request"

    /// By the first request edge on the way up.
    func askedTree(_ lineage: [TrackedProcess], depth: Int) -> TreeOwner? {
        guard depth < Self.deepestRequest,
            let end = lineage.firstIndex(where: { table.request(of: $0.key) != nil }),
            let edge = table.request(of: lineage[end].key)
        else { return nil }
        let work = lineage[...end].reversed()
        guard let requester = edge.requester else {
            return TreeOwner(
                outcome: .unknown, chain: Array(work), isBackFilled: false,
                phrase: "\(name(lineage[end].key)) was asked for (\(edge.via)), and by whom is not known")
        }
        var owner = owner(of: requester, depth: depth + 1)
        owner.chain += work
        owner.isBackFilled = owner.isBackFilled || work.contains(where: isDoubtfulLink)
        owner.phrase += "; \(name(requester, at: edge.at)) asked for it (\(edge.via))"
        return owner
    }

    func requestedTree(_ lineage: [TrackedProcess], depth: Int) -> TreeOwner? {
        guard depth < Self.deepestRequest, let actor = lineage.first, let unit = cgroups.unitID(of: actor.cgroup),
            let end = lineage.firstIndex(where: { $0.creator.map { managers.scope(of: $0) != nil } ?? false }),
            let (caller, at, deed) = request(for: unit, startedAt: lineage[end].key.start),
            !lineage.contains(where: { $0.key == caller })
        else { return nil }
        var owner = owner(of: caller, depth: depth + 1)
        owner.chain += lineage[...end].reversed()
        // The link is by the unit's name and by time.
        owner.isBackFilled = true
        owner.phrase += "; \(name(caller, at: at)) \(deed), which this is a part of"
        return owner
    }

    private func request(for unit: UnitID, startedAt start: BootTime) -> (ProcessKey, BootTime, String)? {
        if let call = startCall(of: unit, startedAt: start), let caller = call.caller {
            return (caller, call.at, call.deed)
        }
        // What the subject's own processes do is not what somebody asked for when it was started.
        guard unit != self.unit, let starter = starter(of: unit, startedAt: start), !starter.wasThere,
            [.agent, .operator].contains(owner(of: starter.caller, depth: Self.deepestRequest).outcome)
        else { return nil }
        return (starter.caller, starter.at, deed(starter, unit))
    }

    /// However long ago it was. Where nobody tells when a service was stopped, only what began right after the call counts.
    private func starter(of unit: UnitID, startedAt start: BootTime) -> StartRequests.Starter? {
        guard let starter = startRequests.starter(of: unit, at: start),
            isActive("systemd") || starter.at.distance(to: start) <= Self.startedFor
        else { return nil }
        return starter
    }

    private func deed(_ starter: StartRequests.Starter, _ unit: UnitID) -> String {
        let whose = unit.manager.uid.map { "user \($0)'s manager" } ?? "the system manager"
        return "asked \(whose) to \(ManagerCall(verb: starter.verb, manager: unit.manager, units: [unit.name]).deed)"
    }

    /// A start that was asked for before the window; what is in the window is told of by itself.
    private func startRequest(for work: TrackedProcess, in chain: [TrackedProcess]) -> [Finding.Observation] {
        guard work.creator.map({ managers.scope(of: $0) != nil }) ?? false, let unit = cgroups.unitID(of: work.cgroup),
            let starter = starter(of: unit, startedAt: work.key.start), starter.at < windowStart,
            chain.contains(where: { $0.key == starter.caller })
        else { return [] }
        return [
            Finding.Observation(
                at: starter.at, source: starter.source, kind: "request",
                text: "\(name(starter.caller, at: starter.at)) \(deed(starter, unit))", process: starter.caller,
                data: ["worker_pid": .integer(Int64(work.key.pid))])
        ]
    }

    /// A service that ran already when an agent had it restarted is the system's as it was before; what the agent changed
    /// for that is not known.
    func restartedTree(_ lineage: [TrackedProcess], depth: Int) -> TreeOwner? {
        guard depth < Self.deepestRequest, let actor = lineage.first, let unit = cgroups.unitID(of: actor.cgroup),
            let end = lineage.firstIndex(where: { $0.creator.map { managers.scope(of: $0) != nil } ?? false }),
            let starter = starter(of: unit, startedAt: lineage[end].key.start), starter.wasThere,
            owner(of: starter.caller, depth: Self.deepestRequest).outcome == .agent, var tree = serviceTree(lineage)
        else { return nil }
        tree.isBackFilled = true
        tree.behind = [starter.caller]
        tree.phrase += "; \(name(starter.caller, at: starter.at)) had \(deed(starter, unit)) before"
        return tree
    }

    /// The last call before that start which started the unit.
    private func startCall(of unit: UnitID, startedAt start: BootTime) -> ManagerCalls.Call? {
        calls.all.last { call in
            call.names(unit) && call.request.verb.startsUnit && call.request.verb != .startTransient && !call.isRefused
                && call.at <= start + Self.sendDelay && call.at.distance(to: start) <= Self.startedFor
        }
    }

    /// Both ends of each request on the way from the tree's root to the actor.
    func requests(in chain: [TrackedProcess]) -> [Finding.Observation] {
        chain.flatMap { work -> [Finding.Observation] in
            guard let edge = table.request(of: work.key) else { return startRequest(for: work, in: chain) }
            let maker = work.creator.map { name($0, at: work.key.start) } ?? "somebody"
            let isInferred = edge.certainty == .named ? "" : " (inferred: nobody else can have asked for it)"
            return [
                Finding.Observation(
                    at: edge.at, source: edge.source, kind: "request",
                    text: "\(edge.requester.map { name($0, at: edge.at) } ?? "somebody") asked for it: \(edge.via)",
                    process: edge.requester,
                    data: ["via": .text(edge.via), "worker_pid": .integer(Int64(work.key.pid))]),
                Finding.Observation(
                    at: work.key.start, source: work.seenBy, kind: "start",
                    text: "\(maker) made pid \(work.key.pid) for that\(isInferred)", process: work.key),
            ]
        }
    }
}
