/// Which service manager: pid 1, or that of a user.
public enum ManagerScope: Hashable, Comparable, Sendable {
    case system
    case user(UInt32)

    /// The user whose manager it is; nil for the system's.
    public var uid: UInt32? {
        guard case .user(let uid) = self else { return nil }
        return uid
    }
}

/// A unit, told from one of the same name that another manager runs.
public struct UnitID: Hashable, Sendable {
    public var manager: ManagerScope
    /// Full name with its suffix: `web.service`.
    public var name: String

    public init(manager: ManagerScope, name: String) {
        self.manager = manager
        self.name = name
    }
}
