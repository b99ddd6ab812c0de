public import EventModel

/// Who holds a port, and who was refused it, with the tree that each belongs to.
public struct PortReport: Hashable, Sendable {
    public var port: UInt16
    public var entries: [Entry]

    public struct Entry: Hashable, Sendable {
        public var relation: Relation
        public var process: Step
        /// `127.0.0.1:8080/tcp`
        public var address: String
        /// Since when it holds it, or when it was refused.
        public var at: WallTime
        /// From the first ancestor that is known to the process itself; empty for who was refused.
        public var lineage: [Step]
        /// The agent above it, and its root.
        public var agent: Step?

        public init(
            relation: Relation, process: Step, address: String, at: WallTime, lineage: [Step] = [], agent: Step? = nil
        ) {
            self.relation = relation
            self.process = process
            self.address = address
            self.at = at
            self.lineage = lineage
            self.agent = agent
        }
    }

    public enum Relation: String, Hashable, Sendable { case listens, holds, held, refused }

    /// A process, or an agent, by its name.
    public struct Step: Hashable, Sendable {
        public var name: String
        public var pid: Int32

        public init(name: String, pid: Int32) {
            self.name = name
            self.pid = pid
        }
    }

    public init(port: UInt16, entries: [Entry]) {
        self.port = port
        self.entries = entries
    }
}

/// The answer of `culprit who :PORT`.
public enum PortText {
    public static func render(_ report: PortReport) -> String {
        report.entries.flatMap(lines).map { $0.text + "\n" }.joined()
    }

    private static func lines(_ entry: PortReport.Entry) -> [VisibleText] {
        let process: VisibleText = "\(entry.process.name) (pid \(entry.process.pid))"
        let relation: VisibleText =
            switch entry.relation {
            case .listens: "listens on"
            case .holds: "holds"
            case .held: "held until it was closed"
            case .refused: "was refused"
            }
        let first: VisibleText = "\(process) \(relation) \(entry.address)"
        let time = entry.at.rfc3339
        guard entry.relation != .refused else { return [first, "  at \(time)"] }
        let steps = entry.lineage.map { step -> VisibleText in "\(step.name) \(step.pid)" }
        let agent: VisibleText =
            entry.agent.map { "in the tree of \($0.name) (pid \($0.pid))" } ?? "no agent is above it"
        return [first, "  since \(time)", "  \(VisibleText(steps, separator: " > "))", "  \(agent)"]
    }
}

/// The same as JSON, for the way from the daemon to its client.
public enum PortJSON {
    public static func document(_ report: PortReport) -> JSONValue {
        [
            "port": .integer(Int64(report.port)),
            "entries": .array(
                report.entries.map { entry in
                    [
                        "relation": .string(entry.relation.rawValue), "process": step(entry.process),
                        "address": .string(entry.address), "at": .string(entry.at.rfc3339),
                        "lineage": .array(entry.lineage.map(step)), "agent": entry.agent.map(step) ?? .null,
                    ]
                }),
        ]
    }

    private static func step(_ step: PortReport.Step) -> JSONValue {
        ["name": .string(step.name), "pid": .integer(Int64(step.pid))]
    }

    public static func report(_ document: JSONValue) throws(DocumentError) -> PortReport {
        // Its times are wall time, whatever the offset.
        let reader = DocumentReader(document, offset: WallOffset(nanoseconds: 0))
        return PortReport(
            port: try reader.number("port"),
            entries: try reader.list("entries") { (entry) throws(DocumentError) in
                guard let at = WallTime(rfc3339: try entry.text("at")) else { throw entry.error("at", "is not a time") }
                return PortReport.Entry(
                    relation: try entry.choice("relation"), process: try entry.object("process", step),
                    address: try entry.text("address"), at: at, lineage: try entry.list("lineage", step),
                    agent: try entry.optionalObject("agent", step))
            })
    }

    private static func step(_ reader: DocumentReader) throws(DocumentError) -> PortReport.Step {
        PortReport.Step(name: try reader.text("name"), pid: try reader.number("pid"))
    }
}
