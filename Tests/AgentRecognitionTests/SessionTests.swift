import AgentRecognition
import EventModel
import ProcessTracking
import Testing

@Suite struct SessionTests {
    private func env(_ id: String) -> [String: String] { ["CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": id] }

    private func session(_ host: TestHost, _ key: ProcessKey, at time: BootTime) -> String? {
        host.agents.session(of: key, at: time, in: host.table)
    }

    /// `/clear` and `/resume`: one process, one session after the other.
    @Test func oneProcessGoesThroughSeveral() {
        var host = TestHost()
        let root = host.start(TestHost.pid1, "/usr/bin/claude", ["claude"])
        let early = host.tick()
        let first = host.start(root, "/bin/bash", ["bash", "-c", "x"], env: env("s-1"))
        let between = host.tick()
        let second = host.start(root, "/bin/bash", ["bash", "-c", "y"], env: env("s-2"))
        // What still runs from before is of its own session, and switches nothing back.
        let late = host.start(first, "/bin/sleep", ["sleep"], env: env("s-1"))
        let end = host.tick()
        #expect(session(host, root, at: early) == "s-1" && session(host, root, at: between) == "s-1")
        #expect(session(host, root, at: end) == "s-2")
        #expect(session(host, first, at: end) == "s-1" && session(host, late, at: end) == "s-1")
        #expect(session(host, second, at: end) == "s-2")
        #expect(host.membership(root)?.sessions.spans.map(\.id) == ["s-1", "s-2"])
        #expect(host.membership(root)?.sessions.spans.first?.to != nil)
        _ = host.start(root, "/bin/bash", ["bash", "-c", "z"], env: env("s-1"))
        #expect(session(host, root, at: host.tick()) == "s-1")
        let unmarked = host.start(second, "/usr/bin/env", ["env", "-i", "x"])
        #expect(session(host, unmarked, at: host.tick()) == "s-2")
    }

    @Test func anAgentInsideItsLikeHasItsOwn() {
        var host = TestHost()
        let outer = host.start(TestHost.pid1, "/usr/bin/claude", ["claude"])
        let shell = host.start(outer, "/bin/bash", ["bash", "-c", "claude -p x"], env: env("outer"))
        let inner = host.start(shell, "/usr/bin/claude", ["claude", "-p", "x"], env: env("outer"))
        let tool = host.start(inner, "/bin/bash", ["bash", "-c", "y"], env: env("inner"))
        let end = host.tick()
        #expect(session(host, tool, at: end) == "inner" && session(host, inner, at: end) == "inner")
        #expect(session(host, shell, at: end) == "outer" && session(host, outer, at: end) == "outer")
        #expect(host.agents.all.count == 1 && host.membership(tool)?.root == outer)
    }

    @Test func onlySoManyAreKept() {
        var host = TestHost()
        let root = host.start(TestHost.pid1, "/usr/bin/claude", ["claude"])
        for number in 0..<1000 { _ = host.start(root, "/bin/bash", ["bash", "-c", "x"], env: env("s-\(number)")) }
        let labels = host.membership(root)?.sessions
        #expect(labels?.spans.count == SessionLabels.capacity && labels?.forgotten == 984)
        #expect(labels?.latest == "s-999")
    }

    @Test func whatAnAgentSaysOfItself() {
        var host = TestHost()
        let root = host.start(TestHost.pid1, "/usr/bin/claude", ["claude"])
        host.agents.register(root: root, agent: nil, session: "s", at: host.tick(), table: &host.table)
        #expect(
            host.membership(root)?.grounds.contains(.registration) == true && host.membership(root)?.sessionID == "s")
        let other = host.start(TestHost.pid1, "/opt/x")
        host.agents.register(root: other, agent: nil, session: "t", at: host.tick(), table: &host.table)
        #expect(host.names(other) == [])
        host.agents.register(root: other, agent: "bot", session: "t", at: host.tick(), table: &host.table)
        #expect(host.names(other) == ["bot"] && host.membership(other)?.grounds == [.registration])
        host.agents.register(root: other, agent: "bot", session: "t", isOver: true, at: host.tick(), table: &host.table)
        #expect(host.membership(other)?.sessions.spans.first?.to != nil && host.agents.all.count == 2)
    }
}
