import AgentRecognition
import EventModel

/// One agent's definition in YAML, built in or configured.
enum AgentReader {
    private static let known = [
        "name", "called", "exe", "path", "argv", "script", "title", "arguments", "unless", "daemon", "env",
        "session_env", "unit",
    ]
    /// As many bytes of a variable, with its name, are recorded at most.
    private static let markerLimit = 127

    static func read(_ section: YAMLSection) throws(ConfigurationError) -> AgentDefinition {
        var agent = AgentDefinition(name: "")
        for entry in try section.entries() {
            switch entry.key {
            case "name": agent.name = try entry.text()
            case "called": agent.called = try entry.texts()
            case "exe": agent.exe = try entry.globs()
            case "path": agent.path = try entry.globs()
            case "argv": agent.argv = try entry.globs()
            case "script": agent.script = try entry.globs()
            case "title": agent.title = try entry.globs()
            case "arguments": agent.arguments = try entry.globs()
            case "unless": agent.unless = try entry.globs()
            case "daemon": agent.daemon = try entry.globs()
            case "env": agent.environment = try entry.texts().map(marker)
            case "unit": agent.units = try entry.globs()
            case "session_env": agent.sessionEnvironment = try entry.texts()
            default: throw entry.unknown(known)
            }
        }
        try check(agent, section)
        return agent
    }

    private static func check(_ agent: AgentDefinition, _ section: YAMLSection) throws(ConfigurationError) {
        guard !agent.name.isEmpty else { throw section.error("an agent needs a name") }
        for name in agent.environment.map(\.name) + agent.sessionEnvironment
        where name.isEmpty || name.utf8.count > 31 || name.contains("=") {
            throw section.error("\(name): the name of a variable is 1 to 31 bytes long")
        }
        for marker in agent.environment
        where marker.name.utf8.count + 1 + (marker.value?.utf8.count ?? 0) > markerLimit {
            throw section.error("\(marker.name): a variable with its value is \(markerLimit) bytes long at most")
        }
        guard
            !agent.exe.isEmpty || !agent.path.isEmpty || !agent.argv.isEmpty || !agent.script.isEmpty
                || !agent.environment.isEmpty || !agent.units.isEmpty
        else {
            throw section.error("\(agent.name) needs at least one of exe, path, argv, script, env, unit")
        }
    }

    /// `NAME`, or `NAME=VALUE` where only that value counts.
    private static func marker(_ text: String) -> AgentDefinition.Marker {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return AgentDefinition.Marker(
            name: parts.first.map(String.init) ?? "", value: parts.count > 1 ? parts.last.map(String.init) : nil)
    }
}
