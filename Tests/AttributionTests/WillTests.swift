import Attribution
import EventModel
import IncidentDetection
import Testing

/// The process that sends the signal may only pass on what was done to itself: the innocent in between is not named.
@Suite struct WillTests {
    /// The daemon runs below a supervisor.
    private func supervised(_ path: String = "/usr/bin/sudo", below parent: ProcessKey? = nil) throws -> (
        Scene, ProcessKey, ProcessKey
    ) {
        let scene = try Scene()
        let supervisor = scene.start(parent ?? scene.shell, path)
        let daemon = scene.start(supervisor, "/opt/kaval")
        scene.wait(1000)
        return (scene, supervisor, daemon)
    }

    @Test func whoKilledTheParentIsWhoKilledTheChild() throws {
        let (scene, parent, daemon) = try supervised("/usr/bin/parent")
        let (_, shell) = scene.agent()
        scene.signal(shell, .kill, to: parent)
        scene.exit(parent, .signal(.kill))
        scene.signal(parent, .terminate, to: daemon, origin: .parentDeath)
        scene.exit(daemon, .signal(.terminate))
        let incident = try #require(scene.judge())
        #expect(Ruling(incident) == Ruling(.agent, .signal, .proven, shell))
        #expect(incident.verdict.rules.contains("signal.parent-death"))
    }

    /// An agent that a person kills takes what asked to go with it along: that is the person's doing.
    @Test func anAgentThatIsKilledDidNotKillItsChildren() throws {
        let scene = try Scene()
        let (root, _) = scene.agent()
        let daemon = scene.start(root, "/opt/kaval")
        scene.signal(scene.shell, .kill, to: root)
        scene.exit(root, .signal(.kill))
        scene.signal(root, .kill, to: daemon, origin: .parentDeath)
        scene.exit(daemon, .signal(.kill))
        #expect(Ruling(scene.judge()) == Ruling(.operator, .signal, .proven, scene.shell))
    }

    @Test func aParentThatEndsByItselfDidIt() throws {
        for status: EventModel.ExitStatus in [.code(0), .code(3)] {
            let (scene, parent, daemon) = try supervised("/usr/bin/parent")
            scene.exit(parent, status)
            scene.signal(parent, .terminate, to: daemon, origin: .parentDeath)
            scene.exit(daemon, .signal(.terminate))
            #expect(Ruling(scene.judge()) == Ruling(.operator, .signal, .proven, parent))
        }
    }

    @Test func aParentThatCrashedDidIt() throws {
        let (scene, parent, daemon) = try supervised("/usr/bin/parent")
        scene.signal(parent, .segmentation, to: parent, code: SignalCode(rawValue: 1), origin: .kernel)
        scene.exit(parent, .signal(.segmentation))
        scene.signal(parent, .terminate, to: daemon, origin: .parentDeath)
        scene.exit(daemon, .signal(.terminate))
        #expect(Ruling(scene.judge()) == Ruling(.operator, .signal, .proven, parent))
    }

    @Test func aParentWhoseEndNobodyExplainsIsNotNamed() throws {
        for status: EventModel.ExitStatus? in [.signal(.kill), nil] {
            let (scene, parent, daemon) = try supervised("/usr/bin/parent")
            let (root, _) = scene.agent()
            scene.exit(parent, status)
            scene.signal(parent, .terminate, to: daemon, origin: .parentDeath)
            scene.exit(daemon, .signal(.terminate))
            let incident = try #require(scene.judge())
            #expect(Ruling(incident) == Ruling(.unknown, .signal, .none, nil))
            #expect(!incident.exonerated.contains(root.pid))
        }
    }

    @Test func aParentThatWasAskedToEndWasNotTheOne() throws {
        let (scene, parent, daemon) = try supervised("/usr/bin/parent")
        let (_, shell) = scene.agent()
        scene.signal(shell, .terminate, to: parent, disposition: .handler)
        scene.exit(parent, .code(0))
        scene.signal(parent, .terminate, to: daemon, origin: .parentDeath)
        scene.exit(daemon, .signal(.terminate))
        #expect(Ruling(scene.judge()) == Ruling(.agent, .signal, .likely, shell))
    }

    @Test func whatASupervisorPassesOnIsNotItsWill() throws {
        let (scene, sudo, daemon) = try supervised()
        let (_, shell) = scene.agent()
        scene.signal(shell, .terminate, to: sudo, disposition: .handler)
        scene.wait(100)
        scene.signal(sudo, .terminate, to: daemon)
        scene.exit(daemon, .signal(.terminate))
        let incident = try #require(scene.judge())
        #expect(Ruling(incident) == Ruling(.agent, .signal, .likely, shell))
        #expect(incident.verdict.rules.contains("signal.relayed"))
        #expect(incident.verdict.summary.contains("passed that on"))
    }

    @Test func aPersonWhoEndsAnAgentEndsWhatItRuns() throws {
        let scene = try Scene()
        let (root, _) = scene.agent()
        let daemon = scene.start(root, "/opt/kaval")
        scene.signal(scene.shell, .interrupt, to: root, disposition: .handler)
        scene.signal(root, .terminate, to: daemon, disposition: .handler)
        scene.exit(daemon, .code(0))
        let incident = try #require(scene.judge())
        #expect(Ruling(incident) == Ruling(.operator, .signal, .likely, scene.shell))
        #expect(incident.exonerated == [root.pid])
    }

    @Test func twoWhoAskedTheSupervisorAreBothPossible() throws {
        let (scene, sudo, daemon) = try supervised()
        let (_, shell) = scene.agent()
        scene.signal(shell, .terminate, to: sudo, disposition: .handler)
        scene.signal(scene.shell, .terminate, to: sudo, disposition: .handler)
        scene.signal(sudo, .terminate, to: daemon)
        scene.exit(daemon, .signal(.terminate))
        #expect(Ruling(scene.judge()) == Ruling(.agent, .signal, .possible, shell))
    }

    @Test func aSupervisorThatNobodyAskedActsForItself() throws {
        let (scene, sudo, daemon) = try supervised()
        let (_, shell) = scene.agent()
        scene.signal(shell, .terminate, to: sudo, result: .ignored, disposition: .ignored)
        scene.signal(shell, .hangup, to: sudo, disposition: .handler)
        scene.wait(30_000)
        scene.signal(sudo, .terminate, to: daemon)
        scene.exit(daemon, .signal(.terminate))
        #expect(Ruling(scene.judge()) == Ruling(.operator, .signal, .proven, sudo))
    }

    /// Only what the sender has started can it pass a signal on to.
    @Test func aStrangerThatWasAskedToEndActsForItself() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
        scene.signal(shell, .terminate, to: web, disposition: .handler)
        scene.signal(web, .kill)
        #expect(Ruling(scene.ends(.signal(.kill))) == Ruling(.system, .signal, .proven, web))
    }

    @Test(arguments: ["earlyoom", "systemd-oomd", "oomd"]) func aMemoryKillerIsNotTheCulprit(_ name: String) throws {
        for (status, disposition) in [
            (EventModel.ExitStatus.signal(.terminate), SignalSent.Disposition.standard), (.code(0), .handler),
        ] {
            let scene = try Scene()
            let killer = scene.start(scene.pid1, "/usr/bin/\(name)", cgroup: 9)
            _ = scene.agent()
            scene.signal(killer, .terminate, disposition: disposition)
            let incident = try #require(scene.ends(status))
            #expect(Ruling(incident) == Ruling(.unknown, .userspaceOOMKill, .none, nil))
            #expect(incident.exonerated == [])
            #expect(incident.verdict.rules.contains("oom.userspace"))
        }
    }

    @Test func anAgentDoesNotHideBehindThatName() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let fake = scene.start(shell, "/tmp/earlyoom")
        scene.signal(fake, .kill)
        #expect(Ruling(scene.ends(.signal(.kill))) == Ruling(.agent, .signal, .proven, fake))
    }
}
