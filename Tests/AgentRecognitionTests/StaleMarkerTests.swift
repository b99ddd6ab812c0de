import AgentRecognition
import Configuration
import EventModel
import ProcessTracking
import Testing

/// A marker is evidence: who handed it down decides what it proves.
@Suite struct StaleMarkerTests {
    static let marked = ["CLAUDECODE": "1"]

    /// What is executed in turn, one below the other; the last has the marker. Only programs that nobody knows speak for
    /// an agent.
    static let rows: [(above: [[String]], isRoot: Bool)] = [
        ([["/usr/sbin/sshd"], ["/bin/bash", "-bash"]], false), ([["/bin/login"], ["/bin/zsh", "-zsh"]], false),
        ([["/usr/sbin/sshd"]], false), ([["/usr/sbin/cron"], ["/bin/sh", "sh", "-c", "job"]], false),
        ([["/opt/agent/run"]], true), ([["/opt/agent/run"], ["/bin/bash", "bash", "-c", "x"]], true),
        ([["/bin/login"], ["/bin/bash", "-bash"], ["/usr/bin/sudo", "sudo", "x"]], false),
        ([["/bin/login"], ["/bin/bash", "-bash"], ["/bin/bash", "bash", "-c", "export CLAUDECODE=1; x"]], false),
        ([["/bin/login"], ["/bin/bash", "-bash"], ["/usr/bin/python3", "python3", "agent.py"]], true),
        ([["/bin/login"], ["/bin/bash", "-bash"], ["/bin/bash", "bash", "agent.sh"]], true),
        ([["/bin/bash", "bash", "--init-file", "/x/integration.sh"]], false), ([["/bin/bash", "bash", "-i"]], false),
        ([["/usr/bin/tmux", "tmux", "new"]], false), ([["/usr/bin/screen", "SCREEN"]], false), ([], false),
        ([["/usr/bin/containerd-shim-runc-v2"]], false), ([["/usr/bin/xterm"]], true),
    ]

    @Test(arguments: rows.indices) func byWhatHandedItDown(_ index: Int) {
        let row = Self.rows[index]
        var host = TestHost()
        var above = TestHost.pid1
        for words in row.above {
            let argv = words.count > 1 ? Array(words.dropFirst()) : words
            above = host.start(above, words[0], argv)
        }
        let process = host.start(above, "/usr/bin/systemctl", ["systemctl", "restart", "prod"], env: Self.marked)
        #expect(host.names(process) == (row.isRoot ? ["claude-code"] : []), "\(row.above)")
        #expect(host.membership(process)?.isMarkerOnly ?? true)
        // What it starts is what it is.
        let child = host.start(process, "/bin/sh", ["sh", "-c", "x"], env: Self.marked)
        #expect(host.names(child) == (row.isRoot ? ["claude-code"] : []))
        // Nor is it when it becomes something else: a script that ends in its place, say.
        for _ in 0..<2 { host.exec(process, host.image("/bin/kill", ["kill", "1"], env: Self.marked)) }
        #expect(host.names(process) == (row.isRoot ? ["claude-code"] : []))
        #expect(host.agents.all.count == (row.isRoot ? 1 : 0))
    }

    /// A unit that is said to be an agent of which nothing else is known.
    @Test func aNameOfItsOwnNeedsNoProgram() {
        var host = TestHost()
        let service = host.start(TestHost.pid1, "/opt/bot/run", env: ["AI_AGENT": "bot"])
        #expect(host.names(service) == ["bot"] && host.membership(service)?.isMarkerOnly == true)
        #expect(host.membership(service)?.variable == "AI_AGENT")
        let pane = host.start(
            host.start(TestHost.pid1, "/usr/bin/tmux"), "/bin/bash", ["-bash"], env: ["AI_AGENT": "bot"])
        #expect(host.names(pane) == [])
    }

    @Test func theProgramBelowAMarkerIsTheRoot() {
        var host = TestHost()
        let script = host.start(host.program, "/bin/sh", ["sh", "start.sh"], env: Self.marked)
        let agent = host.start(script, "/usr/bin/claude", ["claude"], env: Self.marked)
        #expect(host.membership(script)?.isMarkerOnly == true)
        #expect(host.names(agent) == ["claude-code"] && host.membership(agent)?.root == agent)
        #expect(host.membership(agent)?.isMarkerOnly == false)
    }

    @Test func anAgentThatIsStartedInAMarkedShellIsOne() {
        var host = TestHost()
        let shell = host.start(host.start(TestHost.pid1, "/bin/login"), "/bin/bash", ["-bash"])
        let kill = host.start(shell, "/bin/kill", env: Self.marked)
        let agent = host.start(shell, "/usr/bin/codex", ["codex"], env: Self.marked)
        #expect(host.names(kill) == [] && host.names(agent) == ["codex"])
        let tool = host.start(agent, "/bin/bash", env: Self.marked)
        #expect(host.names(tool) == ["codex"])
    }

    /// Found afterwards: below the manager stands a unit's own process or an orphan, by its cgroup.
    @Test(arguments: [("session-2.scope", true), ("user@1000.service", true), ("web.service", false)])
    func anOrphanThatIsFoundAfterwards(_ unit: String, _ isRoot: Bool) {
        var host = TestHost()
        for (id, parent, name) in [(1, 0, ""), (2, 1, unit)] as [(UInt64, UInt64, String)] {
            host.take(
                Event(
                    time: .zero, source: .procfs,
                    body: .cgroup(.made(CgroupID(rawValue: id), parent: CgroupID(rawValue: parent), name: name))))
        }
        let orphan = ProcessKey(pid: 500, start: BootTime(ticks: 900))
        let image = host.image("/srv/server", ["/srv/server"], env: Self.marked)
        host.take(
            Event(
                time: host.tick(), source: .procfs, process: orphan, cgroup: CgroupID(rawValue: 2),
                body: .seen(ProcessSeen(parent: TestHost.pid1, uid: 0, comm: "server", image: image))))
        #expect(host.names(orphan) == (isRoot ? ["claude-code"] : []))
    }
}
