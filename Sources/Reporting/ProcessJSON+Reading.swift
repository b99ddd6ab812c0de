import Attribution
import EventModel

extension IncidentJSON {
    static func process(_ reader: DocumentReader) throws(DocumentError) -> ProcessDescription {
        let (bootID, key) = try identity(reader)
        return ProcessDescription(
            key: key, bootID: bootID, parentPID: try reader.optionalNumber("ppid"), comm: try reader.text("comm"),
            exe: try reader.optionalText("exe"), argv: try reader.texts("argv"),
            argvTruncated: try reader.flag("argv_truncated"), cwd: try reader.optionalText("cwd"),
            uid: try reader.optionalNumber("uid"), unit: try reader.optionalText("unit"),
            cgroup: try reader.optionalText("cgroup"), exit: try reader.optionalObject("exit", ending),
            agent: try reader.optionalObject("agent", agent), seenBy: try reader.source("seen_by"),
            namespacedPID: try reader.optionalNumber("namespaced_pid"))
    }

    /// `BOOTID:STARTNS:PID`; a boot id has no colon in it.
    private static func identity(_ reader: DocumentReader) throws(DocumentError) -> (String, ProcessKey) {
        let parts = try reader.text("id").split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let start = UInt64(parts[1]), let pid = Int32(parts[2]) else {
            throw reader.error("id", "is no identity of a process")
        }
        return (String(parts[0]), ProcessKey(pid: pid, start: BootTime(nanoseconds: start)))
    }

    private static func ending(_ reader: DocumentReader) throws(DocumentError) -> ProcessDescription.Ending {
        let at = try reader.time("at")
        if let code: UInt8 = try reader.optionalNumber("code") {
            return ProcessDescription.Ending(at: at, status: .code(code))
        }
        guard let signal: Int32 = try reader.optionalNumber("signal") else {
            return ProcessDescription.Ending(at: at, status: nil)
        }
        let isDumped = try reader.flag("core_dumped")
        return ProcessDescription.Ending(at: at, status: .signal(Signal(rawValue: signal), coreDumped: isDumped))
    }

    static func agent(_ reader: DocumentReader) throws(DocumentError) -> AgentDescription {
        AgentDescription(
            name: try reader.text("name"), sessionID: try reader.optionalText("session_id"),
            recognisedBy: try reader.texts("recognised_by"))
    }

    static func evidence(_ reader: DocumentReader) throws(DocumentError) -> Evidence {
        Evidence(
            id: try reader.text("id"), at: try reader.time("at"), source: try reader.source("source"),
            kind: try reader.text("kind"), text: try reader.text("text"),
            process: try reader.optionalObject("process", process), rule: try reader.optionalText("rule"),
            data: try reader.object("data") { (data) throws(DocumentError) in
                var values: [String: Evidence.Value] = [:]
                for member in data.value.members ?? [] {
                    switch member.value {
                    case .integer(let number): values[member.name] = .integer(number)
                    case .string(let text): values[member.name] = .text(text)
                    case .flag(let flag): values[member.name] = .flag(flag)
                    default: throw data.error(member.name, "is neither a number, a string nor a flag")
                    }
                }
                return values
            })
    }

    static func source(_ reader: DocumentReader) throws(DocumentError) -> SourceStatus {
        let name = try reader.text("state")
        guard let state = [SourceStatus.State.active, .degraded, .missing].first(where: { $0.name == name }) else {
            throw reader.error("state", "is not a known word")
        }
        return SourceStatus(name: try reader.text("name"), state: state, why: try reader.text("why"))
    }
}

extension DocumentReader {
    fileprivate func source(_ name: String) throws(DocumentError) -> Source {
        let text = try text(name)
        guard let source = Source.allCases.first(where: { $0.name == text }) else {
            throw error(name, "is not a known word")
        }
        return source
    }
}
