import AgentRecognition
import Yams

/// The agents that are known without any configuration: one YAML file each, in `agents/`, inside the binary.
enum BuiltInAgents {
    /// A file that cannot be read is left out here; a test holds that none is.
    static let definitions: [AgentDefinition] = sources.compactMap { try? definition(in: $0) }

    static let sources: [String] = [PackageResources.claude_code_yaml, PackageResources.codex_yaml].map {
        String(decoding: $0, as: UTF8.self)
    }

    static func definition(in yaml: String) throws -> AgentDefinition? {
        guard let node = try Yams.compose(yaml: yaml) else { return nil }
        return try AgentReader.read(YAMLSection(file: "built in", path: "agents", node: node))
    }
}
