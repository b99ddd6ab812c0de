public import EventModel

/// What a process is to the agent whose tree it is in: no agent of its own, but a known part of one.
public enum AgentPart: String, Hashable, Sendable {
    /// Offers tools by the Model Context Protocol, over its standard input and output.
    case mcpServer = "mcp-server"
    /// A browser that is steered by a program.
    case browser

    /// Nil for what is none of them. Only to be asked of what is in an agent's tree: others have such programs, too.
    public static func of(_ image: ExecImage) -> AgentPart? {
        let words = image.argv.words
        let program = name(image.exe ?? image.path)
        if browsers.contains(program) || browsers.contains(name(image.path)) {
            return words.dropFirst().contains { word in steered.contains { word.hasPrefix($0) } } ? .browser : nil
        }
        let run = CommandWords(image.argv.head, path: image.path)
        let isInterpreter = [.javascript, .python, .shell].contains(CommandWords.Family(Array(program.utf8)))
        let last = isInterpreter ? String(decoding: run.script, as: UTF8.self).split(separator: " ").last : nil
        let script = last.map(String.init) ?? ""
        if isServer(program) || isServer(script) { return .mcpServer }
        // What a runner of packages or containers is given stands behind its name.
        if runners.contains(program) || runners.contains(name(script)) {
            return words.dropFirst().prefix(mostWords).contains { isServer($0) } ? .mcpServer : nil
        }
        guard agents.contains(name(image.path)) || agents.contains(name(script)) else { return nil }
        let arguments = String(decoding: run.arguments, as: UTF8.self)
        return servers.contains { arguments.hasPrefix($0) } ? .mcpServer : nil
    }

    /// Agents that offer their tools, or themselves, in this way.
    private static let agents: Set<String> = ["claude", "codex", "goose", "qwen", "auggie", "cli.js"]
    private static let servers = ["mcp serve", "mcp-server", "mcp developer", "mcp computercontroller", "--mcp"]
    private static let mostWords = 24
    private static let browsers: Set<String> = [
        "chrome", "google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "headless_shell",
        "chrome-headless-shell", "firefox", "firefox-esr", "msedge", "MiniBrowser",
    ]
    private static let steered = ["--headless", "-headless", "--remote-debugging-", "-juggler", "--inspector-pipe"]
    private static let runners: Set<String> = [
        "npx", "npm", "npm-cli.js", "npx-cli.js", "pnpm", "bunx", "uvx", "uv", "pipx", "docker", "podman",
    ]

    private static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The names that such servers have: `mcp-server-git`, `github-mcp-server`, `playwright-mcp`, `mcp_server_fetch`, and
    /// packages and images of collections of them.
    private static func isServer(_ word: String) -> Bool {
        if word.contains("@modelcontextprotocol/server-") || word.hasPrefix("mcp/") { return true }
        if word.contains("/playwright/mcp") || word.contains("@playwright/mcp") { return true }
        let name = name(word).split(separator: "@").first.map(String.init) ?? ""
        let plain = name.replacingUnderscores.droppingExtension
        return plain.hasPrefix("mcp-server") || plain.hasSuffix("mcp-server") || plain.hasSuffix("-mcp")
            || plain.hasPrefix("server-mcp")
    }
}

extension String {
    fileprivate var replacingUnderscores: String { String(map { $0 == "_" ? "-" : $0 }) }
    fileprivate var droppingExtension: String {
        for ending in [".js", ".mjs", ".cjs", ".ts", ".py"] where hasSuffix(ending) {
            return String(dropLast(ending.count))
        }
        return self
    }
}
