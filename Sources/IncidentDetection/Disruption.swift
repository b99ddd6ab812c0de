public import EventModel

/// What happened to a subject, from its own history; nothing here says who did it.
public struct Disruption: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        case restarted, stopped, killed, failed
        case failedToStart = "failed-to-start"
        case degraded, drained
    }

    public var kind: Kind
    /// The effect: when the main process ended, or when a start failed.
    public var at: BootTime
    /// When it ran again; nil while it does not.
    public var recoveredAt: BootTime?
    public var mainBefore: ProcessKey?
    public var mainAfter: ProcessKey?
    /// Nil where nobody saw how it ended.
    public var status: ExitStatus?
    /// Of a unit; nil for every other subject.
    public var systemd: UnitFacts?

    public var coreDumped: Bool { status?.coreDumped ?? false }

    public init(
        kind: Kind, at: BootTime, recoveredAt: BootTime? = nil, mainBefore: ProcessKey? = nil,
        mainAfter: ProcessKey? = nil, status: ExitStatus? = nil, systemd: UnitFacts? = nil
    ) {
        self.kind = kind
        self.at = at
        self.recoveredAt = recoveredAt
        self.mainBefore = mainBefore
        self.mainAfter = mainAfter
        self.status = status
        self.systemd = systemd
    }
}
