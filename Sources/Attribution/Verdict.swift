/// What the evidence says of a disruption.
public struct Verdict: Hashable, Sendable {
    public var outcome: Outcome
    public var mechanism: Mechanism
    public var confidence: Confidence
    /// One sentence a tired person understands.
    public var summary: String
    /// Nil only when the outcome is `unknown`.
    public var culprit: Culprit?
    /// Ids of the rules that led here.
    public var rules: [String]
    public var alternatives: [Alternative]
    public var exonerated: [Exoneration]

    public init(
        outcome: Outcome, mechanism: Mechanism, confidence: Confidence, summary: String, culprit: Culprit?,
        rules: [String], alternatives: [Alternative] = [], exonerated: [Exoneration] = []
    ) {
        self.outcome = outcome
        self.mechanism = mechanism
        self.confidence = confidence
        self.summary = summary
        self.culprit = culprit
        self.rules = rules
        self.alternatives = alternatives
        self.exonerated = exonerated
    }
}

public enum Outcome: String, Hashable, Sendable, CaseIterable {
    /// An agent's tree did it.
    case agent
    /// A person's own session did it, with no agent in the chain.
    case `operator`
    /// The machine's own housekeeping.
    case system
    /// The service did it to itself.
    case `self`
    /// The evidence does not reach.
    case unknown
}

public enum Mechanism: String, Hashable, Sendable, CaseIterable {
    case managerRequest = "manager-request"
    case signal
    case oomKill = "oom-kill"
    case userspaceOOMKill = "userspace-oom-kill"
    case portConflict = "port-conflict"
    case resourceContention = "resource-contention"
    case configChange = "config-change"
    case crash
    case exit
    case watchdog
    case dependency
    case scheduled
    case eviction
    case hostShutdown = "host-shutdown"
    case unknown
}

public enum Confidence: String, Hashable, Comparable, Sendable, CaseIterable {
    case none
    case possible
    case likely
    case proven

    public static func < (a: Confidence, b: Confidence) -> Bool {
        (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }

    /// One step less sure; `none` and `possible` stay.
    public var lowered: Confidence {
        switch self {
        case .proven: .likely
        case .likely: .possible
        case .possible, .none: self
        }
    }
}

/// The tree that did it.
public struct Culprit: Hashable, Sendable {
    /// Nil for a person, the system, or the subject itself.
    public var agent: AgentDescription?
    public var root: ProcessDescription
    /// The process whose own act set it off.
    public var actor: ProcessDescription
    /// From root to actor, both included.
    public var chain: [ProcessDescription]

    public init(
        agent: AgentDescription?, root: ProcessDescription, actor: ProcessDescription, chain: [ProcessDescription]
    ) {
        self.agent = agent
        self.root = root
        self.actor = actor
        self.chain = chain
    }
}

/// Another reading that was considered, and why it was not chosen.
public struct Alternative: Hashable, Sendable {
    public var outcome: Outcome
    public var mechanism: Mechanism
    public var culprit: Culprit?
    public var whyNot: String

    public init(outcome: Outcome, mechanism: Mechanism, culprit: Culprit? = nil, whyNot: String) {
        self.outcome = outcome
        self.mechanism = mechanism
        self.culprit = culprit
        self.whyNot = whyNot
    }
}

/// An agent that was there and did not do it.
public struct Exoneration: Hashable, Sendable {
    public var agent: AgentDescription
    public var root: ProcessDescription
    public var why: String
    /// Ids of evidence.
    public var evidence: [String]

    public init(agent: AgentDescription, root: ProcessDescription, why: String, evidence: [String]) {
        self.agent = agent
        self.root = root
        self.why = why
        self.evidence = evidence
    }
}
