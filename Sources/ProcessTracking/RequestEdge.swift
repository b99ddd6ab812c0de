public import EventModel

/// A process works for another one than the one that forked it: somebody asked, and a manager or a server made it.
public struct RequestEdge: Hashable, Sendable {
    /// Who asked. Nil where somebody did and it may have been one of several, or was not seen.
    public var requester: ProcessKey?
    /// What was asked for, for a person: `StartTransientUnit run-u1.service`. May hold bytes from outside.
    public var via: String
    /// When the request was seen; a send is seen when it is done.
    public var at: BootTime
    public var source: Source
    public var certainty: Certainty
    /// The agent membership of the requester when it asked, for when the table has forgotten it.
    public var tag: Int32

    /// How it is known that this request led to that work.
    public enum Certainty: UInt8, Hashable, Sendable, CaseIterable {
        /// Both ends name the same thing: a unit, a container.
        case named = 1
        /// By time, or by what was asked for, and nobody else can have asked.
        case inferred = 2
        /// Who asked is not known.
        case open = 3
    }

    public init(
        requester: ProcessKey?, via: String, at: BootTime, source: Source = .bpf, certainty: Certainty, tag: Int32 = 0
    ) {
        self.requester = requester
        self.via = via
        self.at = at
        self.source = source
        self.certainty = certainty
        self.tag = tag
    }
}
