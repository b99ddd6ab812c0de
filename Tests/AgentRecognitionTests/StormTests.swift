import AgentRecognition
import EventModel
import ProcessTracking
import Testing

@Suite struct StormTests {
    /// Every short process of a storm has its agent's tag, and what is kept of the agent does not grow with it.
    @Test func aStormUnderAnAgent() {
        var host = TestHost()
        let root = host.start(TestHost.pid1, "/usr/bin/claude", ["claude"])
        let env = ["CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": "s"]
        let shell = host.start(root, "/bin/bash", ["bash", "-c", "x"], env: env)
        let tag = host.table.tag(of: root)
        var wrong = 0
        for _ in 0..<20_000 {
            let process = host.start(shell, "/bin/true", ["true"], env: env)
            if host.table.tag(of: process) != tag { wrong += 1 }
            host.exit(process)
        }
        #expect(wrong == 0 && tag != 0)
        #expect(host.agents.all.count == 1 && host.membership(root)?.sessions.spans.count == 1)
        #expect(host.table.census.living(tag ?? 0) == 2)
    }

    /// As many agents as there are places, each with as many sessions as are kept, and more of both.
    @Test func whatIsKeptOfAgentsHasACap() {
        var host = TestHost(capacity: 32)
        for _ in 0..<100 {
            let root = host.start(TestHost.pid1, "/usr/bin/claude", ["claude"])
            for session in 0..<20 {
                let env = ["CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": "\(session)"]
                host.exit(host.start(root, "/bin/bash", ["bash", "-c", "x"], env: env))
            }
            host.exit(root)
        }
        #expect(host.agents.all.count <= 32 && host.agents.refused == 0)
        #expect(host.agents.all.allSatisfy { $0.sessions.spans.count <= SessionLabels.capacity })
    }
}
