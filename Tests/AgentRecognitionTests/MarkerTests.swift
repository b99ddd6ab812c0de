import AgentRecognition
import Configuration
import EventModel
import ProcessTracking
import Testing

@Suite struct MarkerTests {
    @Test(
        arguments: [
            (["CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": "s-1"], "claude-code", "s-1"),
            (["CLAUDECODE": "1"], "claude-code", nil),
            (["CODEX_THREAD_ID": "t"], "codex", "t"), (["CODEX_CI": "1"], "codex", nil),
            (["AI_AGENT": "goose"], "goose", nil), (["AI_AGENT": "claude-code_2-1-263_agent"], "claude-code", nil),
            (["AI_AGENT": "devin@1"], "devin", nil), (["AI_AGENT": "github-copilot"], "copilot-cli", nil),
            (["AI_AGENT": "my-own.agent_2", "AI_AGENT_SESSION_ID": "7"], "my-own.agent_2", "7"),
            (["AGENT": "amp", "AGENT_THREAD_ID": "T-1"], "amp", "T-1"), (["AGENT": "codex"], "codex", nil),
            (["GEMINI_CLI": "1"], "gemini-cli", nil),
            (["QWEN_CODE": "1", "QWEN_CODE_SESSION_ID": "q"], "qwen-code", "q"),
            (["CURSOR_AGENT": "1", "CURSOR_TRACE_ID": "x"], "cursor-agent", nil),
            (["COPILOT_CLI": "1", "COPILOT_AGENT_SESSION_ID": "c"], "copilot-cli", "c"),
            (["OPENCODE": "1", "AGENT": "1"], "opencode", nil),
            (["GOOSE_TERMINAL": "1", "AGENT": "goose", "AGENT_SESSION_ID": "20260101_1"], "goose", "20260101_1"),
            (["AMP_CURRENT_THREAD_ID": "T-2", "CLAUDECODE": "1"], "amp", "T-2"),
            (["CRUSH": "1", "AGENT": "crush", "AI_AGENT": "crush"], "crush", nil),
            (["AUGMENT_AGENT": "1"], "auggie", nil),
        ] as [([String: String], String, String?)])
    func aMarkerThatAProgramHasSetMakesARoot(_ env: [String: String], _ agent: String, _ session: String?) {
        var host = TestHost()
        let root = host.start(host.program, "/bin/bash", env: env)
        #expect(host.names(root) == [agent])
        #expect(host.membership(root)?.grounds == [.env])
        #expect(host.membership(root)?.sessionID == session)
        let child = host.start(root, "/bin/ls", env: env)
        #expect(host.membership(child)?.root == root)
        #expect(host.agents.all.count == 1)
    }

    @Test(arguments: [
        ["CLAUDECODE": ""], ["CODEX_THREAD_ID": ""], ["AI_AGENT": ""], ["AI_AGENT": "a b"], ["AI_AGENT": "x\nClaude"],
        ["AI_AGENT": "\u{1b}[31m"],
        ["AI_AGENT": "/bin/sh"], ["AI_AGENT": "a=b"], ["AI_AGENT": "<script>"],
        ["AI_AGENT": String(repeating: "a", count: 65)],
        ["AI_AGENT": "1"], ["AI_AGENT": "..."], ["AI_AGENT": "clаude"], ["AI_AGENT": "a\u{301}\u{302}"],
        ["AI_AGENT": "\u{202e}edualc"],
        ["AGENT": "jenkins-agent-7"], ["AGENT": "1"], ["AGENT": "true"], ["AGENT": "build"], ["AGENT": "Claude-Code"],
        ["AGENT": "007"],
        ["CLAUDECODES": "1"], ["claudecode": "1"], ["CLAUDE_CODE_SESSION_ID": "s"], ["SSH_AGENT_PID": "7"],
        ["CURSOR_TRACE_ID": "x"], ["VSCODE_PID": "1"], ["TERM_PROGRAM": "vscode"], ["OPENAI_API_KEY": "k"],
        ["ANTHROPIC_API_KEY": "k"], ["GEMINI_API_KEY": "k"], ["CLAUDE_CODE_ENTRYPOINT": "cli"], ["CRUSH": "0"],
        ["GOOSE_PROVIDER": "x"], ["COPILOT_MODEL": "m"], ["AIDER_MODEL": "m"], ["AI_AGENT_SESSION_ID": "s"],
    ])
    func aStrangeMarkerMakesNone(_ env: [String: String]) {
        var host = TestHost()
        let process = host.start(host.program, "/bin/bash", env: env)
        #expect(host.names(process) == [])
        #expect(host.agents.all.isEmpty)
    }

    @Test func aMarkerConfirmsWhatTheForkSays() {
        var host = TestHost()
        let root = host.start(TestHost.pid1, "claude", exe: "/u/claude/versions/2")
        #expect(host.membership(root)?.grounds == [.exe, .argv] || host.membership(root)?.grounds == [.exe])
        #expect(host.membership(root)?.sessionID == nil)
        _ = host.start(root, "/bin/bash", env: ["CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": "s-9"])
        #expect(host.membership(root)?.grounds.contains(.env) == true)
        #expect(host.membership(root)?.sessionID == "s-9")
        _ = host.start(root, "/bin/bash", env: ["CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": "s-10"])
        #expect(host.membership(root)?.sessionID == "s-10")
    }

    /// A variable that came along in the environment does not take a process out of the tree that made it.
    @Test func theForkCountsMoreThanALeakedMarker() {
        var host = TestHost()
        let root = host.start(TestHost.pid1, "/usr/bin/codex", env: ["CLAUDECODE": "1"])
        let shell = host.start(root, "/bin/sh", env: ["CLAUDECODE": "1"])
        #expect(host.names(shell) == ["codex"])
        #expect(host.membership(root)?.grounds.contains(.env) == false)
    }

    @Test func theLastOfTwoValuesCounts() {
        var host = TestHost()
        let root = host.fork(host.program)
        let markers = ["bad value", "goose"].map { EnvironmentMarker(name: "AI_AGENT", value: $0) }
        host.exec(root, ExecImage(path: "/bin/sh", markers: markers))
        #expect(host.names(root) == ["goose"])
    }
}

@Suite struct ConfiguredAgentTests {
    private func host(_ yaml: String, capacity: Int = 4096) throws -> TestHost {
        TestHost(try Configuration(recorded: yaml), capacity: capacity)
    }

    @Test func byExeEnvironmentAndUnit() throws {
        var host = try host(
            "agents: [{name: orch, exe: '/opt/orch/*', env: ORCH=on, session_env: ORCH_ID, unit: 'orch-*.scope'}]")
        let byExe = host.start(TestHost.pid1, "/opt/orch/run")
        let marked = host.start(host.program, "/bin/sh", env: ["ORCH": "on", "ORCH_ID": "5"])
        let unmarked = host.start(host.program, "/bin/sh", env: ["ORCH": "off", "ORCH_ID": "5"])
        #expect(host.names(byExe) == ["orch"] && host.names(marked) == ["orch"] && host.names(unmarked) == [])
        #expect(host.membership(marked)?.sessionID == "5")
        for (id, parent, name) in [(1, 0, ""), (2, 1, "orch-7.scope"), (3, 1, "other.scope")]
            as [(UInt64, UInt64, String)]
        {
            host.take(
                Event(
                    time: .zero, source: .bpf,
                    body: .cgroup(.made(CgroupID(rawValue: id), parent: CgroupID(rawValue: parent), name: name))))
        }
        for (id, names) in [(2, ["orch"]), (3, []), (9, [])] as [(UInt64, [String])] {
            let process = host.fork(TestHost.pid1)
            host.exec(process, host.image("/bin/sh"), cgroup: CgroupID(rawValue: id))
            #expect(host.names(process) == names)
        }
        #expect(Set(host.agents.markerNames).isSuperset(of: ["ORCH", "ORCH_ID", "AI_AGENT", "AGENT", "CLAUDECODE"]))
    }

    @Test func replacingABuiltInOne() throws {
        var host = try host("agents: [{name: codex, exe: '/mine/*'}]")
        let (builtIn, own) = (host.start(TestHost.pid1, "/usr/bin/codex"), host.start(TestHost.pid1, "/mine/x"))
        #expect(host.names(builtIn) == [] && host.names(own) == ["codex"])
    }

    @Test func moreAgentsThanAreKept() throws {
        var host = try host("", capacity: 64)
        var roots: [ProcessKey] = []
        for _ in 0..<500 {
            let root = host.start(TestHost.pid1, "/usr/bin/codex")
            #expect(host.names(root) == ["codex"])
            roots.append(root)
            host.exit(root)
        }
        #expect(host.agents.all.count <= 64 && host.agents.refused == 0)
        #expect(host.names(roots[0]) == [] && host.names(roots[499]) == ["codex"])
        let living = (0..<100).map { _ in host.start(TestHost.pid1, "/usr/bin/codex") }
        #expect(host.agents.all.count == 64 && host.agents.refused == 36)
        #expect(living.filter { host.names($0) == ["codex"] }.count == 64)
    }
}
