import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import Testing

/// A daemon that ends processes where memory runs short ended the subject: it is no culprit, the tree that held the memory is.
@Suite struct UserspaceOOMTests {
    /// The killer ends the daemon, and the table is taken when that was seen.
    private static func kill(
        _ scene: Scene, _ killer: ProcessKey, daemonMiB: UInt32 = 40, availableMiB: UInt64 = 150,
        _ sizes: [(ProcessKey, UInt32)]
    ) throws -> Incident {
        scene.host(totalMiB: 2_000, availableMiB: availableMiB)
        scene.signal(killer, .terminate)
        scene.exit(scene.daemon, .signal(.terminate), maxMiB: daemonMiB)
        scene.wait(120)
        scene.table(sizes)
        return try #require(scene.judge())
    }

    private static func killer(_ scene: Scene, _ path: String = "/usr/bin/earlyoom") -> ProcessKey {
        scene.start(scene.pid1, path, cgroup: 9)
    }

    @Test func orphansOfAFinishedSessionHoldIt() throws {
        let scene = try Scene()
        let killer = Self.killer(scene)
        let (root, shell) = scene.agent()
        let orphans = (0..<3).map { _ in scene.start(shell, "/usr/bin/worker") }
        scene.exit(shell, .code(0))
        scene.exit(root, .code(0))
        let (busy, _) = scene.agent("/usr/bin/codex")
        scene.wait(30_000)
        let incident = try Self.kill(scene, killer, orphans.map { ($0, 480) } + [(busy, 30)])
        #expect(Ruling(incident) == Ruling(.agent, .userspaceOOMKill, .proven, orphans[0]))
        #expect(incident.verdict.culprit?.root.key == root)
        #expect(incident.exonerated == [busy.pid])
        #expect(incident.verdict.rules.starts(with: ["oom.userspace", "oom.hog"]))
        #expect(incident.oom?.hog?.key == root && incident.oom?.trigger == nil)
        #expect(incident.verdict.summary.contains("earlyoom"))
        #expect(incident.verdict.alternatives.first?.whyNot.contains("who held the memory is what counts") == true)
    }

    /// The subject had leaked; the agent only worked.
    @Test func theSubjectItself() throws {
        let scene = try Scene()
        let killer = Self.killer(scene)
        let (root, shell) = scene.agent()
        let incident = try Self.kill(scene, killer, daemonMiB: 1_500, [(shell, 100)])
        #expect(Ruling(incident) == Ruling(.`self`, .userspaceOOMKill, .proven, scene.daemon))
        #expect(incident.exonerated == [root.pid])
    }

    /// It had come to what it held some time ago; what filled the rest since then is another's, or nobody's that is known.
    /// It may have been so quick that the machine was not looked at meanwhile.
    @Test(arguments: [(UInt32(280), UInt64(170)), (0, 170), (280, 450)])
    func whoGrewBeforeDidNotFillTheRest(agentMiB: UInt32, availableMiB: UInt64) throws {
        let scene = try Scene()
        let killer = Self.killer(scene)
        let (_, shell) = scene.agent()
        func look(_ daemonMiB: UInt32, availableMiB: UInt64) {
            scene.host(totalMiB: 2_000, availableMiB: availableMiB)
            scene.table([(scene.daemon, daemonMiB), (shell, 1)], reason: .rest)
        }
        look(5, availableMiB: 900)
        scene.wait(10_000)
        look(450, availableMiB: 450)
        scene.wait(15_000)
        let incident = try Self.kill(
            scene, killer, daemonMiB: 450, availableMiB: availableMiB, [(shell, agentMiB)])
        #expect(Ruling(incident) == Ruling(.unknown, .userspaceOOMKill, .none, nil))
        #expect(incident.exonerated == [])
    }

    @Test func nobodyWhereNobodyHeldClearlyMore() throws {
        let scene = try Scene()
        let killer = Self.killer(scene)
        let (_, shell) = scene.agent()
        let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
        let incident = try Self.kill(scene, killer, [(web, 700), (shell, 600)])
        #expect(Ruling(incident) == Ruling(.unknown, .userspaceOOMKill, .none, nil))
        #expect(incident.exonerated == [])
    }

    /// What systemd-oomd ends because of the pressure in one cgroup is not for lack of the machine's memory: who is
    /// outside of that cgroup is not accused.
    @Test func pressureInOneCgroupIsNotTheMachines() throws {
        for (text, outcome) in [
            (
                "Killed /kaval.service due to memory pressure for /user.slice being 80.00% > 60.00% for > 30s",
                Outcome.unknown
            ),
            ("Killed /kaval.service due to memory used (1900M) / total (2000M) and swap used (1) / total (1)", .agent),
        ] {
            let scene = try Scene()
            let killer = Self.killer(scene, "/lib/systemd/systemd-oomd")
            let (_, shell) = scene.agent()
            let entry = JournalEntry(
                writer: .component("oomd"), message: text, identifier: "systemd-oomd", unit: nil, fields: [])
            scene.take(Event(time: scene.tick(), source: .journal, body: .journal(entry)))
            let incident = try Self.kill(scene, killer, [(shell, 1_500)])
            #expect(incident.verdict.mechanism == .userspaceOOMKill && incident.verdict.outcome == outcome)
        }
    }

    /// One that looks after cgroups and says nothing acted on the daemon's own limit, since the machine had room; where it
    /// had none, that is not known. Who is outside of that limit is not accused. Others know the machine alone.
    @Test(
        arguments: [
            ("/usr/bin/oomd", 600, 200, .`self`), ("/usr/bin/oomd", 150, 200, .unknown),
            ("/usr/bin/oomd", 150, 1_000, .agent), ("/usr/bin/oomd", 600, nil, .agent),
            ("/usr/bin/earlyoom", 600, 200, .agent),
        ] as [(String, UInt64, UInt64?, Outcome)])
    func theDaemonsOwnLimit(_ path: String, _ availableMiB: UInt64, _ limitMiB: UInt64?, _ outcome: Outcome) throws {
        let scene = try Scene()
        let killer = Self.killer(scene, path)
        let (root, shell) = scene.agent()
        let usage = CgroupUsage(
            cgroup: CgroupID(rawValue: 3), memory: 190 << 20, limit: limitMiB.map { $0 << 20 })
        let samples = CgroupSamples(reason: .rest, entries: [usage])
        scene.take(Event(time: scene.tick(), source: .cgroup, body: .cgroupSamples(samples)))
        scene.table([(scene.daemon, 190)], reason: .activity)
        let incident = try Self.kill(scene, killer, daemonMiB: 190, availableMiB: availableMiB, [(shell, 1_100)])
        let verdict = incident.verdict
        #expect(verdict.mechanism == .userspaceOOMKill && verdict.outcome == outcome)
        let most: Confidence = path.hasSuffix("/oomd") ? .likely : .proven
        #expect(verdict.confidence == (outcome == .unknown ? Confidence.none : most))
        #expect(incident.exonerated == (outcome == .`self` ? [root.pid] : []))
    }

    /// A person's or an agent's program of that name is none.
    @Test func aNameAloneIsNone() throws {
        let scene = try Scene()
        let own = scene.start(scene.shell, "/usr/bin/earlyoom")
        let incident = try Self.kill(scene, own, [(scene.pid1, 1_500)])
        #expect(Ruling(incident) == Ruling(.operator, .signal, .proven, own))
    }

    /// A script of the house, of no known name: it sent the signal. Where the machine had next to nothing left, the agent
    /// that held most of it is not cleared.
    @Test(arguments: [(UInt64(100), UInt32(1_500)), (900, 1_000), (100, 200)]) func aServiceThatMayBeOne(
        availableMiB: UInt64, agentMiB: UInt32
    ) throws {
        let scene = try Scene()
        let script = scene.start(scene.pid1, "/usr/bin/python3", cgroup: 5)
        let (root, shell) = scene.agent()
        scene.host(totalMiB: 2_000, availableMiB: availableMiB)
        scene.table([(shell, agentMiB)], reason: .activity)
        scene.signal(script, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.system, .signal, .proven, script))
        let isSuspect = availableMiB == 100 && agentMiB == 1_500
        #expect(incident.exonerated == (isSuspect ? [] : [root.pid]))
        #expect(incident.verdict.summary.contains("claude-code (pid \(root.pid)) held 1500 MiB") == isSuspect)
    }

    /// Somebody else had asked it to end before.
    @Test func somebodyWasFirst() throws {
        let scene = try Scene()
        let killer = Self.killer(scene)
        let (_, shell) = scene.agent()
        scene.signal(shell, .terminate, disposition: .standard)
        let incident = try Self.kill(scene, killer, [(scene.pid1, 1_500)])
        #expect(incident.verdict.mechanism != .userspaceOOMKill)
    }
}
