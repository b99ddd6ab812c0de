/// Somebody wrote, moved or removed a file of a unit, or a drop-in: what managers read at their next reload.
public struct UnitFileChange: Hashable, Sendable {
    /// As it lies in the directory that is watched; chosen by others.
    public var path: String
    public var step: Step
    /// Whose unit it is; nil for files that every user's manager reads.
    public var manager: ManagerScope?
    /// Who did it, as the kernel names it when the change is read (fanotify): the process may have ended since. 0 where it
    /// is in another pid namespace.
    public var writer: Int32
    /// What the file says of memory, read right after the notice; nil where it was not read, or is gone.
    public var settings: MemorySettings?
    /// What it said when it was read the time before, nothing where there was none; nil where that is not known.
    public var settingsBefore: MemorySettings?

    public enum Step: UInt8, Hashable, Sendable, CaseIterable {
        /// Opened for writing, and closed.
        case written = 0
        /// Moved to that name, or linked there.
        case placed = 1
        case removed = 2

        public var name: String { String(describing: self) }
    }

    public init(
        path: String, step: Step, manager: ManagerScope?, writer: Int32, settings: MemorySettings? = nil,
        settingsBefore: MemorySettings? = nil
    ) {
        self.path = path
        self.step = step
        self.manager = manager
        self.writer = writer
        self.settings = settings
        self.settingsBefore = settingsBefore
    }

    /// The unit that the file is of, or the units: `prod.service`, `prod.service.d/limit.conf`, `web@.service`,
    /// `web-.service.d/limit.conf`, `service.d/limit.conf`; nil where it is no unit's file.
    public var unitName: String? {
        let parts = path.split(separator: "/")
        guard let last = parts.last else { return nil }
        if let folder = parts.dropLast().last, folder.hasSuffix(".d") {
            return last.hasSuffix(".conf") ? Self.owner(ofDropIns: folder) : nil
        }
        return Self.isUnit(last) ? String(last) : Self.owner(ofDropIns: last)
    }

    /// In which of its sections such a file says how much memory its unit may have: `Service`; nil where it says it in none.
    public var limitSection: String? {
        guard let type = unitName?.split(separator: ".").last, Self.limited.contains(type) else { return nil }
        return type.prefix(1).uppercased() + type.dropFirst()
    }

    /// Whether a manager reads it for that unit: a template's for each of its instances, the drop-ins of a prefix or of a
    /// type for all whose name begins or ends with it (systemd.unit(5)).
    public func concerns(_ unit: UnitID) -> Bool {
        guard let name = unitName else { return false }
        switch (manager, unit.manager) {
        case (nil, .user): break
        case (let scope?, let other) where scope == other: break
        default: return false
        }
        if name == unit.name { return true }
        guard let dot = unit.name.lastIndex(of: ".") else { return false }
        let (stem, type) = (unit.name[..<dot], unit.name[dot...])
        if "." + name == type { return true }
        if let at = stem.firstIndex(of: "@"), name == stem[...at] + type { return true }
        guard name.hasSuffix("-" + type) else { return false }
        return stem.hasPrefix(name.dropLast(type.count))
    }

    private static func owner(ofDropIns folder: Substring) -> String? {
        guard folder.hasSuffix(".d") else { return nil }
        let name = folder.dropLast(2)
        return isUnit(name) || types.contains(name) ? String(name) : nil
    }

    private static let types: Set<Substring> = [
        "service", "socket", "slice", "scope", "timer", "target", "path", "mount",
    ]

    /// Those that have a cgroup of their own.
    private static let limited: Set<Substring> = ["service", "socket", "slice", "scope", "mount"]

    private static func isUnit(_ name: Substring) -> Bool {
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return false }
        return types.contains(name[name.index(after: dot)...])
    }
}
