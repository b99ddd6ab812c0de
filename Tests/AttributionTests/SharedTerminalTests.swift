import Attribution
import EventModel
import Testing

/// A terminal multiplexer's server makes panes for whoever asks, and types into them what anybody's client gives it.
@Suite struct SharedTerminalTests {
    private final class Terminal: Scene {
        private(set) var server = ProcessKey(pid: 0, start: .zero)

        func run(_ parent: ProcessKey, _ words: String, path: String? = nil) -> ProcessKey {
            let child = fork(parent)
            let words = words.split(separator: " ").map(String.init)
            exec(child, path ?? "/usr/bin/\(words.first ?? "")", words)
            return child
        }

        /// Its first client, which stays attached, makes it.
        func serve(_ starter: ProcessKey, _ words: String = "tmux new-session -s work") -> ProcessKey {
            let client = run(starter, words)
            server = fork(client)
            wait(10_000)
            return client
        }

        func pane(_ words: String = "-bash", path: String? = "/bin/bash") -> ProcessKey {
            run(server, words, path: path)
        }

        func ended(by killer: ProcessKey) -> Incident? {
            signal(killer, .kill)
            return ends(.signal(.kill))
        }
    }

    @Test func aPersonsPaneIsThePersons() throws {
        let scene = try Terminal()
        _ = scene.serve(scene.shell)
        let claude = scene.agent()
        let looking = scene.run(claude.shell, "tmux list-panes -a")
        let pane = scene.pane()
        scene.exit(looking, .code(0))
        let incident = try #require(scene.ended(by: pane))
        #expect(Ruling(incident) == Ruling(.operator, .signal, .proven, pane))
        #expect(incident.exonerated == [claude.root.pid])
    }

    @Test func keysOfAnAgentMakeAPersonsPaneNobodys() throws {
        let scene = try Terminal()
        _ = scene.serve(scene.shell)
        let pane = scene.pane()
        let claude = scene.agent()
        scene.exit(scene.run(claude.shell, "tmux send-keys -t work ls Enter"), .code(0))
        let incident = try #require(scene.ended(by: pane))
        #expect(Ruling(incident) == Ruling(.unknown, .signal, .none, pane))
        #expect(incident.exonerated == [] && incident.verdict.summary.contains("claude-code's tree"))
    }

    /// They went into another pane: this one was not there yet.
    @Test func keysBeforeThePaneDoNotMatter() throws {
        let scene = try Terminal()
        _ = scene.serve(scene.shell)
        let claude = scene.agent()
        scene.exit(scene.run(claude.shell, "tmux send-keys -t work ls Enter"), .code(0))
        scene.wait(10_000)
        let pane = scene.pane()
        #expect(Ruling(scene.ended(by: pane)) == Ruling(.operator, .signal, .proven, pane))
    }

    @Test func aPaneThatAnAgentAskedForIsTheAgents() throws {
        let scene = try Terminal()
        _ = scene.serve(scene.shell)
        let claude = scene.agent()
        let client = scene.run(claude.shell, "tmux new-window make")
        let pane = scene.pane("sh -c make")
        scene.exit(client, .code(0))
        let make = scene.run(pane, "make")
        let incident = try #require(scene.ended(by: make))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .likely, make))
        #expect(incident.verdict.culprit?.root.key == claude.root)
        #expect(incident.verdict.culprit?.chain.map(\.key).contains(client) == true)
        #expect(incident.verdict.rules.contains("tree.request"))
    }

    /// The person is attached to the server and may have typed into the new shell.
    @Test func aShellThatAnAgentOpenedBeforeAPersonIsNobodys() throws {
        let scene = try Terminal()
        _ = scene.serve(scene.shell)
        let claude = scene.agent()
        let client = scene.run(claude.shell, "tmux new-window")
        let pane = scene.pane()
        scene.exit(client, .code(0))
        #expect(Ruling(scene.ended(by: pane)) == Ruling(.unknown, .signal, .none, pane))
    }

    /// The client waits for what the server runs; a person opens a window meanwhile.
    @Test(arguments: ["tmux run-shell sleep", "tmux display-popup -E make"])
    func aWindowDuringAnAgentsWaitIsNotTheAgents(words: String) throws {
        let scene = try Terminal()
        _ = scene.serve(scene.shell)
        let claude = scene.agent()
        _ = scene.run(claude.shell, words)
        let pane = scene.pane("sh -c make")
        #expect(Ruling(scene.ended(by: pane)) == Ruling(.unknown, .signal, .none, pane))
    }

    @Test func twoPartiesAtOnceAreNeither() throws {
        let scene = try Terminal()
        _ = scene.serve(scene.shell)
        let claude = scene.agent()
        _ = scene.run(claude.shell, "tmux new-window make")
        _ = scene.run(scene.shell, "tmux new-window make")
        let pane = scene.pane("sh -c make")
        #expect(Ruling(scene.ended(by: pane)) == Ruling(.unknown, .signal, .none, pane))
    }

    @Test func anAgentsOwnServerIsItsOwn() throws {
        let scene = try Terminal()
        let claude = scene.agent()
        scene.exit(scene.serve(claude.shell, "tmux new-session -d -s work"), .code(0))
        let pane = scene.pane()
        scene.exit(scene.run(claude.shell, "tmux send-keys -t work kill Enter"), .code(0))
        #expect(Ruling(scene.ended(by: pane)) == Ruling(.agent, .signal, .proven, pane))
    }

    @Test func aPersonAtAnAgentsServerMakesItNobodys() throws {
        let scene = try Terminal()
        let claude = scene.agent()
        scene.exit(scene.serve(claude.shell, "tmux new-session -d -s work"), .code(0))
        let pane = scene.pane()
        _ = scene.run(scene.shell, "tmux attach -t work")
        #expect(Ruling(scene.ended(by: pane)) == Ruling(.unknown, .signal, .none, pane))
    }

    /// A command that was given runs by itself, whoever watches.
    @Test func watchingIsNotTyping() throws {
        let scene = try Terminal()
        let claude = scene.agent()
        scene.exit(scene.serve(claude.shell, "tmux new-session -d -s work make"), .code(0))
        let pane = scene.pane("sh -c make")
        _ = scene.run(scene.shell, "tmux attach -t work")
        let make = scene.run(pane, "make")
        #expect(Ruling(scene.ended(by: make)) == Ruling(.agent, .signal, .proven, make))
    }

    @Test func aWindowThatAPersonOpensInAnAgentsServerIsThePersons() throws {
        let scene = try Terminal()
        let claude = scene.agent()
        scene.exit(scene.serve(claude.shell, "tmux new-session -d -s work"), .code(0))
        let client = scene.run(scene.shell, "tmux new-window make")
        let pane = scene.pane("sh -c make")
        scene.exit(client, .code(0))
        let make = scene.run(pane, "make")
        let incident = try #require(scene.ended(by: make))
        #expect(Ruling(incident) == Ruling(.operator, .signal, .likely, make))
        #expect(incident.exonerated == [claude.root.pid])
    }

    @Test func anAgentInAPersonsPaneIsStillAnAgent() throws {
        let scene = try Terminal()
        _ = scene.serve(scene.shell)
        let claude = scene.start(scene.pane(), "/usr/bin/claude")
        let shell = scene.run(claude, "bash -c kill", path: "/bin/bash")
        #expect(Ruling(scene.ended(by: shell)) == Ruling(.agent, .signal, .proven, shell))
    }

    @Test func anotherUsersClientsAreNotAtThisServer() throws {
        let scene = try Terminal()
        _ = scene.serve(scene.shell)
        let pane = scene.pane()
        let claude = scene.agent()
        let client = scene.fork(claude.shell)
        scene.take(
            Event(
                time: scene.tick(), source: .bpf, process: client,
                body: .exec(
                    Exec(
                        image: ExecImage(
                            path: "/usr/bin/tmux", exe: "/usr/bin/tmux",
                            argv: ArgumentVector(words: ["tmux", "send-keys", "ls"])), parentPID: 1, uid: 4000))))
        #expect(Ruling(scene.ended(by: pane)) == Ruling(.operator, .signal, .proven, pane))
    }
}
