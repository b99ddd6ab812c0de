public import Attribution
public import EventModel
public import IncidentDetection

/// An incident as a line of `incidents list`.
public struct IncidentSummary: Hashable, Sendable {
    public var id: String
    public var fingerprint: String
    public var revision: Int
    public var wallOffset: WallOffset
    public var subject: Subject
    public var disruption: Disruption
    public var outcome: Outcome
    public var mechanism: Mechanism
    public var confidence: Confidence
    public var summary: String
    /// The agent whose tree did it.
    public var agent: AgentDescription?

    public init(
        id: String, fingerprint: String, revision: Int, wallOffset: WallOffset, subject: Subject,
        disruption: Disruption,
        outcome: Outcome, mechanism: Mechanism, confidence: Confidence, summary: String, agent: AgentDescription?
    ) {
        self.id = id
        self.fingerprint = fingerprint
        self.revision = revision
        self.wallOffset = wallOffset
        self.subject = subject
        self.disruption = disruption
        self.outcome = outcome
        self.mechanism = mechanism
        self.confidence = confidence
        self.summary = summary
        self.agent = agent
    }

    public init(_ incident: Incident) {
        self.init(
            id: incident.id, fingerprint: incident.fingerprint, revision: incident.revision,
            wallOffset: incident.wallOffset, subject: incident.subject, disruption: incident.disruption,
            outcome: incident.verdict.outcome, mechanism: incident.verdict.mechanism,
            confidence: incident.verdict.confidence, summary: incident.verdict.summary,
            agent: incident.verdict.culprit?.agent)
    }
}
