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

    public enum Step: UInt8, Hashable, Sendable, CaseIterable {
        /// Opened for writing, and closed.
        case written = 0
        /// Moved to that name, or linked there.
        case placed = 1
        case removed = 2

        public var name: String { String(describing: self) }
    }

    public init(path: String, step: Step, manager: ManagerScope?, writer: Int32) {
        self.path = path
        self.step = step
        self.manager = manager
        self.writer = writer
    }

    /// The unit that the file is of: `prod.service`, `prod.service.d/limit.conf`; nil where it is of none, or of a whole
    /// type (`service.d`).
    public var unitName: String? {
        let parts = path.split(separator: "/")
        guard let last = parts.last else { return nil }
        if let folder = parts.dropLast().last, folder.hasSuffix(".d") {
            let name = String(folder.dropLast(2))
            return last.hasSuffix(".conf") && Self.isUnit(name) ? name : nil
        }
        return Self.isUnit(String(last)) ? String(last) : nil
    }

    /// Whether it is one of that unit's; a template's file is one of each of its instances'.
    public func concerns(_ unit: UnitID) -> Bool {
        guard let name = unitName else { return false }
        switch (manager, unit.manager) {
        case (nil, .user): break
        case (let scope?, let other) where scope == other: break
        default: return false
        }
        if name == unit.name { return true }
        guard let at = unit.name.firstIndex(of: "@"), let dot = unit.name.lastIndex(of: "."), at < dot else {
            return false
        }
        return name == unit.name[...at] + unit.name[dot...]
    }

    private static func isUnit(_ name: String) -> Bool {
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return false }
        return ["service", "socket", "slice", "scope", "timer", "target", "path", "mount"].contains(
            name[name.index(after: dot)...])
    }
}
