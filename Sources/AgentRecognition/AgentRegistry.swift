public import EventModel
public import ProcessTracking

/// The agents of this host, past and present, and which process made each of them known.
///
/// Membership is inherited at fork in the process table; this only ever adds roots. The innermost agent acts, the outer
/// ones own it.
public struct AgentRegistry: Sendable {
    /// One agent's process tree.
    public struct Membership: Hashable, Sendable {
        /// What a process carries as `tag`; from 1 on.
        public var tag: Int32
        public var agent: String
        public var sessionID: String?
        public var grounds: Set<Ground>
        public var root: ProcessKey
        public var since: BootTime
        /// The membership that the root itself was born into, 0 for none.
        public var outer: Int32
    }

    public let definitions: [AgentDefinition]
    /// Most memberships kept; beyond it the oldest without a living process are dropped.
    public let capacity: Int
    private var matcher: DefinitionMatcher
    private var memberships: [Int32: Membership] = [:]
    private var nextTag: Int32 = 1
    /// Memberships that could not be kept because all places belong to living agents.
    public private(set) var refused: UInt64 = 0

    /// Generic markers, where no definition is met: the value names the agent.
    public static let genericMarkers = ["AI_AGENT", "AGENT"]
    /// Names that `AGENT` may have: build servers, monitors and scripts use that variable for agents of other kinds.
    static let knownNames: Set<String> = [
        "claude-code", "codex", "gemini-cli", "cursor-agent", "copilot-cli", "opencode", "goose", "amp", "crush",
        "qwen-code",
        "auggie", "aider", "devin", "droid",
    ]

    public init(definitions: [AgentDefinition], capacity: Int = 4096) {
        self.definitions = definitions
        matcher = DefinitionMatcher(definitions)
        self.capacity = capacity
    }

    /// Names of the variables that recognition needs to see.
    public var markerNames: [String] {
        let names = definitions.flatMap { $0.environment.map(\.name) + [$0.sessionEnvironment].compactMap { $0 } }
        return Array(Set(names + Self.genericMarkers)).sorted()
    }

    public subscript(tag: Int32) -> Membership? { memberships[tag] }

    public var all: [Membership] { memberships.values.sorted { $0.tag < $1.tag } }

    /// Looks at what a process has just become. An agent's helpers, its re-execution and its sub-agents of the same kind
    /// are counted to it, whichever version of its program they run. Call it after the table has taken the event in.
    public mutating func apply(_ event: Event, table: inout ProcessTable, cgroups: CgroupTree) {
        guard let key = event.process, let image = Self.image(in: event) else { return }
        let itself = matcher.match(image, unit: cgroups.unit(of: table[key]?.cgroup ?? .unknown))
        // Nearly every exec on a host is neither: it shall cost no more than that.
        guard itself != nil || !image.markers.isEmpty, let process = table[key] else { return }
        let current = memberships[process.tag]
        if let found = matcher.match(image, unit: cgroups.unit(of: process.cgroup)),
            found.definition.name != current?.agent
        {
            add(
                found.definition.name, session: found.definition.sessionID(in: image.markers), grounds: found.grounds,
                root: process, at: event.time, table: &table)
        } else if !image.markers.isEmpty, let found = recogniseStarted(image) {
            confirm(found, current, process, event, table: &table)
        }
    }

    private static func image(in event: Event) -> ExecImage? {
        switch event.body {
        case .exec(let exec): exec.image
        case .seen(let seen): seen.image
        default: nil
        }
    }

    private struct Started {
        var agent: String
        var session: String?
    }

    private func recogniseStarted(_ image: ExecImage) -> Started? {
        if let definition = definitions.first(where: { $0.marks(image.markers) }) {
            return Started(agent: definition.name, session: definition.sessionID(in: image.markers))
        }
        for name in Self.genericMarkers {
            guard let value = image.markers.last(where: { $0.name == name })?.value, !value.isEmpty else { continue }
            guard isPlain(value), name == "AI_AGENT" || isKnown(value) else { continue }
            return Started(agent: value)
        }
        return nil
    }

    private func isPlain(_ name: String) -> Bool {
        name.utf8.count <= 64 && name.unicodeScalars.contains { $0.properties.isAlphabetic }
            && name.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_.".unicodeScalars.contains($0))
            }
    }

    private func isKnown(_ name: String) -> Bool {
        Self.knownNames.contains(name) || definitions.contains { $0.name == name }
    }

    /// A marker confirms the membership that came by fork; without one it makes the process a root.
    private mutating func confirm(
        _ found: Started, _ current: Membership?, _ process: TrackedProcess, _ event: Event, table: inout ProcessTable
    ) {
        guard let current, let holder = enclosing(current, named: found.agent) else {
            if current == nil {
                add(found.agent, session: found.session, grounds: [.env], root: process, at: event.time, table: &table)
            }
            return
        }
        memberships[holder.tag]?.grounds.insert(.env)
        if holder.sessionID == nil { memberships[holder.tag]?.sessionID = found.session }
    }

    private func enclosing(_ membership: Membership, named agent: String) -> Membership? {
        chain(from: membership.tag).first { $0.agent == agent }
    }

    /// The innermost membership first, then those that own it.
    public func chain(from tag: Int32) -> [Membership] {
        var chain: [Membership] = []
        var next = memberships[tag]
        while let current = next, chain.count < 16 {
            chain.append(current)
            next = current.outer == current.tag ? nil : memberships[current.outer]
        }
        return chain
    }

    private mutating func add(
        _ agent: String, session: String?, grounds: Set<Ground>, root: TrackedProcess, at time: BootTime,
        table: inout ProcessTable
    ) {
        guard makeRoom(&table) else {
            refused += 1
            return
        }
        let tag = nextTag
        nextTag = nextTag == .max ? 1 : nextTag + 1
        memberships[tag] = Membership(
            tag: tag, agent: agent, sessionID: session, grounds: grounds, root: root.key, since: time, outer: root.tag)
        table.setTag(tag, for: root.key, at: time)
    }

    private mutating func makeRoom(_ table: inout ProcessTable) -> Bool {
        guard memberships.count >= capacity else { return true }
        let finished = memberships.values.filter { table.census.living($0.tag) == 0 }
            .sorted { ($0.since, $0.tag) < ($1.since, $1.tag) }
        for membership in finished.prefix(max(1, capacity / 16)) {
            memberships[membership.tag] = nil
            table.retireTag(membership.tag)
        }
        return !finished.isEmpty
    }
}
