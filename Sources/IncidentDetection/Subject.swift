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
}
