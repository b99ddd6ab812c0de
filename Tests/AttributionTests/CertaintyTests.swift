import Attribution
import EventModel
import IncidentDetection
import Testing

/// How sure a verdict is, whom it clears, and what it is called.
@Suite struct CertaintyTests {
    @Test func aBackFilledEdgeLowersByOne() throws {
        let scene = try Scene()
        let (root, _) = scene.agent()
        let actor = scene.fork(root, source: .procfs)
        scene.signal(actor, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .likely, actor))
        #expect(incident.verdict.rules.contains("confidence.back-filled"))
    }

    @Test func theEdgeAboveTheAgentDoesNotMatter() throws {
        let scene = try Scene()
        let root = scene.start(scene.shell, "/usr/bin/claude", source: .procfs)
        let shell = scene.start(root, "/bin/bash")
        scene.signal(shell, .kill)
        #expect(Ruling(scene.ends(.signal(.kill))) == Ruling(.agent, .signal, .proven, shell))
    }

    @Test func anOrphanInASessionMayBeAnybodys() throws {
        let scene = try Scene()
        let orphan = scene.start(scene.pid1, "/bin/bash", source: .procfs, cgroup: 4)
        scene.signal(orphan, .kill)
        #expect(Ruling(scene.ends(.signal(.kill))) == Ruling(.operator, .signal, .likely, orphan))
    }

    /// It hides its environment, as nginx does, and an agent worked in that session when it started, or began later.
    @Test(arguments: [true, false]) func anOrphanBesideAnAgentMayBeTheAgents(isLater: Bool) throws {
        let scene = try Scene()
        let (root, orphan): (ProcessKey, ProcessKey)
        if isLater {
            root = scene.start(scene.shell, "/usr/bin/claude", source: .procfs)
            orphan = scene.start(scene.pid1, "/usr/sbin/nginx", source: .procfs, cgroup: 4)
        } else {
            orphan = scene.start(scene.pid1, "/usr/sbin/nginx", source: .procfs, cgroup: 4)
            root = scene.start(scene.shell, "/usr/bin/claude", source: .procfs)
        }
        scene.signal(orphan, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(incident.verdict.outcome == (isLater ? .unknown : .operator))
        #expect(incident.exonerated == (isLater ? [] : [root.pid]))
    }

    @Test func aGapLowersByOne() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.gaps = [Gap(source: "bpf:fork", from: .zero, to: BootTime(nanoseconds: .max), lost: 5, why: "full")]
        scene.signal(shell, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .likely, shell))
        #expect(incident.verdict.rules.contains("confidence.gap"))
        #expect(incident.completeness.lostEvents == 5 && incident.completeness.gaps == scene.gaps)
    }

    /// What units log themselves proves nothing, so its loss takes nothing away; it is stated all the same.
    @Test func aGapInOwnLinesLowersNothing() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.gaps = [Gap(source: Gap.ownLines, from: .zero, to: BootTime(nanoseconds: .max), lost: 5, why: "many")]
        scene.signal(shell, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .proven, shell))
        #expect(incident.completeness.gaps == scene.gaps)
    }

    @Test func bothLowerByTwoAndNeverBelowPossible() throws {
        let scene = try Scene()
        let (root, _) = scene.agent()
        let actor = scene.fork(root, source: .procfs)
        scene.gaps = [
            Gap(source: "x", from: .zero, to: BootTime(nanoseconds: .max), lost: .max, why: ""),
            Gap(source: "y", from: .zero, to: .zero, lost: 9, why: ""),
        ]
        scene.signal(actor, .terminate, disposition: .handler)
        scene.signal(scene.shell, .terminate, disposition: .handler)
        let incident = try #require(scene.ends(.code(0)))
        #expect(incident.verdict.confidence == .possible)
    }

    /// That nobody had asked it to end cannot be said of a time that was not recorded.
    @Test func anExitSoonAfterTheStartOfTheRecording() throws {
        for began: UInt64 in [0, 1000, 59_000] {
            let scene = try Scene()
            let at = scene.now
            if began > 0 { scene.recordedSince = BootTime(nanoseconds: at * 1_000_000) }
            scene.wait(began)
            let incident = try #require(scene.ends(.code(1)))
            #expect(Ruling(incident) == Ruling(.self, .exit, began == 0 ? .proven : .likely, scene.daemon))
            #expect(incident.completeness.gaps.map(\.source) == (began == 0 ? [] : ["recording"]))
        }
    }

    @Test func whatWasSeenDoesNotRestOnSilence() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.recordedSince = BootTime(nanoseconds: scene.now * 1_000_000)
        scene.signal(shell, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .proven, shell))
        #expect(incident.completeness.gaps.count == 1)
    }

    @Test func whatBeganInTheRecordingMissesNothing() throws {
        let scene = try Scene()
        scene.recordedSince = BootTime(nanoseconds: scene.now * 1_000_000)
        scene.wait(10)
        let young = scene.start(scene.shell, "/opt/kaval")
        scene.exit(young, .code(1))
        #expect(Ruling(scene.judge()) == Ruling(.self, .exit, .proven, young))
    }

    /// Everybody who was there in the minute before, and nobody who had left by then or came later.
    @Test func whoIsCleared() throws {
        let scene = try Scene()
        let (before, justBefore, present) = (scene.agent(), scene.agent("/usr/bin/codex"), scene.agent())
        for process in [before.shell, before.root] { scene.exit(process, .code(0)) }
        scene.wait(50_000)
        for process in [justBefore.shell, justBefore.root] { scene.exit(process, .code(0)) }
        scene.wait(30_000)
        scene.exit(scene.daemon, .code(1))
        let incident = try #require(scene.judge())
        let late = scene.agent()
        #expect(incident.exonerated == [justBefore.root.pid, present.root.pid])
        #expect(!incident.exonerated.contains(late.root.pid) && !incident.exonerated.contains(before.root.pid))
        #expect(
            incident.verdict.exonerated.allSatisfy {
                !$0.evidence.isEmpty && $0.why.contains("no process of its tree sent")
            })
    }

    @Test func identities() throws {
        var incidents: [Incident] = []
        for killer in 0..<3 {
            let scene = try Scene()
            let (_, shell) = scene.agent()
            scene.wait(UInt64(killer) * 7)
            scene.signal(killer == 2 ? scene.shell : shell, .kill)
            incidents.append(try #require(scene.ends(.signal(.kill))))
        }
        #expect(Set(incidents.map(\.id)).count == 3)
        #expect(incidents.map(\.id) == incidents.map(\.id).sorted())
        #expect(incidents[0].fingerprint == incidents[1].fingerprint)
        #expect(incidents[0].fingerprint != incidents[2].fingerprint)
        #expect(
            incidents[0].id.hasPrefix("20231114T22")
                && incidents[0].id.count == "20231114T221320.000000000Z-00000000".count)
    }

    @Test func theSameCaseGetsTheSameIncident() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        for _ in 0..<5 { _ = scene.agent("/usr/bin/codex") }
        scene.signal(shell, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        let detected = try #require(scene.detected.last)
        for _ in 0..<5 { #expect(scene.judge(detected) == incident) }
        #expect(incident.timeline.map(\.at) == incident.timeline.map(\.at).sorted())
        #expect(incident.timeline.map(\.id) == (1...incident.timeline.count).map { "e\($0)" })
        #expect(incident.evidence.allSatisfy { $0.rule != nil })
    }
}
