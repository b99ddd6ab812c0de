import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking
import Testing

/// What has been large for long, and what no process holds: neither is proof of who filled the memory.
@Suite struct OOMGrowthTests {
    private typealias Sizes = [(ProcessKey, UInt32)]

    private static let limit = CgroupID(rawValue: 900)

    private static func shared(usedMiB: UInt64) -> OOMVictim.Scope {
        .cgroup(
            .init(cgroup: limit, name: "shared", limitKiB: usedMiB << 10, usageKiB: usedMiB << 10, ooms: 1))
    }

    /// The daemon is chosen; the table taken right after shows these sizes in MiB.
    private static func kill(
        _ scene: Scene, _ scope: OOMVictim.Scope, victimMiB: UInt64, _ sizes: Sizes
    ) throws -> Incident {
        scene.signal(scene.daemon, .kill, code: .kernel, origin: .kernel)
        scene.oom(scene.daemon, trigger: scene.daemon, mebibytes: victimMiB, scope: scope)
        scene.exit(scene.daemon, .signal(.kill))
        scene.table(sizes, scope: scope.cgroup)
        return try #require(scene.judge())
    }

    /// 64,000 MiB, of which so much could be had at the rest before; 25 s later nothing is left.
    private static func fill(
        _ scene: Scene, availableMiB: UInt64, before: Sizes, victimMiB: UInt64 = 38_400, _ sizes: Sizes
    ) throws -> Incident {
        scene.host(totalMiB: 64_000, availableMiB: availableMiB)
        scene.table(before, reason: .rest)
        scene.wait(25_000)
        scene.host(totalMiB: 64_000, availableMiB: 100)
        return try kill(scene, .global, victimMiB: victimMiB, sizes)
    }

    // MARK: What no process holds

    /// In a shared slice an agent has written files in memory, which no process holds: the service beside is not proven to
    /// have filled it, and the agent is not cleared.
    @Test(arguments: [(UInt64(550), Confidence.none), (700, .likely), (960, .proven)])
    func filesInASharedSlice(ownMiB: UInt64, confidence: Confidence) throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        let incident = try Self.kill(scene, Self.shared(usedMiB: 1_020), victimMiB: ownMiB, [(shell, 10)])
        #expect(incident.verdict.outcome == (confidence == .none ? .unknown : .`self`))
        #expect(incident.verdict.confidence == confidence)
        #expect(incident.exonerated == (confidence == .proven ? [root.pid] : []))
        #expect(incident.verdict.summary.contains("held by no process that is known") == (confidence != .proven))
    }

    /// The same in its own unit's limit: alone in there what no process holds is its own, with an agent in there it is not.
    @Test(arguments: [true, false]) func filesInItsOwnLimit(isAlone: Bool) throws {
        let scene = try UnitScene()
        let inside = scene.start(scene.prod, isAlone ? "/opt/prod-worker" : "/usr/bin/claude")
        let cgroup = CgroupID(rawValue: 21)
        scene.signal(scene.prod, .kill, to: scene.prod, code: .kernel, origin: .kernel)
        scene.oom(
            scene.prod, trigger: scene.prod, mebibytes: 30,
            scope: .cgroup(
                .init(cgroup: cgroup, name: "prod.service", limitKiB: 64 << 10, usageKiB: 64 << 10, ooms: 1)))
        scene.table([(inside, 1)], scope: cgroup)
        let incident = scene.prodEnds(.signal(.kill))
        #expect(incident.verdict.outcome == (isAlone ? .`self` : .unknown))
        #expect(incident.verdict.confidence == (isAlone ? .proven : .none) && incident.exonerated == [])
    }

    /// Nobody's process grew, and the machine's memory was used up all the same.
    @Test func filesOfNobodyFillTheMachine() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
        let sizes: Sizes = [(web, 10_000), (shell, 10)]
        let incident = try Self.fill(
            scene, availableMiB: 9_500, before: [(scene.daemon, 38_400)] + sizes, sizes)
        #expect(Ruling(incident) == Ruling(.unknown, .oomKill, .none, nil))
        #expect(incident.verdict.summary.contains("9400 MiB came to be held by no process that is known"))
    }

    /// Shared memory is in every process that looks into it: whoever filled it may be another.
    @Test(arguments: [true, false]) func sharedMemory(isShared: Bool) throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(scene.daemon, .kill, code: .kernel, origin: .kernel)
        scene.oom(scene.daemon, trigger: scene.daemon, mebibytes: 40, scope: Self.shared(usedMiB: 510))
        scene.exit(scene.daemon, .signal(.kill))
        let (size, none) = (UInt32(430 << 10), UInt32(0))
        let entry = ProcessUsage(
            process: shell, anonymousKiB: isShared ? none : size, sharedKiB: isShared ? size : none, isInScope: true)
        let samples = ProcessSamples(reason: .oom, scope: Self.limit, entries: [entry])
        scene.take(Event(time: scene.tick(), source: .bpf, body: .processSamples(samples)))
        #expect(Ruling(scene.judge()) == Ruling(.agent, .oomKill, isShared ? .likely : .proven, shell))
    }

    // MARK: What has been large for long

    /// A database has held 60 % for long; an agent's test run takes the last 9 %.
    @Test func theLastOfAMachineThatIsNearlyFull() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
        let incident = try Self.fill(
            scene, availableMiB: 6_000, before: [(scene.daemon, 38_400), (web, 15_000), (shell, 10)],
            [(web, 15_000), (shell, 5_800)])
        #expect(Ruling(incident) == Ruling(.agent, .oomKill, .possible, shell), "it may have leaked for hours")
        #expect(incident.verdict.summary.contains("this one alone had grown"))
        #expect(
            incident.verdict.alternatives.contains { $0.outcome == .`self` && $0.whyNot.contains("had hardly grown") })
    }

    /// The same sizes, and it was the daemon that grew.
    @Test func theLargestThatGrew() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
        let incident = try Self.fill(
            scene, availableMiB: 24_000, before: [(scene.daemon, 20_000), (web, 15_000), (shell, 5_800)],
            [(web, 15_000), (shell, 5_800)])
        #expect(Ruling(incident) == Ruling(.`self`, .oomKill, .proven, scene.daemon))
        #expect(incident.exonerated == [root.pid])
    }

    /// Several took the last of it, or nobody is known to have: the large one is not proven, and none of them is cleared.
    @Test(arguments: [UInt32(12_500), 15_000]) func theLargestThatHasNotGrown(webMiB: UInt32) throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
        let agentMiB: UInt32 = webMiB == 15_000 ? 3_300 : 10
        let incident = try Self.fill(
            scene, availableMiB: 5_900, before: [(scene.daemon, 38_400), (web, webMiB), (shell, agentMiB)],
            [(web, 15_000), (shell, 3_300)])
        #expect(Ruling(incident) == Ruling(.`self`, .oomKill, .likely, scene.daemon))
        #expect(incident.verdict.summary.contains("it had held that for as long as is known"))
        #expect(incident.exonerated == [])
    }

    /// What an agent has left behind is not what the machine is there for: that is old does not hand it on to the next
    /// service that grows a little.
    @Test func anAgentsOldLeftovers() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        let orphan = scene.start(shell, "/usr/bin/worker")
        scene.exit(shell, .code(0))
        scene.exit(root, .code(0))
        let incident = try Self.fill(
            scene, availableMiB: 6_000, before: [(orphan, 45_000), (scene.daemon, 1_000)], victimMiB: 6_500,
            [(orphan, 45_000)])
        #expect(Ruling(incident) == Ruling(.agent, .oomKill, .likely, orphan))
    }

    /// What an agent holds outside of the cgroup hides nothing of what it came to hold inside.
    @Test(arguments: [UInt32(10), 150]) func growthWithinACgroup(beforeMiB: UInt32) throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let outside = scene.start(shell, "/usr/bin/worker")
        let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
        scene.table([(web, 330), (outside, 1_000), (shell, beforeMiB)], reason: .rest)
        scene.wait(25_000)
        scene.signal(shell, .kill, code: .kernel, origin: .kernel)
        scene.oom(scene.daemon, trigger: shell, mebibytes: 10, scope: Self.shared(usedMiB: 510))
        scene.exit(scene.daemon, .signal(.kill))
        let entries = [(web, UInt32(330), true), (outside, 1_000, false), (shell, 150, true)].map {
            ProcessUsage(process: $0, anonymousKiB: $1 << 10, isInScope: $2)
        }
        let samples = ProcessSamples(reason: .oom, scope: Self.limit, entries: entries)
        scene.take(Event(time: scene.tick(), source: .bpf, body: .processSamples(samples)))
        let ruling =
            beforeMiB == 10 ? Ruling(.unknown, .oomKill, .none, nil) : Ruling(.system, .oomKill, .likely, web)
        #expect(Ruling(scene.judge()) == ruling)
    }
}
