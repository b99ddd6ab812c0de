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
        Start(
            "claude-code", "/usr/local/bin/claude", ["/usr/bin/env", "node", "/usr/local/bin/claude"], "/usr/bin/env"),
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

    @Test func everyStepOfAScriptIsOneAgent() {
        var host = TestHost()
        let root = host.start(
            TestHost.pid1, "/usr/local/bin/claude", ["/usr/bin/env", "node", "/usr/local/bin/claude"],
            exe: "/usr/bin/env")
        host.exec(root, host.image(Self.node, ["node", "/usr/local/bin/claude"]))
        host.exec(root, host.image(Self.node, ["claude"]))
        #expect(host.agents.all.count == 1)
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
