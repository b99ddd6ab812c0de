internal import EventModel
internal import ProcFS

/// The units of one manager as they were last heard of; says what is news. Holds a bounded number of them.
struct UnitBook {
    let scope: ManagerScope
    private var entries: [String: Entry] = [:]
    /// Units that found no place.
    private(set) var refused: Set<String> = []

    private struct Entry {
        var reading: UnitReading
        var told: UnitState?
        /// All properties are there, and not only those of a change.
        var hasBeenRead = false
        /// The invocation of which they were read: some are known once it starts, and no change tells of them (WatchdogUSec).
        var invocationRead: String?
    }

    /// Units of one manager. A unit takes two to three kilobytes.
    static let capacity = 2048

    init(_ scope: ManagerScope) { self.scope = scope }

    var names: [String] { entries.keys.sorted() }
    var count: Int { entries.count }

    /// Kinds of units whose state bears on services; devices, for one, come by the thousand.
    /// Each user's manager has all mounts of the system once more.
    func isOfUse(_ name: String) -> Bool {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), name.utf8.count <= 255 else { return false }
        let kind = name[name.utf8.index(after: dot)...]
        return Self.kinds.contains(String(kind)) || (kind == "mount" && scope == .system)
    }

    private static let kinds: Set<String> = ["service", "scope", "socket", "timer", "target", "path", "slice"]

    /// All properties are known as they are in the invocation that was told last.
    func isRead(_ name: String) -> Bool {
        guard let entry = entries[name], entry.hasBeenRead else { return false }
        return entry.invocationRead == entry.told?.invocation
    }

    /// All of its properties have just been taken in.
    mutating func noteRead(_ name: String) {
        let invocation = entries[name]?.reading.state.invocation
        entries[name]?.hasBeenRead = true
        entries[name]?.invocationRead = invocation
    }

    /// What was last told of it.
    func told(_ name: String) -> UnitState? { entries[name]?.told }

    /// Changes what is known of a unit; false where there is no room for it.
    mutating func update(_ name: String, _ change: (inout UnitReading) -> Void) -> Bool {
        guard entries[name] != nil || entries.count < Self.capacity else {
            if refused.count < Self.capacity { refused.insert(name) }
            return false
        }
        change(&entries[name, default: Entry(reading: UnitReading(UnitID(manager: scope, name: name)))].reading)
        return true
    }

    mutating func forget(_ name: String) {
        entries[name] = nil
        refused.remove(name)
    }

    /// The unit's state, where it is another than was told last.
    mutating func news(of name: String, _ suspended: Interval, process: (Int32) -> ProcessKey?) -> UnitState? {
        guard let entry = entries[name] else { return nil }
        let state = entry.reading.finished(suspended, before: entry.told, process: process)
        guard state != entry.told else { return nil }
        entries[name]?.told = state
        return state
    }
}
