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
            let call = startCall(of: unit, startedAt: lineage[end].key.start), let caller = call.caller,
            !lineage.contains(where: { $0.key == caller })
        else { return nil }
        var owner = owner(of: caller, depth: depth + 1)
        owner.chain += lineage[...end].reversed()
        // The link is by the unit's name and by time.
        owner.isBackFilled = true
        owner.phrase += "; \(name(caller, at: call.at)) \(call.deed), which this is a part of"
        return owner
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
            guard let edge = table.request(of: work.key) else { return [] }
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
