public import EventModel

/// What was disrupted.
public struct Subject: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable { case unit, process, container, host }
    public enum Manager: String, Hashable, Sendable { case system, user }

    public var kind: Kind
    public var name: String
    /// Nil for what no manager runs.
    public var manager: Manager?
    /// The user whose manager it is.
    public var uid: UInt32?
    public var invocationBefore: String?
    public var invocationAfter: String?

    public init(
        kind: Kind, name: String, manager: Manager? = nil, uid: UInt32? = nil, invocationBefore: String? = nil,
        invocationAfter: String? = nil
    ) {
        self.kind = kind
        self.name = name
        self.manager = manager
        self.uid = uid
        self.invocationBefore = invocationBefore
        self.invocationAfter = invocationAfter
    }

    public init(unit: UnitID, invocationBefore: String? = nil, invocationAfter: String? = nil) {
        self.init(
            kind: .unit, name: unit.name, manager: unit.manager == .system ? .system : .user, uid: unit.manager.uid,
            invocationBefore: invocationBefore, invocationAfter: invocationAfter)
    }

    /// Nil for what is no unit.
    public var unit: UnitID? {
        guard kind == .unit, let manager else { return nil }
        return UnitID(manager: manager == .system ? .system : .user(uid ?? 0), name: name)
    }
}
