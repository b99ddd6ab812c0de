import AgentRecognition
import Configuration
import EventModel
import ProcessTracking
import Testing

@Suite struct StartTests {
    struct Start: Sendable, CustomStringConvertible {
        var agent: String
        var path: String
        var argv: [String]
        var exe: String

        init(_ agent: String, _ path: String, _ argv: [String], _ exe: String? = nil) {
            (self.agent, self.path, self.argv, self.exe) = (agent, path, argv, exe ?? path)
        }

        var description: String { "\(path) \(argv)" }
    }

    static let node = "/usr/bin/node"
    static let starts = [
        Start(
            "claude-code", "/home/u/.local/bin/claude", ["claude", "-p", "x"],
            "/home/u/.local/share/claude/versions/2.1.3"),
        Start("claude-code", "claude", ["claude"], "/home/u/.local/share/claude/versions/2.1.3"),
        Start("claude-code", "/home/u/.local/share/claude/versions/2.1.3", ["2.1.3"]),
        Start("claude-code", node, ["node", "/usr/local/bin/claude", "--resume"]),
        Start("claude-code", node, ["/usr/bin/node", "--max-old-space-size=8192", "/usr/local/bin/claude"]),
        Start("claude-code", node, ["node", "/usr/lib/node_modules/@anthropic-ai/claude-code/cli.js", "-p", "hi"]),
        Start("claude-code", node, ["node", "/opt/claude-code/cli.js"]),
        Start("claude-code", node, ["claude", "", "", ""]), Start("claude-code", node, ["claude"]),
        Start("claude-code", "/root/.bun/bin/bun", ["bun", "/root/.bun/bin/claude"]),
        Start("codex", "/usr/local/bin/codex", ["node", "/usr/local/bin/codex"], node),
        Start("codex", "codex", ["codex", "exec"], "/opt/codex-x86_64-unknown-linux-musl"),
        Start("codex", node, ["node", "/usr/lib/node_modules/@openai/codex/bin/codex.js"]),
        Start("codex", "/x/@openai/codex/vendor/x86_64-unknown-linux-musl/codex/codex", ["codex"]),
        Start("codex", "/home/u/.codex/bin/codex", ["codex", "app-server"]),
        Start("claude-code", "/opt/claude-code/bin/claude", ["claude", "--resume"]),
        Start("claude-code", "/home/u/.claude/local/claude", ["/home/u/.claude/local/claude"]),
        Start("claude-code", node, ["node", "-r", "./x.js", "--import", "y", "/home/u/.local/bin/claude"]),
        Start(
            "claude-code", "/srv/v/lib/python3.12/site-packages/claude_agent_sdk/_bundled/claude",
            ["claude", "--output-format", "stream-json"]),
        Start("claude-code", "/usr/local/bin/claude", ["claude", "daemon", "run", "--origin", "transient"]),
        Start(
            "codex", "/home/u/.local/bin/codex", ["codex"], "/home/u/.codex/packages/standalone/releases/1/bin/codex"),
        Start(
            "codex", "/x/@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex",
            ["codex", "app-server", "--listen", "unix:///s"]),
        Start("codex", "/x/extensions/openai.chatgpt-26-linux-x64/bin/linux-x86_64/codex", ["codex", "app-server"]),
        Start("gemini-cli", node, ["node", "/usr/local/bin/gemini"]),
        Start(
            "gemini-cli", node,
            ["/usr/bin/node", "--no-warnings", "/l/node_modules/@google/gemini-cli/bundle/gemini.js"]),
        Start("gemini-cli", "/usr/local/bin/gemini", ["gemini"]),
        Start(
            "cursor-agent", "/home/u/.local/share/cursor-agent/versions/2026.9/node",
            [
                "/home/u/.local/bin/agent", "--use-system-ca",
                "/home/u/.local/share/cursor-agent/versions/2026.9/index.js",
            ]),
        Start(
            "cursor-agent", "/home/u/.local/bin/cursor-agent", ["/bin/bash", "/home/u/.local/bin/cursor-agent"],
            "/bin/bash"),
        Start("copilot-cli", node, ["node", "/usr/local/bin/copilot", "-p", "x"]),
        Start("copilot-cli", "/l/node_modules/@github/copilot-linux-x64/copilot", ["copilot", "--acp"]),
        Start("copilot-cli", "/usr/local/bin/copilot", ["copilot"]),
        Start("opencode", "/home/u/.opencode/bin/opencode", ["opencode", "run", "x"]),
        Start("opencode", node, ["node", "/usr/local/bin/opencode"]),
        Start("opencode", "/l/node_modules/opencode-linux-x64/bin/opencode", ["opencode"]),
        Start("goose", "/home/u/.local/bin/goose", ["goose", "session", "--resume"]),
        Start("goose", "/home/u/.local/bin/goose", ["goose"]),
        Start("goose", "/usr/bin/goose", ["goose", "run", "-t", "x"]),
        Start("goose", "/opt/Goose/resources/bin/goosed", ["goosed", "agent"]),
        Start("amp", "/home/u/.local/bin/amp", ["amp", "-x", "y"], "/home/u/.amp/bin/amp"),
        Start("amp", node, ["node", "/l/node_modules/@sourcegraph/amp/dist/main.js"]),
        Start("crush", "/usr/bin/crush", ["crush", "run", "x"]), Start("crush", "/usr/bin/crush", ["crush"]),
        Start("crush", "/l/node_modules/@charmland/crush/bin/crush", ["crush", "server"]),
        Start("qwen-code", node, ["node", "/usr/local/bin/qwen", "-p", "x"]),
        Start("qwen-code", node, ["node", "/l/node_modules/@qwen-code/qwen-code/cli.js"]),
        Start("auggie", node, ["node", "/usr/local/bin/auggie", "--print", "x"]),
        Start("auggie", node, ["node", "/l/node_modules/@augmentcode/auggie/augment.mjs"]),
        Start("aider", "/usr/bin/python3.11", ["/home/u/.venv/bin/python", "/home/u/.venv/bin/aider", "--model", "m"]),
        Start("aider", "/usr/bin/python3.11", ["python3", "-X", "dev", "-m", "aider"]),
        Start(
            "aider", "/home/u/.local/bin/aider", ["/home/u/p/bin/python3", "/home/u/.local/bin/aider"],
            "/usr/bin/python3.12"),
        Start("devin", "/home/u/.local/bin/devin", ["devin"], "/home/u/.local/share/devin/cli/_versions/3/bin/devin"),
        Start("devin", "/usr/local/bin/devin", ["devin", "acp"]),
        Start("droid", "/home/u/.local/bin/droid", ["droid", "exec", "--auto", "high"]),
        Start("droid", "/l/node_modules/droid/bin/droid", ["droid"]),
    ]

    @Test(arguments: starts) func isRecognised(_ start: Start) {
        var host = TestHost()
        let shell = host.start(TestHost.pid1, "/bin/bash")
        let root = host.start(shell, start.path, start.argv, exe: start.exe)
        #expect(host.names(root) == [start.agent])
        #expect(host.names(shell) == [])
        #expect(host.membership(root)?.root == root)
        let child = host.start(root, "/bin/bash", ["bash", "-c", "x"], env: ["CLAUDECODE": "1"])
        #expect(host.names(child) == [start.agent])
        #expect(host.agents.all.count == 1)
    }

    /// The same processes found in a running host.
    @Test(arguments: starts) func isRecognisedAfterwards(_ start: Start) {
        var host = TestHost()
        let root = ProcessKey(pid: 500, start: BootTime(ticks: 900))
        let image = host.image(start.path, start.argv, exe: start.exe)
        host.take(
            Event(
                time: host.tick(), source: .procfs, process: root,
                body: .seen(ProcessSeen(parent: TestHost.pid1, uid: 0, comm: "x", image: image))))
        #expect(host.names(root) == [start.agent])
    }

    @Test func everyAgentHasARow() {
        #expect(Set(Self.starts.map(\.agent)) == Set(Configuration().agents.map(\.name)))
    }

    /// It is executed, forks, leaves the session and the user, and its parents end: what is left is still the agent's.
    @Test(arguments: starts) func nobodyLeavesTheTreeOf(_ start: Start) {
        var host = TestHost()
        let root = host.start(TestHost.pid1, start.path, start.argv, exe: start.exe)
        let sudo = host.start(host.start(root, "/bin/bash", ["bash", "-c", "x"]), "/usr/bin/sudo", ["sudo", "-i"])
        let session = host.start(sudo, "/usr/bin/setsid", ["setsid", "x"])
        let middle = host.fork(session)
        let daemon = host.fork(middle)
        for process in [middle, session, sudo, root] { host.exit(process) }
        let late = host.start(daemon, "/usr/bin/env", ["env", "-i", "server"])
        #expect(host.names(late) == [start.agent])
        #expect(host.agents.all.count == 1)
    }

    /// A program that is asked for its version and the like is no agent at work.
    @Test(arguments: [
        ("/usr/local/bin/claude", ["claude", "--version"]), ("/usr/local/bin/claude", ["claude", "mcp", "serve"]),
        ("/usr/bin/node", ["node", "/usr/local/bin/gemini", "--help"]),
        ("/usr/bin/codex", ["codex", "completion", "bash"]),
        ("/usr/bin/goose", ["goose", "mcp", "developer"]),
        ("/usr/bin/python3", ["python3", "-m", "aider", "--version"]),
    ])
    func isAToolThen(_ path: String, _ argv: [String]) {
        var host = TestHost()
        #expect(host.names(host.start(TestHost.pid1, path, argv)) == [])
    }

    @Test func aSharedServiceIsNotOfTheSessionThatStartedIt() {
        var host = TestHost()
        let first = host.start(TestHost.pid1, "/usr/bin/claude", ["claude"])
        let daemon = host.start(first, "/usr/bin/claude", ["claude", "daemon", "run", "--origin", "transient"])
        let worker = host.start(daemon, "/usr/bin/claude", ["claude", "bg-spare", "--bg-spare", "/s"])
        #expect(host.names(worker) == ["claude-code"] && host.membership(worker)?.root == daemon)
        #expect(host.membership(daemon)?.outer == 0 && host.agents.all.count == 2)
        let outer = host.start(TestHost.pid1, "/usr/bin/codex", ["codex"])
        let inner = host.start(outer, "/usr/bin/claude", ["claude", "daemon", "run"])
        #expect(host.names(inner) == ["claude-code", "codex"])
    }

    @Test func everyStepOfAScriptIsOneAgent() {
        var host = TestHost()
        let root = host.start(
            TestHost.pid1, "/usr/local/bin/claude", ["/usr/bin/env", "node", "/usr/local/bin/claude"],
            exe: "/usr/bin/env")
        #expect(host.names(root) == [])
        host.exec(root, host.image(Self.node, ["node", "/usr/local/bin/claude"]))
        host.exec(root, host.image(Self.node, ["claude"]))
        #expect(host.names(root) == ["claude-code"] && host.agents.all.count == 1)
    }

    @Test func helpersAndSubAgentsOfTheSameKindAreOneAgent() {
        var host = TestHost()
        let root = host.start(
            TestHost.pid1, "/home/u/.local/bin/claude", exe: "/home/u/.local/share/claude/versions/2.1.3")
        let shell = host.start(root, "/bin/bash")
        let sub = host.start(
            shell, "/home/u/.local/bin/claude", ["claude", "-p"], exe: "/home/u/.local/share/claude/versions/2.1.4")
        let search = host.start(shell, "/usr/lib/node_modules/@anthropic-ai/claude-code/vendor/ripgrep/rg")
        #expect(host.names(sub) == ["claude-code"] && host.membership(sub)?.root == root)
        #expect(host.membership(search)?.root == root)
        #expect(host.agents.all.count == 1)
    }

    @Test func nestedAgents() {
        var host = TestHost()
        let outer = host.start(TestHost.pid1, "claude", exe: "/u/claude/versions/2")
        let shell = host.start(outer, "/bin/bash", env: ["CLAUDECODE": "1"])
        let inner = host.start(shell, "/usr/bin/codex", env: ["CLAUDECODE": "1"])
        let work = host.start(inner, "/bin/sh", env: ["CLAUDECODE": "1", "CODEX_THREAD_ID": "t-1"])
        let third = host.start(work, "claude", exe: "/u/claude/versions/2")
        #expect(host.names(work) == ["codex", "claude-code"])
        #expect(host.names(third) == ["claude-code", "codex", "claude-code"])
        #expect(host.membership(third)?.outer == host.table[inner]?.tag)
        host.exit(outer)
        #expect(host.names(work) == ["codex", "claude-code"])
    }

    @Test func nobodyLeavesTheTree() {
        var host = TestHost()
        let root = host.start(TestHost.pid1, "claude", exe: "/u/claude/versions/2")
        let shell = host.start(root, "/bin/bash")
        let sudo = host.start(shell, "/usr/bin/sudo", ["sudo", "-i"])
        let asRoot = host.start(sudo, "/bin/bash")
        let session = host.start(shell, "/usr/bin/setsid", ["setsid", "x"])
        let middle = host.fork(session)
        let daemon = host.fork(middle)
        for process in [middle, session, shell, root] { host.exit(process) }
        let late = host.start(daemon, "/usr/bin/node", ["node", "server.js"])
        for process in [asRoot, daemon, late] { #expect(host.names(process) == ["claude-code"]) }
        #expect(host.membership(late)?.root == root)
    }
}
