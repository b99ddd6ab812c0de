public import EventModel

/// Who asked managers to start services that have a file: what such a service does from then until it is stopped, restarts
/// of it included, is the work of whoever asked. Bounded; what is forgotten is nobody's.
public struct StartRequests: Sendable {
    public struct Starter: Hashable, Sendable {
        public var caller: ProcessKey
        public var at: BootTime
        public var verb: ManagerCall.Verb
        public var source: Source
        /// It ran then, or had just been stopped, and not by that caller's doing: it was only restarted.
        public var wasThere: Bool
        /// When it was found stopped; nil while it was not.
        public internal(set) var until: BootTime?
    }

    struct Pending: Sendable {
        var unit: UnitID
        var call: TransientUnits.Call
        var starter: Starter
    }

    /// Units whose starters are remembered, and starters of each.
    let capacity: Int
    private static let startersKept = 3
    private static let mostPending = 64
    /// Services that are known to run or to have run just before; of any further one it is not known that it did not.
    private static let mostRunning = 4096
    /// So soon after the call what it asked for is started.
    private static let patience = Interval.seconds(10)
    /// What was stopped so shortly before is the same service, restarted.
    private static let restarting = Interval.seconds(60)

    private var pending: [Pending] = []
    private(set) var starters: [UnitID: [Starter]] = [:]
    /// Services that their managers said to run, and when they said that they do not any more.
    private var running: [UnitID: BootTime?] = [:]

    public init(capacity: Int = 512) { self.capacity = capacity }

    /// Whose service that was when a process of it was started then; nil where nobody is known to have asked.
    public func starter(of unit: UnitID, at start: BootTime) -> Starter? {
        starters[unit]?.last { $0.at <= start + TransientUnits.sendDelay && $0.until.map { $0 > start } ?? true }
    }

    static func isStart(_ verb: ManagerCall.Verb) -> Bool { [.start, .restart, .reloadOrRestart].contains(verb) }

    /// Takes in a call; gives the processes that need not be remembered for it any more. The caller of one that is taken in
    /// has to be.
    mutating func ask(_ request: ManagerCall, by caller: ProcessKey, _ call: TransientUnits.Call, _ event: Event)
        -> (isTaken: Bool, released: [ProcessKey])
    {
        guard let manager = request.manager, let name = request.units.first, name.hasSuffix(".service") else {
            return (false, [])
        }
        let unit = UnitID(manager: manager, name: name)
        pending.append(
            Pending(
                unit: unit, call: call,
                starter: Starter(
                    caller: caller, at: event.time, verb: request.verb, source: event.source,
                    wasThere: wasThere(unit, at: event.time))))
        var released = drop { $0.starter.at + Self.patience < event.time }
        if pending.count > Self.mostPending { released.append(pending.removeFirst().starter.caller) }
        return (true, released)
    }

    mutating func refuse(_ call: TransientUnits.Call) -> [ProcessKey] { drop { $0.call == call } }

    /// The manager has started a process in that unit.
    mutating func began(in unit: UnitID, at start: BootTime) -> [ProcessKey] {
        let index = pending.lastIndex { asked in
            asked.unit == unit && asked.starter.at <= start + TransientUnits.sendDelay
                && asked.starter.at.distance(to: start) <= Self.patience
        }
        guard let index else { return [] }
        var starter = pending.remove(at: index).starter
        // Whoever asks for a restart of what runs is not whose service it is.
        if let count = starters[unit]?.count, let last = starters[unit]?.last {
            if last.until.map({ $0 >= starter.at }) ?? true {
                starters[unit]?[count - 1].until = nil
                return [starter.caller]
            }
            // What ran until then had been asked for, too.
            starter.wasThere = starter.wasThere && last.wasThere
        }
        var released = makeRoom(for: unit)
        starters[unit, default: []].append(starter)
        if let count = starters[unit]?.count, count > Self.startersKept, let first = starters[unit]?.removeFirst() {
            released.append(first.caller)
        }
        return released
    }

    mutating func learn(_ state: UnitState, at time: BootTime) {
        guard state.unit.name.hasSuffix(".service") else { return }
        // One that its manager is about to start again is not stopped.
        let isRunning = !["inactive", "failed"].contains(state.active) || state.sub.contains("auto-restart")
        note(state.unit, isRunning: isRunning, at: time)
        guard !isRunning, let count = starters[state.unit]?.count, count > 0 else { return }
        if starters[state.unit]?[count - 1].until == nil { starters[state.unit]?[count - 1].until = time }
    }

    private mutating func note(_ unit: UnitID, isRunning: Bool, at time: BootTime) {
        if !isRunning {
            if let known = running[unit], known == nil { running.updateValue(time, forKey: unit) }
            return
        }
        if running.count >= Self.mostRunning, running[unit] == nil {
            running = running.filter { $0.value.map { $0 + Self.restarting >= time } ?? true }
            guard running.count < Self.mostRunning else { return }
        }
        running.updateValue(nil, forKey: unit)
    }

    private func wasThere(_ unit: UnitID, at time: BootTime) -> Bool {
        guard let known = running[unit] else { return running.count >= Self.mostRunning }
        guard let stopped = known else { return true }
        return stopped + Self.restarting >= time
    }

    private mutating func drop(_ isGone: (Pending) -> Bool) -> [ProcessKey] {
        let gone = pending.filter(isGone)
        guard !gone.isEmpty else { return [] }
        pending.removeAll(where: isGone)
        return gone.map(\.starter.caller)
    }

    /// A sixteenth at once, the oldest first.
    private mutating func makeRoom(for unit: UnitID) -> [ProcessKey] {
        guard starters.count >= capacity, starters[unit] == nil else { return [] }
        let oldest = starters.sorted {
            ($0.value.last?.at ?? .zero, $0.key.name) < ($1.value.last?.at ?? .zero, $1.key.name)
        }.prefix(max(1, capacity / 16))
        for (unit, _) in oldest { starters[unit] = nil }
        return oldest.flatMap { $0.value.map(\.caller) }
    }
}
