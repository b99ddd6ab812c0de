import Attribution
import EventModel
import IncidentDetection
import Testing

/// Whose tree the actor belongs to.
@Suite struct TreeTests {
    @Test func aWorkerThatKillsItsMainIsTheSubjectItself() throws {
        let scene = try Scene()
        let (root, _) = scene.agent()
        let worker = scene.fork(scene.daemon)
        scene.signal(worker, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.self, .signal, .proven, worker))
        #expect(incident.verdict.culprit?.root.key == scene.daemon)
        #expect(incident.exonerated == [root.pid])
    }

    @Test func anAgentThatWasStartedBelowTheVictimIsTheAgent() throws {
        let scene = try Scene()
        let terminal = scene.start(scene.daemon, "/bin/bash")
        let root = scene.start(terminal, "/usr/bin/claude")
        let shell = scene.start(root, "/bin/bash")
        scene.signal(shell, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .proven, shell))
        #expect(incident.verdict.culprit?.root.key == root)
    }

    /// A daemon that an agent has started and that kills itself: the agent did not kill it.
    @Test func aWorkerInsideAnAgentsTree() throws {
        let scene = try Scene()
        let (root, _) = scene.agent()
        let daemon = scene.start(root, "/opt/kaval")
        let worker = scene.fork(daemon)
        scene.signal(worker, .kill, to: daemon)
        scene.exit(daemon, .signal(.kill))
        let incident = try #require(scene.judge())
        #expect(Ruling(incident) == Ruling(.self, .signal, .proven, worker))
        #expect(incident.exonerated == [root.pid])
        #expect(incident.verdict.exonerated.first?.why.hasPrefix("no process of its tree sent") == true)
    }

    @Test func ofNestedAgentsTheInnermostActsAndBothStandInTheChain() throws {
        let scene = try Scene()
        let (outer, shell) = scene.agent()
        let inner = scene.start(shell, "/usr/bin/codex")
        let actor = scene.start(inner, "/bin/sh")
        scene.signal(actor, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        let culprit = try #require(incident.verdict.culprit)
        #expect(culprit.agent?.name == "codex" && culprit.root.key == outer)
        #expect(culprit.chain.map(\.key) == [outer, shell, inner, actor])
        #expect(culprit.chain.map { $0.agent?.name } == ["claude-code", "claude-code", "codex", "codex"])
        #expect(incident.verdict.summary.hasPrefix("codex (pid \(inner.pid)) did it"))
        #expect(incident.exonerated == [])
    }

    /// Orphans of an agent that is long gone are still its tree.
    @Test func anOrphanOfAFinishedAgent() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        let orphan = scene.start(shell, "/usr/bin/server")
        for process in [shell, root] { scene.exit(process, .code(0)) }
        scene.wait(3_600_000)
        scene.signal(orphan, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .proven, orphan))
        #expect(incident.verdict.culprit?.chain.first?.exit != nil)
    }

    @Test func sudoAndSetsidDoNotLeaveTheTree() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let sudo = scene.start(shell, "/usr/bin/sudo")
        let session = scene.start(sudo, "/usr/bin/setsid")
        scene.exit(sudo, .code(0))
        scene.signal(session, .kill)
        #expect(Ruling(scene.ends(.signal(.kill))) == Ruling(.agent, .signal, .proven, session))
    }

    /// By what stands above: who is behind it, where no agent is.
    @Test(
        arguments: [
            (["/usr/sbin/cron", "/bin/sh"], [8, 8], .system),
            (["/usr/sbin/crond", "/usr/sbin/crond", "/bin/sh"], [8, 4, 4], .system),
            (["/usr/bin/web"], [5], .system), (["/usr/bin/start", "/bin/su", "/bin/sh"], [5, 5, 5], .system),
            (["/usr/bin/unattended-upgr", "/usr/bin/dpkg", "/usr/sbin/needrestart"], [2, 2, 2], .system),
            (["/usr/sbin/sshd", "/bin/bash", "/usr/bin/sudo"], [5, 4, 4], .operator),
            (["/bin/login", "/bin/bash"], [4, 4], .operator),
            (["/usr/bin/gdm", "/bin/bash"], [4, 4], .operator), (["/usr/sbin/sshd"], [5], .system),
            (["/usr/sbin/sshd", "/bin/bash", "/usr/sbin/needrestart"], [5, 4, 4], .operator),
            (["/usr/bin/job"], [6], .unknown),
            (["/usr/bin/konsole", "/bin/bash"], [7, 7], .unknown), (["/usr/sbin/atd", "/bin/sh"], [2, 2], .unknown),
            (["/bin/x"], [2], .unknown),
            (["/bin/bash"], [1], .unknown),
        ] as [([String], [UInt64], Outcome)])
    func byWhatStandsAbove(_ paths: [String], _ groups: [UInt64], _ outcome: Outcome) throws {
        let scene = try Scene()
        _ = scene.agent()
        var actor = scene.pid1
        for (path, group) in zip(paths, groups) { actor = scene.start(actor, path, cgroup: group) }
        scene.signal(actor, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(outcome, .signal, outcome == .unknown ? .none : .proven, actor))
        #expect(incident.verdict.culprit?.agent == nil)
    }

    /// An agent that comes back in over the network is seen as anybody's login: then it is not said to be a person's.
    @Test func aLoginWhileAnAgentsSSHRuns() throws {
        for (path, isInTime, outcome) in [
            ("/usr/bin/ssh", true, .unknown), ("/usr/bin/ssh", false, .operator), ("/usr/bin/sshfs", true, .operator),
        ] as [(String, Bool, Outcome)] {
            let scene = try Scene()
            let (_, shell) = scene.agent()
            let client = scene.start(shell, path)
            if !isInTime { scene.exit(client, .code(0)) }
            let sshd = scene.start(scene.pid1, "/usr/sbin/sshd", cgroup: 5)
            let login = scene.start(sshd, "/bin/bash", cgroup: 4)
            scene.signal(login, .kill)
            let incident = try #require(scene.ends(.signal(.kill)))
            #expect(Ruling(incident) == Ruling(outcome, .signal, outcome == .unknown ? .none : .proven, login))
            #expect(incident.exonerated.isEmpty == (outcome == .unknown))
        }
    }

    /// A person's own ssh says nothing of their next login.
    @Test func aLoginWhileAPersonsSSHRuns() throws {
        let scene = try Scene()
        _ = scene.agent()
        _ = scene.start(scene.shell, "/usr/bin/ssh")
        let login = scene.start(scene.start(scene.pid1, "/usr/sbin/sshd", cgroup: 5), "/bin/bash", cgroup: 4)
        scene.signal(login, .kill)
        #expect(Ruling(scene.ends(.signal(.kill))) == Ruling(.operator, .signal, .proven, login))
    }

    /// Where the way up is lost, an agent may have been above: neither a person nor the machine is accused.
    @Test(arguments: [3, 4, 5] as [UInt64]) func whereTheWayUpIsLostNobodyIsAccused(_ group: UInt64) throws {
        for outside in [true, false] {
            let scene = try Scene()
            _ = scene.agent()
            let lost = outside ? nil : ProcessKey(pid: 77, start: BootTime(nanoseconds: 5))
            let actor = scene.start(lost, "/bin/bash", cgroup: group)
            scene.signal(actor, .kill)
            let incident = try #require(scene.ends(.signal(.kill)))
            #expect(Ruling(incident) == Ruling(.unknown, .signal, .none, actor))
            #expect(incident.verdict.summary.contains("where it comes from is not known"))
            #expect(incident.exonerated == [])
        }
    }

    @Test func aSenderThatIsNotKnownAtAll() throws {
        let scene = try Scene()
        let stranger = ProcessKey(pid: 4242, start: BootTime(nanoseconds: 9))
        scene.signal(stranger, .kill)
        #expect(Ruling(scene.ends(.signal(.kill))) == Ruling(.unknown, .signal, .none, stranger))
    }

    /// The manager itself: who asked it is not known, so it is nobody's.
    @Test func theManagerIsNobodysTree() throws {
        let scene = try Scene()
        scene.signal(scene.pid1, .terminate)
        #expect(Ruling(scene.ends(.signal(.terminate))) == Ruling(.unknown, .signal, .none, scene.pid1))
    }
}
