import AgentRecognition
import EventModel
import ProcessTracking
import Testing

/// Nothing here is an agent, alone or with variables that only look like an agent's.
@Suite struct OrdinaryTests {
    @Test(arguments: OrdinaryTrees.rows) func isNoAgent(_ tree: String) {
        for env in [[:], OrdinaryTrees.environment] {
            var host = TestHost()
            var parent = TestHost.pid1
            for step in tree.split(separator: ">>", omittingEmptySubsequences: false) {
                let (path, argv, exe) = Self.parts(step)
                parent = host.start(parent, path, argv, exe: exe, env: env)
                #expect(host.names(parent) == [], "\(step)")
            }
            #expect(host.agents.all.isEmpty)
        }
    }

    /// The same trees, found in a running host.
    @Test(arguments: OrdinaryTrees.rows) func isNoneAfterwards(_ tree: String) {
        var host = TestHost()
        var parent = TestHost.pid1
        for (number, step) in tree.split(separator: ">>", omittingEmptySubsequences: false).enumerated() {
            let (path, argv, exe) = Self.parts(step)
            let key = ProcessKey(pid: 500 + Int32(number), start: BootTime(ticks: 900 + UInt64(number)))
            let image = host.image(path, argv, exe: exe, env: OrdinaryTrees.environment)
            host.take(
                Event(
                    time: host.tick(), source: .procfs, process: key,
                    body: .seen(ProcessSeen(parent: parent, uid: 0, comm: "claude", image: image))))
            #expect(host.names(key) == [], "\(step)")
            parent = key
        }
    }

    private static func parts(_ step: Substring) -> (path: String, argv: [String], exe: String?) {
        func words(_ text: Substring) -> [String] {
            text.split(whereSeparator: { $0 == " " }).map { String($0) }
        }
        let sides = step.split(separator: "<<")
        let parts = (sides.first ?? Substring()).split(separator: "<-")
        let argv = words(parts.last ?? Substring())
        let path = parts.count > 1 ? words(parts[0]).first ?? "" : argv.first ?? ""
        return (path, argv, sides.count > 1 ? words(sides[1]).first : nil)
    }

    @Test func thereAreEnough() { #expect(OrdinaryTrees.rows.count >= 200) }

    @Test func aPersonsShellBesideAnAgentIsNotOfItsTree() {
        var host = TestHost()
        let tmux = host.start(TestHost.pid1, "/usr/bin/tmux")
        let (first, second) = (host.start(tmux, "/bin/bash"), host.start(tmux, "/bin/bash"))
        let agent = host.start(first, "claude", exe: "/u/claude/versions/2")
        #expect(host.names(agent) == ["claude-code"])
        let kill = host.start(second, "/bin/kill")
        for process in [first, second, tmux, kill] { #expect(host.names(process) == []) }
    }
}
