import Attribution
import EventModel
import Testing

/// Who used what prod had to wait for; and that nobody is named where prod did not wait, or nobody used most of it.
@Suite struct ContentionTests {
    /// What each second looked like until the watchdog struck: shares of the second, by hundredths.
    private struct Seconds {
        var machine: UInt64 = 95
        var own: UInt64? = 90
        var memory: UInt64 = 0
        /// CPU time of each process, in hundredths of a second.
        var used: [(ProcessKey, UInt64)] = []
        /// What each held more after each second, in MiB.
        var grown: [(ProcessKey, UInt32)] = []
    }

    private static func strike(_ scene: UnitScene, _ seconds: Seconds) -> Incident {
        for second in 0...UInt64(32) {
            let waited = Stall(some10: 0, full10: 0, someTotal: second * seconds.machine * 10_000, fullTotal: 0)
            let short = Stall(some10: 0, full10: 0, someTotal: second * seconds.memory * 10_000, fullTotal: 0)
            let host = HostSample(reason: .activity, cpu: waited, memory: short, io: nil)
            scene.take(Event(time: scene.tick(), source: .psi, body: .hostSample(host)))
            var entries = seconds.used.map { ProcessUsage(process: $0, cpu: $1 * second * 10_000) }
            entries += seconds.grown.map { ProcessUsage(process: $0, anonymousKiB: ($1 << 10) * UInt32(second)) }
            scene.take(
                Event(
                    time: scene.tick(), source: .bpf,
                    body: .processSamples(ProcessSamples(reason: .activity, entries: entries))))
            if let own = seconds.own {
                let stall = Stall(some10: 0, full10: 0, someTotal: second * own * 10_000, fullTotal: 0)
                let usage = CgroupUsage(cgroup: CgroupID(rawValue: 21), memoryStall: stall, cpuStall: stall)
                scene.take(
                    Event(
                        time: scene.tick(), source: .cgroup,
                        body: .cgroupSamples(CgroupSamples(reason: .activity, entries: [usage]))))
            }
            scene.wait(997)
        }
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
        #expect(Ruling(incident) == Ruling(.self, .watchdog, .possible, scene.judgedMain))
    }

    /// It starved itself.
    @Test func prodsOwnUseIsItsOwn() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let incident = Self.strike(scene, Seconds(used: [(scene.prod, 150), (shell, 40)]))
        #expect(incident.verdict.outcome == .self && incident.verdict.mechanism == .watchdog)
    }
}
