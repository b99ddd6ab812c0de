import Attribution
import EventModel
import IncidentDetection
import Testing

/// The kernel's OOM killer chose the subject: victim and trigger are named, nobody is accused or cleared.
@Suite struct OOMTests {
    @Test func namesVictimAndTriggerAndAccusesNobody() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(shell, .kill, code: .kernel, origin: .kernel)
        scene.oom(scene.daemon, trigger: shell)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.unknown, .oomKill, .none, nil))
        #expect(
            incident.oom?.victim.key == scene.daemon && incident.oom?.trigger?.key == shell && incident.oom?.hog == nil)
        #expect(incident.exonerated == [])
        #expect(incident.verdict.alternatives.first?.whyNot.contains("does not say that it held the memory") == true)
        #expect(incident.verdict.rules == ["oom.mark-victim"])
    }

    @Test func itsOwnAllocationIsNoAlternative() throws {
        let scene = try Scene()
        scene.oom(scene.daemon, trigger: scene.daemon)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(incident.verdict.mechanism == .oomKill && incident.verdict.alternatives.isEmpty)
    }

    @Test func anEndThatNobodySawMayStillBeThat() throws {
        let scene = try Scene()
        scene.oom(scene.daemon, trigger: nil)
        #expect(Ruling(scene.ends(nil)) == Ruling(.unknown, .oomKill, .none, nil))
    }

    /// What is dying already is marked, too, where memory runs short meanwhile: who killed it did it.
    @Test func whatWasKilledBeforeWasNotKilledByTheOOMKiller() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(shell, .kill)
        scene.oom(scene.daemon, trigger: scene.shell)
        #expect(Ruling(scene.ends(.signal(.kill))) == Ruling(.agent, .signal, .proven, shell))
    }

    /// On another CPU the end may be told before the mark.
    @Test func theMarkMayComeAfterTheEnd() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(shell, .kill, code: .kernel, origin: .kernel)
        scene.exit(scene.daemon, .signal(.kill))
        scene.oom(scene.daemon, trigger: shell)
        let incident = try #require(scene.judge())
        #expect(incident.verdict.mechanism == .oomKill && incident.oom?.trigger?.key == shell)
    }

    @Test func somebodyElsesEndIsNotIts() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.oom(scene.shell, trigger: shell)
        scene.oom(ProcessKey(pid: scene.daemon.pid, start: BootTime(nanoseconds: 3)), trigger: shell)
        scene.signal(shell, .kill)
        #expect(Ruling(scene.ends(.signal(.kill))) == Ruling(.agent, .signal, .proven, shell))
    }

    @Test func anExitIsNoKill() throws {
        for status: EventModel.ExitStatus in [.code(0), .code(137), .signal(.terminate)] {
            let scene = try Scene()
            scene.oom(scene.daemon, trigger: nil)
            #expect(try #require(scene.ends(status)).verdict.mechanism != .oomKill)
        }
    }

    /// Older kernels tell a bare pid of another namespace: it counts only with the kernel's own SIGKILL beside it.
    @Test func aBarePidAloneProvesNothing() throws {
        let bare = { (scene: Scene) in ProcessKey(pid: scene.daemon.pid, start: .zero) }
        var scene = try Scene()
        scene.oom(bare(scene), trigger: nil)
        #expect(Ruling(scene.ends(.signal(.kill))) == Ruling(.unknown, .signal, .none, nil))
        scene = try Scene()
        scene.signal(scene.shell, .kill, code: .kernel, origin: .kernel)
        scene.oom(bare(scene), trigger: nil)
        #expect(Ruling(scene.ends(.signal(.kill))) == Ruling(.unknown, .oomKill, .none, nil))
    }
}
