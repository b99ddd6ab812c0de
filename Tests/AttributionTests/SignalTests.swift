import Attribution
import EventModel
import IncidentDetection
import Testing

/// The subject ended by a signal: who sent the one that did it.
@Suite struct SignalTests {
    @Test func anAgentsShellKills() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        scene.signal(shell, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .proven, shell))
        #expect(incident.verdict.rules == ["signal.ended-by", "tree.agent"])
        #expect(incident.verdict.culprit?.chain.map(\.key) == [root, shell])
        #expect(incident.verdict.culprit?.agent?.name == "claude-code")
        #expect(incident.verdict.summary.contains("claude-code (pid \(root.pid)) did it: bash (pid \(shell.pid))"))
        #expect(incident.exonerated == [])
        #expect(incident.disruption.kind == .killed)
    }

    @Test func aPersonKillsBesideAnAgent() throws {
        let scene = try Scene()
        let (root, _) = scene.agent()
        scene.signal(scene.shell, .terminate)
        let incident = try #require(scene.ends(.signal(.terminate)))
        #expect(Ruling(incident) == Ruling(.operator, .signal, .proven, scene.shell))
        #expect(incident.exonerated == [root.pid])
    }

    @Test func aServiceKills() throws {
        let scene = try Scene()
        let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
        scene.signal(web, .kill)
        #expect(Ruling(scene.ends(.signal(.kill))) == Ruling(.system, .signal, .proven, web))
    }

    /// sigqueue lets the sender write any si_pid: it is shown, and not believed.
    @Test func aForgedSenderIsShownAndNotBelieved() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(shell, .terminate, code: .queue, claimed: scene.shell.pid)
        let incident = try #require(scene.ends(.signal(.terminate)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .proven, shell))
        #expect(incident.evidence.contains { $0.text.contains("claims to be pid \(scene.shell.pid), which is not so") })
    }

    /// kill(-pgid) is one act with many targets, the sender among them.
    @Test func aSignalToTheWholeGroup() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        for target in [root, shell, scene.daemon] { scene.signal(shell, .terminate, to: target) }
        #expect(Ruling(scene.ends(.signal(.terminate))) == Ruling(.agent, .signal, .proven, shell))
    }

    @Test func theKernelsOwnSignalHasNoSender() throws {
        for signal: Signal in [.kill, .hangup] {
            let scene = try Scene()
            let (_, shell) = scene.agent()
            scene.signal(shell, signal, code: .kernel, origin: .kernel)
            let incident = try #require(scene.ends(.signal(signal)))
            #expect(Ruling(incident) == Ruling(.unknown, .signal, .none, nil))
            #expect(incident.exonerated == [])
        }
    }

    @Test func aWriterOfCgroupKillIsNamed() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(shell, .kill, code: .kernel, origin: .onBehalf)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .proven, shell))
        #expect(incident.verdict.summary.contains("cgroup.kill"))
    }

    @Test(arguments: [SignalSent.Result.ignored, .alreadyPending, .overflow])
    func whatWasNotQueuedIsNoCause(_ result: SignalSent.Result) throws {
        var scene = try Scene()
        let (root, shell) = scene.agent()
        scene.signal(scene.shell, .terminate)
        scene.signal(shell, .terminate, result: result)
        let incident = try #require(scene.ends(.signal(.terminate)))
        #expect(Ruling(incident) == Ruling(.operator, .signal, .proven, scene.shell))
        #expect(incident.exonerated == [root.pid])
        scene = try Scene()
        let (_, alone) = scene.agent()
        scene.signal(alone, .terminate, result: result)
        #expect(Ruling(scene.ends(.signal(.terminate))) == Ruling(.unknown, .signal, .none, nil))
    }

    @Test func whatTheTargetIgnoresIsNoCause() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(shell, .terminate, disposition: .ignored)
        scene.signal(scene.shell, .terminate)
        #expect(Ruling(scene.ends(.signal(.terminate))) == Ruling(.operator, .signal, .proven, scene.shell))
    }

    @Test func otherSignalsOtherTargetsAndLaterOnesAreNoCause() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(shell, .continued)
        scene.signal(shell, .hangup, disposition: .handler)
        scene.signal(shell, .kill, to: scene.shell)
        scene.signal(scene.shell, .kill)
        scene.exit(scene.daemon, .signal(.kill))
        scene.signal(shell, .kill)
        let incident = try #require(scene.judge())
        #expect(Ruling(incident) == Ruling(.operator, .signal, .proven, scene.shell))
    }

    @Test func theFirstOfTwoAgentsDidIt() throws {
        let scene = try Scene()
        let (first, second) = (scene.agent(), scene.agent("/usr/bin/codex"))
        scene.signal(first.shell, .kill)
        scene.signal(second.shell, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .proven, first.shell))
        #expect(incident.exonerated == [second.root.pid])
        #expect(
            incident.verdict.exonerated.first?.why.contains("its tree sent SIGKILL, which was not what ended it")
                == true)
        #expect(incident.verdict.alternatives.count == 1)
        #expect(incident.verdict.alternatives.first?.whyNot.contains("after the one that was decisive") == true)
    }

    /// The earlier may have been blocked and the later have gone to another thread: nobody is cleared.
    @Test func anOldSignalAndAFreshOneAreContested() throws {
        let scene = try Scene()
        let (first, second) = (scene.agent(), scene.agent("/usr/bin/codex"))
        scene.signal(first.shell, .terminate)
        scene.wait(20_000)
        scene.signal(second.shell, .terminate)
        let incident = try #require(scene.ends(.signal(.terminate)))
        #expect(incident.verdict.confidence == .possible)
        #expect(incident.exonerated == [])
    }

    @Test func aSenderOutsideTheNamespaceIsNobodyWeKnow() throws {
        let scene = try Scene()
        let (root, _) = scene.agent()
        scene.signal(nil, .kill, origin: .outside)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.unknown, .signal, .none, nil))
        #expect(incident.verdict.summary.contains("outside the collector's pid namespace"))
        #expect(!incident.exonerated.contains(root.pid))
    }

    @Test func theCollectorIsNeverAnActor() throws {
        let scene = try Scene()
        scene.signal(Scene.host.collector, .kill)
        #expect(Ruling(scene.ends(.signal(.kill))) == Ruling(.unknown, .signal, .none, nil))
    }

    /// A handler that puts the default back and raises the signal again: whoever asked did it.
    @Test func handledAndRaisedAgain() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(shell, .terminate, disposition: .handler)
        scene.wait(300)
        scene.signal(scene.daemon, .terminate, code: .thread)
        #expect(Ruling(scene.ends(.signal(.terminate))) == Ruling(.agent, .signal, .proven, shell))
    }

    @Test func theFirstWhoAskedIsNamedAndTheSecondIsNotCleared() throws {
        let scene = try Scene()
        let (first, second) = (scene.agent(), scene.agent("/usr/bin/codex"))
        scene.signal(first.shell, .terminate, disposition: .handler)
        scene.wait(3000)
        scene.signal(second.shell, .terminate, disposition: .handler)
        scene.wait(500)
        scene.signal(scene.daemon, .terminate, code: .thread)
        let incident = try #require(scene.ends(.signal(.terminate)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .possible, first.shell))
        #expect(incident.exonerated == [])
    }

    @Test func raisedAgainLongAfterIsItsOwn() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        scene.signal(shell, .terminate, disposition: .handler)
        scene.wait(30_000)
        scene.signal(scene.daemon, .terminate, code: .thread)
        let incident = try #require(scene.ends(.signal(.terminate)))
        #expect(Ruling(incident) == Ruling(.self, .crash, .likely, scene.daemon))
        #expect(incident.exonerated == [root.pid])
    }

    @Test func handledAndThenEndedByTheSameSignalUnseen() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(shell, .terminate, disposition: .handler)
        #expect(Ruling(scene.ends(.signal(.terminate))) == Ruling(.agent, .signal, .likely, shell))
    }

    /// Both forms of the victim's start are one process.
    @Test func theVictimMayBeKnownToTheTick() throws {
        var scene = try Scene()
        let rounded = ProcessKey(pid: scene.daemon.pid, start: BootTime(ticks: scene.daemon.start.ticks))
        let (_, shell) = scene.agent()
        scene.signal(shell, .kill, to: rounded)
        #expect(Ruling(scene.ends(.signal(.kill))) == Ruling(.agent, .signal, .proven, shell))
        scene = try Scene()
        scene.signal(rounded, .abort, to: scene.daemon)
        #expect(Ruling(scene.ends(.signal(.abort)))?.outcome == .self)
    }
}
