import AgentRecognition
import Yams

/// The agents that are known without any configuration: one YAML file each, in `agents/`, inside the binary.
enum BuiltInAgents {
    /// A file that cannot be read is left out here; a test holds that none is.
    static let definitions: [AgentDefinition] = sources.compactMap { try? definition(in: $0) }

    /// Where an environment has the markers of several, the first counts: those that set another's as well, or descend
    /// from it, come before that one.
    static let sources: [String] = [
        PackageResources.amp_yaml, PackageResources.crush_yaml, PackageResources.goose_yaml,
        PackageResources.opencode_yaml, PackageResources.auggie_yaml, PackageResources.qwen_code_yaml,
        PackageResources.gemini_cli_yaml, PackageResources.cursor_agent_yaml, PackageResources.copilot_cli_yaml,
        PackageResources.codex_yaml, PackageResources.claude_code_yaml, PackageResources.aider_yaml,
        PackageResources.devin_yaml, PackageResources.droid_yaml,
    ].map { String(decoding: $0, as: UTF8.self) }

    static func definition(in yaml: String) throws -> AgentDefinition? {
        guard let node = try Yams.compose(yaml: yaml) else { return nil }
        return try AgentReader.read(YAMLSection(file: "built in", path: "agents", node: node))
    }
}
