import EventModel

/// Units that somebody had a manager make (StartTransientUnit, by `systemd-run` and others), and what the manager answered:
/// whatever it then starts in them is the work of whoever asked. A timer's service may come days later.
struct TransientUnits: Sendable {
    struct Asked: Sendable {
        var caller: ProcessKey
        var tag: Int32
        var at: BootTime
        /// `StartTransientUnit run-u1.service`
        var via: String
        var source: Source
        /// The caller's end of the connection, and the call on it.
        var call: Call
        /// The manager made it.
        var isAccepted = false
        /// Another unit that was made with it starts it.
        var trigger: String?
        /// When work was last started in it.
        var startedAt: BootTime?
    }

    struct Call: Hashable, Sendable {
        var socket: UInt64
        var serial: UInt32
    }

    /// Units that are remembered; those that a timer has yet to start go last.
    let capacity: Int
    /// The latest that asked for a unit of that name.
    private static let askersKept = 4
    /// So long after the call its unit may wait for others before it starts.
    private static let patience = Interval.seconds(60)
    /// So much later than its effect a send may be recorded.
    static let sendDelay = Interval.milliseconds(250)

    private(set) var asked: [UnitID: [Asked]] = [:]
    /// Calls that no answer was seen to.
    private var open: [Call: [UnitID]] = [:]
    private static let mostOpen = 1024

    init(capacity: Int = 4096) { self.capacity = capacity }

    /// Takes in a call that makes units; gives the processes that need not be remembered for it any more.
    mutating func ask(_ call: ManagerCall, _ asked: Asked) -> [ProcessKey] {
        guard let manager = call.manager, let name = call.units.first else { return [] }
        var released: [ProcessKey] = []
        let services = Self.services(of: name, call.units.dropFirst())
        if open.count >= Self.mostOpen { open.removeAll() }
        open[asked.call] = services.map { UnitID(manager: manager, name: $0) }
        for unit in services {
            var asked = asked
            if unit != name { asked.trigger = name }
            let id = UnitID(manager: manager, name: unit)
            released += makeRoom(for: id)
            self.asked[id, default: []].append(asked)
            if let count = self.asked[id]?.count, count > Self.askersKept, let first = self.asked[id]?.removeFirst() {
                released.append(first.caller)
            }
        }
        return released
    }

    /// The services that a call makes. What triggers one has, by default, its name.
    static func services(of name: String, _ others: ArraySlice<String>) -> [String] {
        if name.hasSuffix(".service") { return [name] }
        let own = others.filter { $0.hasSuffix(".service") }
        if !own.isEmpty { return Array(own) }
        guard let kind = [".timer", ".path", ".socket"].first(where: { name.hasSuffix($0) }) else { return [] }
        return [name.dropLast(kind.utf8.count) + ".service"]
    }

    /// The manager has made what was asked for.
    mutating func accept(_ call: Call) {
        for unit in open.removeValue(forKey: call) ?? [] {
            guard let index = asked[unit]?.lastIndex(where: { $0.call == call }) else { continue }
            asked[unit]?[index].isAccepted = true
        }
    }

    /// The manager has refused it: it was never asked for.
    mutating func refuse(_ call: Call) -> [ProcessKey] {
        (open.removeValue(forKey: call) ?? []).flatMap { remove(of: $0) { $0.call == call } }
    }

    mutating func note(startIn unit: UnitID, by asked: Asked, at time: BootTime) {
        guard let index = self.asked[unit]?.lastIndex(where: { $0.call == asked.call && $0.at == asked.at }) else {
            return
        }
        self.asked[unit]?[index].startedAt = time
    }

    /// A unit of that name is from a file that somebody wrote, or the one that was made is gone.
    mutating func learn(_ state: UnitState, at time: BootTime) -> [ProcessKey] {
        let name = state.unit.name
        let isOfFile = !state.files.isEmpty && !state.files.contains { $0.contains("/transient/") }
        let isOver = ["inactive", "failed"].contains(state.active)
        guard isOfFile || isOver else { return [] }
        var released = remove(of: state.unit) { asked in
            guard asked.at < time else { return false }
            // A service that a timer starts is inactive until then, and in between.
            return isOfFile || (asked.trigger == nil && asked.startedAt.map { $0 < time } ?? false)
        }
        guard isOver, let end = name.lastIndex(of: "."), !name.hasSuffix(".service") else { return released }
        let service = UnitID(manager: state.unit.manager, name: name[..<end] + ".service")
        released += remove(of: service) { $0.trigger == name && $0.startedAt.map { $0 < time } ?? false }
        return released
    }

    /// Whose work it is that starts in `unit` at that moment.
    func asker(of unit: UnitID, at start: BootTime) -> Asked? {
        guard let all = asked[unit] else { return nil }
        let fitting = all.filter { $0.at <= start + Self.sendDelay && isStillMeant($0, unit, start) }
        return fitting.last(where: \.isAccepted) ?? fitting.last
    }

    /// Names that the manager or `systemd-run` make up are never given again; any other may come back as another's unit.
    private func isStillMeant(_ asked: Asked, _ unit: UnitID, _ start: BootTime) -> Bool {
        if asked.trigger != nil || Self.isMadeUp(unit.name) { return true }
        return (asked.startedAt ?? asked.at).distance(to: start) <= Self.patience || asked.at > start
    }

    /// `run-u12.service`, `run-r0123456789abcdef0123456789abcdef.service`, `run-p12-i34.service`.
    static func isMadeUp(_ name: String) -> Bool {
        guard name.hasPrefix("run-"), let end = name.lastIndex(of: ".") else { return false }
        let body = name[..<end].dropFirst("run-".count)
        guard let kind = body.first else { return false }
        let rest = body.dropFirst()
        switch kind {
        case "u": return !rest.isEmpty && rest.allSatisfy(\.isNumber)
        case "r": return rest.count == 32 && rest.allSatisfy(\.isHexDigit)
        case "p":
            let parts = rest.split(separator: "-", omittingEmptySubsequences: false)
            return parts.count == 2 && !parts[0].isEmpty && parts[0].allSatisfy(\.isNumber) && parts[1].first == "i"
                && parts[1].count > 1 && parts[1].dropFirst().allSatisfy(\.isNumber)
        default: return false
        }
    }

    // MARK: Storage

    private mutating func remove(of unit: UnitID, _ isGone: (Asked) -> Bool) -> [ProcessKey] {
        guard let all = asked[unit] else { return [] }
        let kept = all.filter { !isGone($0) }
        guard kept.count < all.count else { return [] }
        asked[unit] = kept.isEmpty ? nil : kept
        return all.filter(isGone).map(\.caller)
    }

    /// A sixteenth at once: those first whose work has been started, then the oldest.
    private mutating func makeRoom(for unit: UnitID) -> [ProcessKey] {
        guard asked.count >= capacity, asked[unit] == nil else { return [] }
        let oldest = asked.sorted { Self.rank($0) < Self.rank($1) }.prefix(max(1, capacity / 16))
        for (unit, _) in oldest { asked[unit] = nil }
        return oldest.flatMap { $0.value.map(\.caller) }
    }

    private static func rank(_ entry: (key: UnitID, value: [Asked])) -> (Int, BootTime, String) {
        let isAwaited = entry.value.contains { $0.trigger != nil && $0.startedAt == nil }
        return (isAwaited ? 1 : 0, entry.value.last?.at ?? .zero, entry.key.name)
    }
}
