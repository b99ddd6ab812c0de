public import EventModel
public import IncidentDetection

/// One disruption with its verdict and its proof: the value behind `culprit.incident/v1`. Times are CLOCK_BOOTTIME here;
/// `host.wallOffset` turns them into wall time for display.
public struct Incident: Hashable, Sendable {
    public static let schema = "culprit.incident/v1"

    /// Sortable by time, unique on a host.
    public var id: String
    public var revision: Int
    /// Ids of incidents that the same act caused.
    public var related: [String]
    /// Equal for the same kind of cause on the same subject.
    public var fingerprint: String
    public var host: Host
    /// In force when the disruption happened.
    public var wallOffset: WallOffset
    public var subject: Subject
    public var disruption: Disruption
    public var verdict: Verdict
    public var evidence: [Evidence]
    /// Evidence and context together, in order.
    public var timeline: [Evidence]
    public var oom: OOM?
    /// Nil where nothing was measured, or nothing of it bears on what happened.
    public var pressure: PressureRecord?
    public var completeness: Completeness

    public init(
        id: String, revision: Int = 1, related: [String] = [], fingerprint: String, host: Host, wallOffset: WallOffset,
        subject: Subject, disruption: Disruption, verdict: Verdict, evidence: [Evidence], timeline: [Evidence],
        oom: OOM? = nil, pressure: PressureRecord? = nil, completeness: Completeness
    ) {
        self.id = id
        self.revision = revision
        self.related = related
        self.fingerprint = fingerprint
        self.host = host
        self.wallOffset = wallOffset
        self.subject = subject
        self.disruption = disruption
        self.verdict = verdict
        self.evidence = evidence
        self.timeline = timeline
        self.oom = oom
        self.pressure = pressure
        self.completeness = completeness
    }
}

/// One observed fact of an incident.
public struct Evidence: Hashable, Sendable {
    /// `e1`, `e2`, ...: unique within the incident.
    public var id: String
    public var at: BootTime
    public var source: Source
    /// `signal`, `exit`, `exec`, `oom-victim`, ...
    public var kind: String
    /// One line for a person; may hold bytes from outside, so a renderer must escape it.
    public var text: String
    public var process: ProcessDescription?
    /// The rule that used it; nil for context.
    public var rule: String?
    /// Details by name; nanosecond counters are decimal strings.
    public var data: [String: Value]

    public enum Value: Hashable, Sendable {
        case integer(Int64)
        case text(String)
        case flag(Bool)
    }

    public init(
        id: String, at: BootTime, source: Source, kind: String, text: String, process: ProcessDescription? = nil,
        rule: String? = nil, data: [String: Value] = [:]
    ) {
        self.id = id
        self.at = at
        self.source = source
        self.kind = kind
        self.text = text
        self.process = process
        self.rule = rule
        self.data = data
    }
}

/// A process as a report shows it.
public struct ProcessDescription: Hashable, Sendable {
    public var key: ProcessKey
    public var bootID: String
    /// The creator's pid where the fork was seen, the parent's otherwise; nil where neither is known.
    public var parentPID: Int32?
    public var comm: String
    public var exe: String?
    public var argv: [String]
    public var argvTruncated: Bool
    public var cwd: String?
    public var uid: UInt32?
    public var unit: String?
    public var cgroup: String?
    public var exit: Ending?
    public var agent: AgentDescription?
    /// bpf or procfs: whether its start was observed or read afterwards.
    public var seenBy: Source
    public var namespacedPID: Int32?

    public struct Ending: Hashable, Sendable {
        public var at: BootTime
        /// Nil where nobody saw how.
        public var status: ExitStatus?

        public init(at: BootTime, status: ExitStatus?) {
            self.at = at
            self.status = status
        }
    }

    public init(
        key: ProcessKey, bootID: String, parentPID: Int32? = nil, comm: String, exe: String? = nil, argv: [String] = [],
        argvTruncated: Bool = false, cwd: String? = nil, uid: UInt32? = nil, unit: String? = nil, cgroup: String? = nil,
        exit: Ending? = nil, agent: AgentDescription? = nil, seenBy: Source, namespacedPID: Int32? = nil
    ) {
        self.key = key
        self.bootID = bootID
        self.parentPID = parentPID
        self.comm = comm
        self.exe = exe
        self.argv = argv
        self.argvTruncated = argvTruncated
        self.cwd = cwd
        self.uid = uid
        self.unit = unit
        self.cgroup = cgroup
        self.exit = exit
        self.agent = agent
        self.seenBy = seenBy
        self.namespacedPID = namespacedPID
    }
}

/// An agent as a report shows it.
public struct AgentDescription: Hashable, Sendable {
    public var name: String
    public var sessionID: String?
    /// `registration`, `env`, `exe`, `argv`, `cgroup`, `unit`; in this order.
    public var recognisedBy: [String]

    public init(name: String, sessionID: String? = nil, recognisedBy: [String]) {
        self.name = name
        self.sessionID = sessionID
        self.recognisedBy = recognisedBy
    }
}

/// The three roles of a kernel OOM kill, and how much each tree held.
public struct OOM: Hashable, Sendable {
    public enum Scope: String, Hashable, Sendable { case global, memcg }

    /// Nil while no source tells it.
    public var scope: Scope?
    public var limitBytes: UInt64?
    public var victim: ProcessDescription
    public var trigger: ProcessDescription?
    public var hog: ProcessDescription?
    public var trees: [Tree]

    public struct Tree: Hashable, Sendable {
        public var root: ProcessDescription
        public var agent: AgentDescription?
        public var rssBytes: UInt64
        /// Of all that the trees held, 0...1.
        public var share: Double

        public init(root: ProcessDescription, agent: AgentDescription?, rssBytes: UInt64, share: Double) {
            self.root = root
            self.agent = agent
            self.rssBytes = rssBytes
            self.share = share
        }
    }

    public init(
        scope: Scope?, limitBytes: UInt64? = nil, victim: ProcessDescription, trigger: ProcessDescription?,
        hog: ProcessDescription?, trees: [Tree] = []
    ) {
        self.scope = scope
        self.limitBytes = limitBytes
        self.victim = victim
        self.trigger = trigger
        self.hog = hog
        self.trees = trees
    }
}

/// What the collector did not see in the window of the incident.
public struct Completeness: Hashable, Sendable {
    public var lostEvents: UInt64
    public var gaps: [Gap]
    public var sources: [SourceStatus]

    public init(lostEvents: UInt64, gaps: [Gap], sources: [SourceStatus]) {
        self.lostEvents = lostEvents
        self.gaps = gaps
        self.sources = sources
    }
}
