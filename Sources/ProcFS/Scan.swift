public import EventModel

/// What one look over a whole tree brought, and what it did not.
public struct Scan: Hashable, Sendable {
    public var events: [Event] = []
    /// How many are there but could not be read.
    public var unreadable = 0
    /// How many were left out by a limit.
    public var omitted = 0

    public init() {}
}
