import Attribution
import EventModel
import Testing

/// Who used what prod had to wait for; and that nobody is named where prod did not wait, or nobody used most of it.
@Suite struct ContentionTests {
    private static func strike(_ scene: UnitScene, _ seconds: Seconds) -> Incident {
        seconds.pass(in: scene)
        scene.signal(scene.pid1, .abort, to: scene.prod)
        scene.logged("d9b373ed55a64feb8242e02dbe79a49c", ["UNIT_RESULT": "watchdog"])
        return scene.prodEnds(.signal(.abort, coreDumped: true))
    }

    @Test func whoUsedTheTimeThatProdWaitedFor() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let incident = Self.strike(scene, Seconds(used: [(shell, 180), (scene.prod, 1), (scene.shell, 5)]))
        #expect(Ruling(incident) == Ruling(.agent, .resourceContention, .likely, shell))
        #expect(incident.verdict.culprit?.root.key == root)
        #expect(incident.verdict.rules.first == "contention.watchdog")
        #expect(incident.verdict.summary.contains("97 % of the CPU time"))
        #expect(incident.verdict.summary.contains("waited for it at least"))
        #expect(incident.verdict.alternatives.contains { $0.outcome == .self })
    }

    @Test func whoTookTheMemory() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let incident = Self.strike(
            scene, Seconds(machine: 10, memory: 40, grown: [(shell, 100), (scene.prod, 2), (scene.shell, 3)]))
        #expect(Ruling(incident) == Ruling(.agent, .resourceContention, .likely, shell))
    }

    @Test func aPersonsBuildIsThePersons() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let incident = Self.strike(scene, Seconds(used: [(scene.shell, 180), (shell, 10)]))
        #expect(Ruling(incident) == Ruling(.operator, .resourceContention, .likely, scene.shell))
        #expect(incident.exonerated == [root.pid])
    }

    /// The machine was busy, and prod slept.
    @Test func prodThatDidNotWaitHungByItself() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let incident = Self.strike(scene, Seconds(own: 1, used: [(shell, 180)]))
        #expect(Ruling(incident) == Ruling(.self, .watchdog, .likely, scene.judgedMain))
        #expect(incident.exonerated == [root.pid])
    }

    @Test func withoutPressureBusyAgentsAreInnocent() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let incident = Self.strike(scene, Seconds(machine: 20, own: 2, used: [(shell, 100)]))
        #expect(Ruling(incident) == Ruling(.self, .watchdog, .likely, scene.judgedMain))
        #expect(incident.exonerated == [root.pid])
    }

    /// Whether it waited is not known, so nobody else is named; and that it hung by itself is not sure either.
    @Test func whatWasNotMeasuredOfProdNamesNobodyElse() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let incident = Self.strike(scene, Seconds(own: nil, used: [(shell, 180)]))
        #expect(Ruling(incident) == Ruling(.self, .watchdog, .possible, scene.judgedMain))
        #expect(incident.exonerated == [], "whoever used most of the time is not said not to have done it")
    }

    /// It ran for want of others' patience for a part of the time only.
    @Test func prodThatWaitedForAPartMayHaveHung() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let incident = Self.strike(scene, Seconds(own: 45, used: [(shell, 180)]))
        #expect(Ruling(incident) == Ruling(.self, .watchdog, .possible, scene.judgedMain))
    }

    @Test func ofTwoThatUsedItNeitherIsExonerated() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let (other, otherShell) = scene.agent("/usr/bin/codex")
        let incident = Self.strike(scene, Seconds(used: [(shell, 110), (otherShell, 80)]))
        #expect(Ruling(incident) == Ruling(.agent, .resourceContention, .possible, shell))
        #expect(!incident.exonerated.contains(other.pid))
    }

    @Test func whereNobodyUsedMostNobodyIsNamed() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let (_, otherShell) = scene.agent("/usr/bin/codex")
        let incident = Self.strike(scene, Seconds(used: [(shell, 60), (otherShell, 60), (scene.shell, 60)]))
        #expect(Ruling(incident) == Ruling(.unknown, .resourceContention, .none, nil))
        #expect(incident.exonerated == [] && incident.verdict.rules.contains("contention.shared"))
        #expect(incident.verdict.summary.contains("nobody used most of what there was"))
        #expect(incident.verdict.alternatives.map(\.outcome) == [.self, .operator, .agent, .agent])
    }

    /// It waited for a part of the time, or may have hung: then it is not said that it was starved.
    @Test(arguments: [(UInt64(45), UInt64(1)), (90, 40)])
    func manyOthersAtWorkAreNoReason(own: UInt64, used: UInt64) throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let (_, otherShell) = scene.agent("/usr/bin/codex")
        let incident = Self.strike(
            scene, Seconds(own: own, used: [(shell, 60), (otherShell, 60), (scene.shell, 60), (scene.prod, used)]))
        #expect(Ruling(incident) == Ruling(.self, .watchdog, .possible, scene.judgedMain))
        #expect(incident.exonerated == [])
    }

    /// It starved itself.
    @Test func prodsOwnUseIsItsOwn() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let incident = Self.strike(scene, Seconds(used: [(scene.prod, 150), (shell, 40)]))
        #expect(incident.verdict.outcome == .self && incident.verdict.mechanism == .watchdog)
    }

    /// It spins, which it did not before: what it got is more than it ever needed.
    @Test func prodThatBeganToSpinMayHaveHung() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        var seconds = Seconds(used: [(shell, 160), (scene.prod, 40)])
        seconds.before = [(scene.prod, 1)]
        let incident = Self.strike(scene, seconds)
        #expect(Ruling(incident) == Ruling(.self, .watchdog, .possible, scene.judgedMain))
        #expect(!incident.exonerated.contains(root.pid))
    }

    @Test func prodThatGotLessThanBeforeWasStarved() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        var seconds = Seconds(used: [(shell, 160), (scene.prod, 30)])
        seconds.before = [(scene.prod, 80)]
        let incident = Self.strike(scene, seconds)
        #expect(Ruling(incident) == Ruling(.agent, .resourceContention, .likely, shell))
    }

    /// And what it used before is not known.
    @Test func prodThatGotMuchMayHaveHung() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let incident = Self.strike(scene, Seconds(used: [(shell, 160), (scene.prod, 40)]))
        #expect(Ruling(incident) == Ruling(.agent, .resourceContention, .possible, shell))
        #expect(incident.verdict.alternatives.contains { $0.outcome == .self && $0.whyNot.contains("40 % of a CPU") })
    }

    /// Its workers waited, while it slept: for them, or by itself.
    @Test func theMainProcessThatDidNotWaitItself() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        _ = scene.start(scene.prod, "/opt/worker", cgroup: 21)
        let incident = Self.strike(scene, Seconds(waited: 1, used: [(shell, 190), (scene.prod, 1)]))
        #expect(Ruling(incident) == Ruling(.agent, .resourceContention, .possible, shell))
        #expect(
            incident.verdict.alternatives.contains { $0.outcome == .self && $0.whyNot.contains("others of it were") })
    }

    @Test func theMainProcessThatWaited() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        _ = scene.start(scene.prod, "/opt/worker", cgroup: 21)
        let incident = Self.strike(scene, Seconds(waited: 90, used: [(shell, 190), (scene.prod, 1)]))
        #expect(Ruling(incident) == Ruling(.agent, .resourceContention, .likely, shell))
    }

    /// Which of its processes waited is not known.
    @Test func ofSeveralProcessesOneWaited() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        _ = scene.start(scene.prod, "/opt/worker", cgroup: 21)
        let incident = Self.strike(scene, Seconds(used: [(shell, 190), (scene.prod, 1)]))
        #expect(Ruling(incident) == Ruling(.agent, .resourceContention, .possible, shell))
    }

    /// CPUQuota= of its own; the machine idles, and the agent's build takes what there is.
    @Test func prodThatItsOwnQuotaHeldBack() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let incident = Self.strike(
            scene, Seconds(throttled: 80, ownMemory: 0, ownIO: 0, used: [(shell, 110), (scene.prod, 20)]))
        #expect(Ruling(incident) == Ruling(.self, .watchdog, .likely, scene.judgedMain))
        #expect(incident.exonerated == [root.pid])
        #expect(
            incident.verdict.summary.contains("its own CPU quota (CPUQuota=) kept it from running by 80 % of a CPU"))
    }

    /// It is not said to be innocent: it may have set that quota.
    @Test func whoSetAPropertyOfProd() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        scene.call(scene.start(shell, "/usr/bin/systemctl"), "SetUnitProperties", ["prod.service"], .done)
        let incident = Self.strike(scene, Seconds(throttled: 80, ownMemory: 0, ownIO: 0, used: [(shell, 110)]))
        #expect(Ruling(incident) == Ruling(.self, .watchdog, .possible, scene.judgedMain))
        #expect(!incident.exonerated.contains(root.pid))
    }

    /// Prod waits, and most CPUs idle: it may use only few of them, or its quota is not told.
    @Test func whereTheMachineHasCPUsToSpareNobodyIsNamed() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let incident = Self.strike(scene, Seconds(cpus: 8, used: [(shell, 110), (scene.prod, 20)]))
        #expect(Ruling(incident) == Ruling(.self, .watchdog, .possible, scene.judgedMain))
        #expect(!incident.exonerated.contains(root.pid))
    }

    @Test func whereAllCPUsAreInUse() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let incident = Self.strike(scene, Seconds(cpus: 2, used: [(shell, 180), (scene.prod, 1)]))
        #expect(Ruling(incident) == Ruling(.agent, .resourceContention, .likely, shell))
    }

    /// Whose I/O that was is not known; the agent's perhaps.
    @Test func prodThatWaitedForIO() throws {
        let scene = try UnitScene()
        let (root, _) = scene.agent()
        let told = Self.strike(scene, Seconds(machine: 5, own: 2, io: 90, ownIO: 85))
        #expect(Ruling(told) == Ruling(.self, .watchdog, .possible, scene.judgedMain))
        #expect(!told.exonerated.contains(root.pid))
        let other = try UnitScene()
        _ = other.agent()
        let untold = Self.strike(other, Seconds(machine: 5, own: 2, io: 90))
        #expect(Ruling(untold) == Ruling(.self, .watchdog, .possible, other.judgedMain) && untold.exonerated == [])
    }

    /// Others waited for I/O, and prod did not.
    @Test func prodThatDidNotWaitForIO() throws {
        let scene = try UnitScene()
        let (root, _) = scene.agent()
        let incident = Self.strike(scene, Seconds(machine: 5, own: 1, io: 90, ownIO: 1))
        #expect(Ruling(incident) == Ruling(.self, .watchdog, .likely, scene.judgedMain))
        #expect(incident.exonerated == [root.pid])
    }

    /// A little of the memory was short as well, which is not what prod waited for.
    @Test func whatProdWaitedForLongestCounts() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let incident = Self.strike(
            scene,
            Seconds(memory: 15, ownMemory: 10, used: [(shell, 180), (scene.prod, 1)], grown: [(scene.shell, 20)]))
        #expect(Ruling(incident) == Ruling(.agent, .resourceContention, .likely, shell))
    }

    /// On many CPUs pressure tells a part of it, where a task is moved about while it waits.
    @Test func whatItsThreadsWaitedTogether() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let incident = Self.strike(scene, Seconds(own: 20, waited: 90, used: [(shell, 190), (scene.prod, 1)]))
        #expect(Ruling(incident) == Ruling(.agent, .resourceContention, .possible, shell))
        #expect(incident.evidence.contains { $0.source == .bpf && $0.text.contains("the threads of the main process") })
        let other = try UnitScene()
        let (_, otherShell) = other.agent()
        let brief = Self.strike(other, Seconds(own: 20, waited: 40, used: [(otherShell, 190), (other.prod, 1)]))
        #expect(Ruling(brief) == Ruling(.self, .watchdog, .possible, other.judgedMain))
    }

    /// A build in units of their own (systemd-run) is one build, and its agent's.
    @Test func whatManyUnitsOfOneAgentUsed() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        var used: [(ProcessKey, UInt64)] = [(scene.prod, 1), (scene.shell, 5)]
        for number in 0..<6 {
            let (name, cgroup) = ("run-u\(number).service", UInt64(60 + number))
            let run = scene.start(shell, "/usr/bin/systemd-run")
            scene.call(run, "StartTransientUnit", [name, "fail"], .job(scene.newJob()))
            scene.take(
                Event(
                    time: scene.tick(), source: .bpf,
                    body: .cgroup(.made(CgroupID(rawValue: cgroup), parent: CgroupID(rawValue: 20), name: name))))
            used.append((scene.start(scene.pid1, "/usr/bin/make", cgroup: cgroup), 30))
        }
        let incident = Self.strike(scene, Seconds(used: used))
        #expect(incident.verdict.outcome == .agent && incident.verdict.mechanism == .resourceContention)
        #expect(incident.verdict.culprit?.root.key == root && incident.exonerated == [])
    }

    /// Of many who each had a part, none is said not to have had any.
    @Test func ofManyNobodyIsInnocent() throws {
        let scene = try UnitScene()
        let agents = [
            "/usr/bin/claude", "/usr/bin/codex", "/usr/bin/gemini", "/usr/bin/opencode", "/usr/bin/goose",
        ].map { scene.agent($0) }
        let incident = Self.strike(scene, Seconds(used: agents.map { ($0.shell, 38) } + [(scene.prod, 1)]))
        #expect(Ruling(incident) == Ruling(.unknown, .resourceContention, .none, nil))
        #expect(agents.allSatisfy { !incident.exonerated.contains($0.root.pid) })
    }
}
