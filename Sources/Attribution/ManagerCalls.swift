import EventModel
import ProcessTracking

/// Who asked a service manager or logind for what within the window, and what it answered.
///
/// An index over the messages that were seen. A call and its answer belong together by connection and serial, never by
/// time: the record of a send is made when it is done, and by then the other side may have answered.
struct ManagerCalls {
    struct Call: Hashable {
        /// The send of the process that asked; the daemon's own where that one was not seen.
        var event: Event
        var request: ManagerCall
        /// Nil where only a bus daemon was seen passing the call on: who had asked is not known.
        var caller: ProcessKey?
        var answer: Answer = .unseen
        var answeredAt: BootTime?
        /// The manager, where its own answer was seen.
        var answeredBy: ProcessKey?

        var at: BootTime { event.time }
        var jobs: [UInt32] {
            guard case .jobs(let jobs) = answer else { return [] }
            return jobs
        }
        var isRefused: Bool {
            guard case .refused = answer else { return false }
            return true
        }
        func names(_ unit: UnitID) -> Bool { request.manager == unit.manager && request.units.contains(unit.name) }
    }

    enum Answer: Hashable {
        case jobs([UInt32])
        /// It was done, and no job was needed.
        case done
        /// The name of the error.
        case refused(String)
        /// None was asked for, or it was not seen.
        case unseen
    }

    /// In the order in which they were sent, as far as that is known.
    private(set) var all: [Call] = []

    init() {}

    init(_ events: [Event], _ managers: ServiceManagers) {
        let traffic = ManagerTraffic(events, managers)
        for group in traffic.callGroups { all += Self.origins(of: group, traffic) }
        all.sort { ($0.at, $0.caller?.pid ?? 0) < ($1.at, $1.caller?.pid ?? 0) }
    }

    /// The calls of processes among sends that are alike: without what daemons and bridges passed on.
    private static func origins(of group: [ManagerTraffic.Send], _ traffic: ManagerTraffic) -> [Call] {
        let own = group.filter { !$0.message.isForwarded && !traffic.isBridge($0, in: group) }
        var passedOn = group.filter(\.message.isForwarded)
        var calls = own.compactMap { send -> Call? in
            if let hop = passedOn.firstIndex(where: { traffic.isAnsweredAlike($0, send) }) { passedOn.remove(at: hop) }
            return call(send, traffic)
        }
        // Its own answer was not seen, but it is the only one that can have been passed on.
        let open = calls.indices.filter { calls[$0].answer == .unseen }
        if let only = open.first, open.count == 1, passedOn.count == 1, let reply = traffic.answer(to: passedOn[0]) {
            traffic.take(reply, into: &calls[only])
            passedOn = []
        }
        if open.isEmpty { calls += passedOn.compactMap { passedOnBySomebody($0, traffic) } }
        return calls
    }

    private static func call(_ send: ManagerTraffic.Send, _ traffic: ManagerTraffic) -> Call? {
        guard let request = ManagerCall(send.message), let caller = send.event.process else { return nil }
        var call = Call(event: send.event, request: request, caller: caller)
        if let reply = traffic.answer(to: send) { traffic.take(reply, into: &call) }
        return isForReal(call, send.message, traffic) ? call : nil
    }

    /// Anybody can speak to himself as if to a manager. It counts where a manager has answered, or is at the other end,
    /// or where the daemon of a known bus is.
    private static func isForReal(_ call: Call, _ message: ManagerMessage, _ traffic: ManagerTraffic) -> Bool {
        if call.answeredBy != nil { return true }
        guard let manager = message.manager else { return false }
        if message.isOnBus { return true }
        return call.answer == .unseen && (message.peer == nil || traffic.managers.scope(of: message.peer) == manager)
    }

    private static func passedOnBySomebody(_ send: ManagerTraffic.Send, _ traffic: ManagerTraffic) -> Call? {
        guard let request = ManagerCall(send.message) else { return nil }
        var call = Call(event: send.event, request: request, caller: nil)
        if let reply = traffic.answer(to: send) { traffic.take(reply, into: &call) }
        return call.answeredBy == nil ? nil : call
    }
}
