public import Attribution
public import EventModel
public import IncidentDetection

/// One incident as the store holds it: the document as it was written once, what has changed since, and what it is looked
/// up by.
public struct StoredIncident: Hashable, Sendable {
    public var id: String
    /// The disruption, UTC.
    public var at: WallTime
    /// Between the document's times and the CLOCK_BOOTTIME of its boot.
    public var wallOffset: WallOffset
    public var subject: Subject
    public var outcome: String
    public var mechanism: String
    public var confidence: String
    /// Name of the agent whose tree did it.
    public var agent: String?
    public var fingerprint: String
    /// 1 as written; counts up with every change.
    public var revision: Int
    public var related: [String]
    public var recoveredAt: WallTime?
    /// The entry of `incidents list` (JSON), as it was written.
    public var summary: String
    /// What its reader needs beside the document (JSON).
    public var supplement: String
    /// `culprit.incident/v1` (JSON), as it was written.
    public var document: String

    /// - `summary`, `supplement`, `document`: JSON of `incident`, by whoever renders it.
    public init(_ incident: Incident, summary: String, supplement: String, document: String) {
        id = incident.id
        at = incident.wallOffset.wall(incident.disruption.at)
        wallOffset = incident.wallOffset
        subject = incident.subject
        outcome = incident.verdict.outcome.rawValue
        mechanism = incident.verdict.mechanism.rawValue
        confidence = incident.verdict.confidence.rawValue
        agent = incident.verdict.culprit?.agent?.name
        fingerprint = incident.fingerprint
        revision = incident.revision
        related = incident.related
        recoveredAt = incident.disruption.recoveredAt.map(incident.wallOffset.wall)
        self.summary = summary
        self.supplement = supplement
        self.document = document
    }
}

/// What stands beside an incident's document: all that may change after it was written.
public struct IncidentChanges: Hashable, Sendable {
    public var revision: Int
    public var related: [String]
    public var recoveredAt: WallTime?
    /// Oldest first.
    public var annotations: [Annotation]
    public var exports: [ExportState]

    public init(
        revision: Int, related: [String] = [], recoveredAt: WallTime? = nil, annotations: [Annotation] = [],
        exports: [ExportState] = []
    ) {
        self.revision = revision
        self.related = related
        self.recoveredAt = recoveredAt
        self.annotations = annotations
        self.exports = exports
    }
}

/// What a person added to an incident.
public struct Annotation: Hashable, Sendable {
    public var at: WallTime
    /// Who wrote it.
    public var uid: UInt32
    /// At most `longest` bytes; anything, so it is escaped where it is shown.
    public var text: String

    public static let longest = 4096

    public init(at: WallTime, uid: UInt32, text: String) {
        self.at = at
        self.uid = uid
        self.text = text
    }
}

/// Whether an incident has been handed to a tracker, webhook or the like.
public struct ExportState: Hashable, Sendable {
    /// `github`, `webhook`, ...
    public var target: String
    /// `done` or `failed`.
    public var state: String
    public var at: WallTime
    /// Where it is now, or why it is not.
    public var detail: String

    public init(target: String, state: String, at: WallTime, detail: String) {
        self.target = target
        self.state = state
        self.at = at
        self.detail = detail
    }
}

/// An incident out of the store, whole.
public struct StoredDocument: Hashable, Sendable {
    public var id: String
    public var document: String
    public var supplement: String
    public var wallOffset: WallOffset
    public var changes: IncidentChanges

    public init(id: String, document: String, supplement: String, wallOffset: WallOffset, changes: IncidentChanges) {
        self.id = id
        self.document = document
        self.supplement = supplement
        self.wallOffset = wallOffset
        self.changes = changes
    }
}

/// An incident out of the store, as an entry of a list: annotations are left out.
public struct StoredSummary: Hashable, Sendable {
    public var id: String
    public var at: WallTime
    public var summary: String
    public var supplement: String
    public var wallOffset: WallOffset
    public var changes: IncidentChanges

    public init(
        id: String, at: WallTime, summary: String, supplement: String, wallOffset: WallOffset, changes: IncidentChanges
    ) {
        self.id = id
        self.at = at
        self.summary = summary
        self.supplement = supplement
        self.wallOffset = wallOffset
        self.changes = changes
    }
}
