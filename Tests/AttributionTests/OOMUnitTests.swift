import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import Testing

/// OOM kills of units: in their own limit, of a worker, and with what the manager makes of it.
@Suite struct OOMUnitTests {
    private static let limit = CgroupID(rawValue: 21)

    private static func own(limitMiB: UInt64 = 64) -> OOMVictim.Scope {
        .cgroup(
            .init(
                cgroup: limit, name: "prod.service", limitKiB: limitMiB << 10, usageKiB: limitMiB << 10, ooms: 1))
    }

    /// Much of it is no process's: in its own unit's cgroup that is its own all the same.
    @Test func itsOwnLimit() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        scene.signal(scene.prod, .kill, to: scene.prod, code: .kernel, origin: .kernel)
        scene.oom(scene.prod, trigger: scene.prod, mebibytes: 20, scope: Self.own())
        scene.table([(shell, 9_000)], scope: Self.limit, inScope: false)
        let incident = scene.prodEnds(.signal(.kill))
        #expect(Ruling(incident) == Ruling(.`self`, .oomKill, .proven, scene.judgedMain))
        #expect(incident.exonerated == [root.pid])
        #expect(incident.verdict.exonerated.first?.why.contains("no process of its tree held any of") == true)
    }

    /// An agent had a limit set for it before, and what it was until then is not told: it is neither accused nor cleared.
    @Test(arguments: ["MemoryMax", "CPUWeight", "reload", "refused"]) func theLimitWasSetBefore(_ what: String) throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        if what == "reload" {
            scene.call(client, "Reload", [], .done)
        } else {
            let name = what == "refused" ? "MemoryMax" : what
            scene.call(
                client, "SetUnitProperties", [], what == "refused" ? .refused : .done,
                arguments: [.text("prod.service"), .flag(true), .list(["\(name)=67108864"])])
        }
        scene.signal(scene.prod, .kill, to: scene.prod, code: .kernel, origin: .kernel)
        scene.oom(scene.prod, trigger: scene.prod, mebibytes: 60, scope: Self.own())
        scene.table([], scope: Self.limit)
        let incident = scene.prodEnds(.signal(.kill))
        let isDoubtful = what == "MemoryMax"
        #expect(
            Ruling(incident)
                == Ruling(.`self`, .oomKill, isDoubtful ? .possible : .proven, scene.judgedMain))
        #expect(incident.exonerated == (isDoubtful ? [] : [root.pid]))
        #expect(incident.verdict.alternatives.contains { $0.mechanism == .configChange } == isDoubtful)
    }

    /// A worker is chosen, and the manager then ends the rest (OOMPolicy=stop): one incident, and it is no signal of anybody's.
    @Test func aWorkerIsChosenAndTheRestEnded() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let worker = scene.start(scene.prod, "/opt/prod-worker")
        scene.signal(worker, .kill, to: worker, code: .kernel, origin: .kernel)
        scene.oom(worker, trigger: worker, mebibytes: 55, scope: Self.own())
        scene.table([(scene.prod, 5), (shell, 9)], scope: Self.limit, inScope: true)
        scene.exit(worker, .signal(.kill))
        scene.signal(scene.pid1, .terminate, to: scene.prod)
        scene.facts.result = "oom-kill"
        let incident = scene.prodEnds(.signal(.terminate))
        #expect(incident.verdict.outcome == .`self` && incident.verdict.mechanism == .oomKill)
        #expect(incident.oom?.victim.key == worker && incident.exonerated == [root.pid])
        #expect(incident.verdict.summary.contains("the rest of prod.service was then ended because of that"))
    }

    /// Somebody stops the unit after one of its workers was killed: that is what ended it.
    @Test func aStopAfterwardsIsSomebodys() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let worker = scene.start(scene.prod, "/opt/prod-worker")
        scene.signal(worker, .kill, to: worker, code: .kernel, origin: .kernel)
        scene.oom(worker, trigger: worker, mebibytes: 55, scope: Self.own())
        scene.exit(worker, .signal(.kill))
        let client = scene.start(shell, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        scene.facts.jobID = job
        scene.facts.jobType = "restart"
        let incident = scene.prodEnds()
        #expect(Ruling(incident) == Ruling(.agent, .managerRequest, .proven, client))
    }

    /// An agent's tree in the unit's cgroup held it.
    @Test func anAgentInItsCgroup() throws {
        let scene = try UnitScene()
        let inside = scene.start(scene.prod, "/usr/bin/claude")
        scene.signal(scene.prod, .kill, to: scene.prod, code: .kernel, origin: .kernel)
        scene.oom(scene.prod, trigger: inside, mebibytes: 5, scope: Self.own())
        scene.table([(inside, 55)], scope: Self.limit)
        let incident = scene.prodEnds(.signal(.kill))
        #expect(Ruling(incident) == Ruling(.agent, .oomKill, .proven, inside))
    }
}
