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
        public internal(set) var sessions = SessionLabels()
        public var grounds: Set<Ground>
        /// The variable of the root's environment that names the agent, where that is why it is a root.
        public var variable: String?
        public var root: ProcessKey
        public var since: BootTime
        /// The membership that the root itself was born into, 0 for none.
        public var outer: Int32

        /// Of the latest session.
        public var sessionID: String? { sessions.latest }

        /// No program of that agent was seen: somebody gave the root a marker, and nobody knows who.
        public var isMarkerOnly: Bool { grounds == [.env] }
    }

    public let definitions: [AgentDefinition]
    /// What the markers of an environment say.
    public let reader: MarkerReader
    /// Most memberships kept; beyond it the oldest without a living process are dropped.
    public let capacity: Int
    private var matcher: DefinitionMatcher
    var memberships: [Int32: Membership] = [:]
    private var nextTag: Int32 = 1
    /// Memberships that could not be kept because all places belong to living agents.
    public private(set) var refused: UInt64 = 0

    public init(definitions: [AgentDefinition], capacity: Int = 4096) {
        self.definitions = definitions
        reader = MarkerReader(definitions)
        matcher = DefinitionMatcher(definitions)
        self.capacity = capacity
    }

    /// Names of the variables that recognition needs to see.
    public var markerNames: [String] { reader.names }

    public subscript(tag: Int32) -> Membership? { memberships[tag] }

    public var all: [Membership] { memberships.values.sorted { $0.tag < $1.tag } }

    /// Looks at what a process has just become. An agent's helpers, its re-execution and its sub-agents of the same kind
    /// are counted to it, whichever version of its program they run. Call it after the table has taken the event in.
    public mutating func apply(_ event: Event, table: inout ProcessTable, cgroups: CgroupTree) {
        guard let key = event.process, let image = Self.image(in: event) else { return }
        let program = matcher.match(image, unit: cgroups.unit(of: table[key]?.cgroup ?? .unknown))
        // Nearly every exec on a host is neither: it shall cost no more than that. Nor is there news in markers that came
        // with the fork.
        guard program != nil || !image.markers.isEmpty else { return }
        if program == nil, table.tag(of: key) ?? 0 != 0, !table.hasNewMarkers(key) { return }
        guard let process = table[key] else { return }
        if let program, isRoot(program, process) {
            add(
                program.definition.name, grounds: program.grounds, root: process, outer: owner(of: process, program),
                at: event.time, table: &table)
        } else if let claim = reader.claim(image.markers) {
            confirm(claim, process, event, table: &table, cgroups: cgroups)
        }
    }

    private static func image(in event: Event) -> ExecImage? {
        switch event.body {
        case .exec(let exec): exec.image
        case .seen(let seen): seen.image
        default: nil
        }
    }

    /// Whether the agent's program begins a tree of its own here: below its like it does not, unless only a marker had
    /// said that there is one, or it is a service that others will share.
    private func isRoot(_ program: DefinitionMatcher.Match, _ process: TrackedProcess) -> Bool {
        guard let current = memberships[process.tag], current.agent == program.definition.name else { return true }
        guard current.root != process.key else { return false }
        return program.isDaemon || current.isMarkerOnly
    }

    /// The membership that owns the new one, 0 for none: a service that is shared belongs to none of its like, and what
    /// only a marker had said is replaced.
    private func owner(of process: TrackedProcess, _ program: DefinitionMatcher.Match) -> Int32 {
        let name = program.definition.name
        return chain(from: process.tag).first { $0.agent != name || !(program.isDaemon || $0.isMarkerOnly) }?.tag ?? 0
    }

    /// A marker confirms the membership that came by fork. Where there is none it makes the process a root, if it comes
    /// from something that may be an agent.
    private mutating func confirm(
        _ claim: MarkerReader.Claim, _ process: TrackedProcess, _ event: Event, table: inout ProcessTable,
        cgroups: CgroupTree
    ) {
        if let holder = chain(from: process.tag).first(where: { $0.agent == claim.agent }) {
            if !holder.isMarkerOnly { memberships[holder.tag]?.grounds.insert(.env) }
            label(holder.tag, with: claim.session, process, at: event.time, table: table)
            return
        }
        // What is in an agent's tree by its fork does not leave it for a variable that came along.
        guard process.tag == 0, speaks(for: claim.agent, process, table, cgroups) else { return }
        add(
            claim.agent, grounds: [.env], variable: claim.variable, session: claim.session, root: process, outer: 0,
            at: event.time, table: &table)
    }

    private func speaks(
        for agent: String, _ process: TrackedProcess, _ table: ProcessTable, _ cgroups: CgroupTree
    ) -> Bool {
        // What was not believed is not when it executes something else, nor is what it has started.
        let made = process.creator.flatMap { table[$0] }?.image(at: process.key.start)
        if [process.previousImage, made].contains(where: { $0.flatMap { reader.claim($0.markers) } != nil }) {
            return false
        }
        let unit = cgroups.unit(of: process.cgroup) ?? ""
        let inService = unit.hasSuffix(".service") && !unit.hasPrefix("user@") && !unit.hasPrefix("app-")
        let setter = MarkerSetter.of(process, table: table, inService: inService)
        // Where no program tells the agent, the marker is all that can be there.
        return setter.speaksForAgent || (setter != .multiplexer && !reader.hasProgram(agent))
    }

    /// Whether the image is a program of that agent.
    public mutating func isProgram(_ image: ExecImage, of agent: String) -> Bool {
        matcher.match(image, unit: nil)?.definition.name == agent
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

    mutating func add(
        _ agent: String, grounds: Set<Ground>, variable: String? = nil, session: String? = nil, root: TrackedProcess,
        outer: Int32, at time: BootTime, table: inout ProcessTable
    ) {
        guard makeRoom(&table) else {
            refused += 1
            return
        }
        let tag = nextTag
        nextTag = nextTag == .max ? 1 : nextTag + 1
        var membership = Membership(
            tag: tag, agent: agent, grounds: grounds, variable: variable, root: root.key, since: time, outer: outer)
        if let session { membership.sessions.begin(session, holder: root.key, at: time) }
        memberships[tag] = membership
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
