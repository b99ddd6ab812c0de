import Attribution
import EventModel
import IncidentDetection
import Testing

/// `Result=success` and `NRestarts=1` of a unit that came back by itself.
@Suite struct ReadingTests {
    private func abort(_ scene: UnitScene) -> Incident {
        scene.signal(scene.prod, .abort, to: scene.prod, code: .thread)
        return scene.prodEnds(.signal(.abort, coreDumped: true))
    }

    @Test func theMisleadingReadingIsNamed() throws {
        let scene = try UnitScene(user: true)
        let (root, _) = scene.agent()
        scene.facts.wasAutomatic = true
        (scene.facts.result, scene.facts.resultNow) = ("core-dump", "success")
        (scene.facts.restarts, scene.facts.restartPolicy) = (1, "on-failure")
        let incident = abort(scene)
        #expect(Ruling(incident) == Ruling(.self, .crash, .proven, scene.judgedMain))
        #expect(incident.verdict.rules == ["crash.own-fault", "reading.automatic-restart"])
        #expect(incident.exonerated == [root.pid])
        #expect(incident.verdict.summary.contains("Result=success, NRestarts=1 does not say"))
        #expect(incident.verdict.summary.contains("only after an unclean end"))
        #expect(incident.verdict.alternatives.map(\.mechanism) == [.managerRequest])
    }

    /// A restart that was asked for: those numbers mean what they seem to.
    @Test func aRequestedRestartIsReadRightly() throws {
        let scene = try UnitScene()
        scene.facts.resultNow = "success"
        scene.facts.restarts = 0
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        let incident = scene.prodEnds()
        #expect(Ruling(incident)?.outcome == .operator)
        #expect(incident.verdict.alternatives == [])
    }

    /// Up to systemd 253 the automatic restart runs a restart job: after the end, so nobody's.
    @Test func theAutomaticRestartsJobIsNobodys() throws {
        let scene = try UnitScene()
        let (root, _) = scene.agent()
        scene.facts.wasAutomatic = true
        scene.facts.restarts = 3
        scene.signal(scene.prod, .abort, to: scene.prod, code: .thread)
        let main = scene.prod
        scene.exit(main, .signal(.abort))
        let at = BootTime(nanoseconds: scene.now * 1_000_000 + 7)
        scene.wait(100)
        scene.logged("5eb03494b6584870a536b337290809b3", ["N_RESTARTS": "3"])
        scene.queued(scene.newJob(), "restart")
        scene.wait(3000)
        let incident = scene.judge(
            Detected(
                subject: Subject(unit: scene.unit),
                disruption: Disruption(
                    kind: .restarted, at: at, mainBefore: main, status: .signal(.abort), systemd: scene.facts),
                settledAt: BootTime(nanoseconds: scene.now * 1_000_000)))
        #expect(Ruling(incident) == Ruling(.self, .crash, .proven, main))
        #expect(incident.exonerated == [root.pid])
        #expect(incident.verdict.alternatives.first?.whyNot.contains("is the automatic restart's own") == true)
    }
}
