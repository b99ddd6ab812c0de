import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking
import Testing

/// Whose tree held the memory: the right one with its sum, and nobody where none clearly did.
@Suite struct OOMHogTests {
    private static let limit = CgroupID(rawValue: 900)

    private static func shared(limitMiB: UInt64 = 512, usedMiB: UInt64 = 510) -> OOMVictim.Scope {
        .cgroup(
            .init(cgroup: limit, name: "shared", limitKiB: limitMiB << 10, usageKiB: usedMiB << 10, ooms: 1))
    }

    /// The daemon is chosen, and the table taken right after shows these sizes in MiB.
    private static func kill(
        _ scene: Scene, trigger: ProcessKey?, scope: OOMVictim.Scope = shared(), victimMiB: UInt64 = 40,
        adjustment: Int32 = 0, after milliseconds: UInt64 = 3, unvisited: UInt32 = 0, _ sizes: [(ProcessKey, UInt32)]
    ) throws -> Incident {
        scene.signal(trigger, .kill, code: .kernel, origin: .kernel)
        scene.oom(scene.daemon, trigger: trigger, mebibytes: victimMiB, adjustment: adjustment, scope: scope)
        scene.exit(scene.daemon, .signal(.kill))
        scene.wait(milliseconds)
        scene.table(sizes, scope: limit, unvisited: unvisited)
        return try #require(scene.judge())
    }

    @Test func theAgentsTreeIsTheHogAndProdTheVictim() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        let workers = (0..<4).map { _ in scene.start(shell, "/usr/bin/worker") }
        let incident = try Self.kill(
            scene, trigger: workers[1], adjustment: 200,
            [(workers[0], 110), (workers[1], 100), (workers[2], 100), (workers[3], 100), (shell, 5)])
        #expect(Ruling(incident) == Ruling(.agent, .oomKill, .proven, workers[0]))
        #expect(incident.oom?.hog?.key == root && incident.oom?.victim.key == scene.daemon)
        #expect(incident.oom?.trigger?.key == workers[1] && incident.oom?.scope == .memcg)
        #expect(incident.oom?.limitBytes == 512 << 20)
        let trees = try #require(incident.oom?.trees)
        #expect(trees.first?.rssBytes == 415 << 20 && trees.first?.agent?.name == "claude-code")
        #expect(trees.map(\.root.key).contains(scene.daemon))
        #expect(incident.verdict.rules.contains("oom.hog"))
        #expect(incident.verdict.summary.contains("415 MiB of the 512 MiB that cgroup shared may have (81 %)"))
        #expect(incident.verdict.summary.contains("without it 95 MiB would have been in use"))
        #expect(incident.verdict.summary.contains("oom_score_adj is 200"))
    }

    /// The same with the roles exchanged: the agent only set it off, prod had leaked.
    @Test func theAgentAsTriggerIsNotAccused() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        let incident = try Self.kill(scene, trigger: shell, victimMiB: 440, [(shell, 40), (root, 20)])
        #expect(Ruling(incident) == Ruling(.`self`, .oomKill, .proven, scene.daemon))
        #expect(incident.exonerated == [root.pid])
        #expect(incident.verdict.exonerated.first?.why.contains("its tree held 60 MiB") == true)
        #expect(incident.verdict.alternatives.contains { $0.whyNot.contains("does not say that it held the memory") })
    }

    /// Most of it is no process's: in a cgroup that is not its own unit's, others may have left it there.
    @Test func aloneInAnothersCgroup() throws {
        let scene = try Scene()
        let incident = try Self.kill(
            scene, trigger: scene.daemon, scope: Self.shared(limitMiB: 64, usedMiB: 64), victimMiB: 20, [])
        #expect(Ruling(incident) == Ruling(.unknown, .oomKill, .none, nil))
    }

    /// Another service leaks: the machine's own, and the agent is innocent.
    @Test func anotherServiceIsTheHog() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
        let incident = try Self.kill(scene, trigger: shell, [(web, 420), (shell, 20)])
        #expect(Ruling(incident) == Ruling(.system, .oomKill, .proven, web))
        #expect(incident.exonerated == [root.pid])
    }

    @Test func aPersonIsTheHog() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        let editor = scene.start(scene.shell, "/usr/bin/editor")
        let incident = try Self.kill(scene, trigger: shell, [(editor, 430), (shell, 20)])
        #expect(incident.verdict.outcome == .operator && incident.exonerated == [root.pid])
    }

    /// An orphan of a session that is over is still its agent's; two agents: only the one that held it.
    @Test func orphansCountToTheirAgent() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        let orphans = (0..<3).map { _ in scene.start(shell, "/usr/bin/worker") }
        let (other, busy) = scene.agent("/usr/bin/codex")
        scene.exit(shell, .code(0))
        scene.exit(root, .code(0))
        scene.wait(30_000)
        let incident = try Self.kill(scene, trigger: busy, orphans.map { ($0, 140) } + [(busy, 20)])
        #expect(incident.verdict.outcome == .agent && incident.verdict.culprit?.root.key == root)
        #expect(incident.verdict.confidence == .proven && incident.exonerated == [other.pid])
    }

    /// Several agents and services that held about as much: nobody is accused, and nobody cleared.
    @Test(arguments: [[200, 190], [150, 140], [60, 20]] as [[UInt32]])
    func nobodyWhereNoneIsClearlyLarger(_ sizes: [UInt32]) throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
        let incident = try Self.kill(scene, trigger: shell, [(shell, sizes[0]), (web, sizes[1])])
        #expect(Ruling(incident) == Ruling(.unknown, .oomKill, .none, nil))
        #expect(incident.oom?.hog == nil && incident.exonerated == [])
        #expect(incident.oom?.trees.isEmpty == false)
    }

    /// Most of it is held by files in memory, whose maker is not known.
    @Test func nobodyWhereMostIsHeldByNoProcess() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let incident = try Self.kill(scene, trigger: shell, victimMiB: 10, [(shell, 180)])
        #expect(Ruling(incident) == Ruling(.unknown, .oomKill, .none, nil))
        #expect(incident.verdict.summary.contains("held by no process that is known"))
    }

    /// A family of forks shares its pages: each counts them, and what is more than there is proves nothing.
    @Test func sharedPagesAreNotAddedUp() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let forks = (0..<10).map { _ in scene.fork(shell) }
        let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
        let incident = try Self.kill(scene, trigger: shell, forks.map { ($0, 120) } + [(web, 300)])
        #expect(incident.verdict.outcome == .unknown)
    }

    /// Of a fork that has executed nothing only what goes beyond its maker's is its own.
    @Test(arguments: [(UInt32(40), Outcome.unknown), (80, .agent)]) func whatForksShareCountsOnce(
        size: UInt32, outcome: Outcome
    ) throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let maker = scene.start(shell, "/usr/bin/worker")
        let forks = (0..<9).map { _ in scene.fork(maker) }
        let incident = try Self.kill(scene, trigger: maker, [(maker, 40)] + forks.map { ($0, size) })
        #expect(incident.verdict.outcome == outcome)
    }

    /// What loads its data and then becomes a daemon in the old way leaves them to the fork of its fork, and to one fork
    /// only.
    @Test(arguments: [(1, UInt32(430), Outcome.agent), (4, 430, .agent), (9, 40, .unknown)]) func whatAnEndedMakerHad(
        forks: Int, size: UInt32, outcome: Outcome
    ) throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let maker = scene.start(shell, "/usr/bin/worker")
        let leader = scene.fork(maker)
        scene.exit(maker, .code(0), maxMiB: size)
        let daemons = (0..<forks).map { _ in scene.fork(leader) }
        scene.exit(leader, .code(0), maxMiB: size)
        let incident = try Self.kill(scene, trigger: shell, daemons.map { ($0, size) })
        #expect(incident.verdict.outcome == outcome)
        if outcome == .agent { #expect(incident.verdict.culprit?.actor.key == daemons[0]) }
    }

    /// As long as one lives that has the same pages, they are that one's.
    @Test func whatTheMakersMakerStillHas() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
        let middle = scene.fork(web)
        let worker = scene.fork(middle)
        scene.exit(middle, .code(0), maxMiB: 200)
        let incident = try Self.kill(scene, trigger: shell, [(web, 200), (worker, 200), (shell, 150)])
        #expect(incident.verdict.outcome == .unknown)
    }

    /// The largest has been so large for long, and another grew until nothing was left.
    @Test func nobodyWhereAnotherGrew() throws {
        for wait in [25_000, 50_000] as [UInt64] {
            let scene = try Scene()
            let (_, shell) = scene.agent()
            let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
            scene.table([(web, 300), (shell, 10)], reason: .rest)
            if wait > 25_000 {
                // It grew some time ago, and has held it since.
                scene.wait(5_000)
                scene.table([(web, 305), (shell, 180)], reason: .rest)
            }
            scene.wait(wait)
            let incident = try Self.kill(scene, trigger: shell, victimMiB: 10, [(web, 310), (shell, 180)])
            #expect(Ruling(incident) == Ruling(.unknown, .oomKill, .none, nil))
            #expect(incident.verdict.summary.contains("had held that for long"))
        }
    }

    /// It is large, and several small ones grew until nothing was left.
    @Test func lessSureWhereTheOthersTogetherGrew() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
        scene.table([(web, 330)], reason: .rest)
        scene.wait(25_000)
        let sizes: [(ProcessKey, UInt32)] = [(web, 335), (shell, 45), (scene.pid1, 45)]
        let incident = try Self.kill(scene, trigger: shell, sizes)
        #expect(Ruling(incident) == Ruling(.system, .oomKill, .likely, web))
        #expect(incident.verdict.summary.contains("the others together had grown more"))
    }

    /// Both are old, and how they were before is not known: size alone is not all.
    @Test func lessSureWhereGrowthIsNotKnown() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
        scene.wait(40_000)
        let incident = try Self.kill(scene, trigger: shell, victimMiB: 10, [(web, 330), (shell, 150)])
        #expect(Ruling(incident) == Ruling(.system, .oomKill, .likely, web))
        #expect(incident.verdict.summary.contains("what each tree had held before was not recorded"))
    }

    /// The agent's workers ended before somebody looked: who held it then is not known, and the rest is not accused.
    @Test func whoIsGoneBeforeTheTableIsNotForgotten() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let worker = scene.start(shell, "/usr/bin/worker")
        scene.signal(worker, .kill, code: .kernel, origin: .kernel)
        scene.oom(scene.daemon, trigger: worker, mebibytes: 300, scope: Self.shared())
        scene.exit(scene.daemon, .signal(.kill))
        scene.exit(worker, .code(1), maxMiB: 290)
        scene.table([], scope: Self.limit)
        #expect(Ruling(scene.judge()) == Ruling(.unknown, .oomKill, .none, nil))
    }

    /// Somebody takes the room that the victim left, before the table is taken: there is more in it than there was.
    @Test func whoTookTheRoomAfterwardsIsNotAccused() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let incident = try Self.kill(scene, trigger: shell, victimMiB: 300, after: 1_500, [(shell, 470)])
        #expect(Ruling(incident) == Ruling(.unknown, .oomKill, .none, nil))
    }

    @Test func lessSureWhereAnotherHeldMuchAsWell() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
        let incident = try Self.kill(scene, trigger: shell, [(shell, 270), (web, 165)])
        #expect(Ruling(incident) == Ruling(.agent, .oomKill, .likely, shell))
        #expect(incident.verdict.summary.contains("another tree held a good part as well"))
    }

    @Test func lessSureWhereSomeWereNotLookedAt() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let incident = try Self.kill(scene, trigger: shell, unvisited: 9, [(shell, 440)])
        #expect(Ruling(incident) == Ruling(.agent, .oomKill, .likely, shell))
    }

    /// What a table says that was taken long after, or of another cgroup, is of another moment or place.
    @Test func aTableOfAnotherMomentSaysNothing() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let late = try Self.kill(scene, trigger: shell, after: 2_500, [(shell, 440)])
        #expect(Ruling(late) == Ruling(.unknown, .oomKill, .none, nil))
        #expect(late.verdict.summary.contains("what each tree held was not recorded"))
    }

    /// Processes outside of the cgroup whose limit was reached held none of it.
    @Test func whoIsOutsideOfTheLimitIsNoHog() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        scene.signal(shell, .kill, code: .kernel, origin: .kernel)
        scene.oom(scene.daemon, trigger: scene.daemon, mebibytes: 480, scope: Self.shared())
        scene.exit(scene.daemon, .signal(.kill))
        scene.table([(shell, 9_000)], scope: Self.limit, inScope: false)
        let incident = try #require(scene.judge())
        #expect(Ruling(incident) == Ruling(.`self`, .oomKill, .proven, scene.daemon))
        #expect(incident.exonerated == [root.pid])
    }

    /// The machine as a whole: what there was is known by the samples of the host.
    @Test func theWholeMachine() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.host(totalMiB: 2_000, availableMiB: 900)
        scene.wait(2_000)
        let incident = try Self.global(scene, trigger: nil, [(shell, 1_500), (scene.pid1, 20)])
        #expect(Ruling(incident) == Ruling(.agent, .oomKill, .proven, shell))
        #expect(incident.oom?.scope == .global && incident.oom?.limitBytes == nil)
        #expect(incident.pressure?.trees.contains { $0.agent == "claude-code" } == true)
    }

    /// All else that was used was used before, the agent's alone is new: before, there was room.
    @Test func theOnlyOneThatGrew() throws {
        for others in [0, 700] as [UInt64] {
            let scene = try Scene()
            let (_, shell) = scene.agent()
            let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
            scene.host(totalMiB: 4_000, availableMiB: 900 + others)
            scene.table([(web, 800), (shell, 10)], reason: .rest)
            scene.wait(25_000)
            scene.host(totalMiB: 4_000, availableMiB: 50)
            let incident = try Self.global(scene, trigger: web, [(web, 800), (shell, 800)])
            // Where as much again went elsewhere, it is nobody's alone.
            let ruling = others == 0 ? Ruling(.agent, .oomKill, .likely, shell) : Ruling(.unknown, .oomKill, .none, nil)
            #expect(Ruling(incident) == ruling)
        }
    }

    /// Kernels before 6.8 do not say what ran out: it may be a limit of the victim's alone.
    @Test func whatRanOutMustBeKnown() throws {
        for (available, ruling) in [(1_500, Outcome.unknown), (30, .agent)] as [(UInt64, Outcome)] {
            let scene = try Scene()
            let (_, shell) = scene.agent()
            scene.host(totalMiB: 2_000, availableMiB: available)
            let incident = try Self.global(scene, trigger: nil, scope: .unknown, [(shell, 1_500)])
            #expect(incident.verdict.outcome == ruling)
            #expect(incident.verdict.confidence == (ruling == .agent ? .likely : .none))
        }
    }

    private static func global(
        _ scene: Scene, trigger: ProcessKey?, scope: OOMVictim.Scope = .global, _ sizes: [(ProcessKey, UInt32)]
    ) throws -> Incident {
        scene.signal(trigger, .kill, code: .kernel, origin: .kernel)
        scene.oom(scene.daemon, trigger: trigger, mebibytes: 40, scope: scope)
        scene.exit(scene.daemon, .signal(.kill))
        scene.table(sizes)
        return try #require(scene.judge())
    }
}
