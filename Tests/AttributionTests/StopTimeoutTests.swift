import Attribution
import EventModel
import IncidentDetection
import Testing

/// A stop that took too long: whoever asked for it is the culprit, and why it took long is said.
@Suite struct StopTimeoutTests {
    /// The agent has prod stopped, which takes as long as `meanwhile`.
    private static func stops(
        _ scene: UnitScene, by client: ProcessKey, meanwhile: () -> Void
    ) -> Incident {
        let job = scene.newJob()
        scene.call(client, "StopUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job, "stop")
        meanwhile()
        scene.signal(scene.pid1, .kill, to: scene.prod)
        scene.logged("d9b373ed55a64feb8242e02dbe79a49c", ["UNIT_RESULT": "timeout"])
        return scene.prodEnds(.signal(.kill), .failed)
    }

    @Test func thatTookItsTimeByItself() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        let incident = Self.stops(scene, by: client) { scene.wait(20_000) }
        #expect(Ruling(incident) == Ruling(.agent, .managerRequest, .proven, client))
        #expect(incident.verdict.rules.contains("stop-timeout.own"))
        #expect(
            incident.verdict.summary.contains("prod.service had not stopped 20 s later, and the manager killed it."))
        #expect(incident.verdict.alternatives.isEmpty)
    }

    /// A person's build took what it needed to end in time.
    @Test func thatWaitedForWhatOthersUsed() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        let incident = Self.stops(scene, by: client) {
            Seconds(used: [(scene.shell, 180), (scene.prod, 2)]).pass(in: scene, for: 20)
        }
        #expect(Ruling(incident) == Ruling(.agent, .managerRequest, .proven, client))
        #expect(incident.verdict.rules.contains("stop-timeout.contention"))
        #expect(incident.verdict.summary.contains("used 99 % of the CPU time"))
        #expect(
            incident.verdict.alternatives.contains {
                $0.outcome == .operator && $0.mechanism == .resourceContention
                    && $0.culprit?.actor.key == scene.shell
            })
        #expect(incident.evidence.contains { $0.kind == "share" })
    }

    /// Nor is it said to have had no part in it.
    @Test func theAgentThatOnlyUsedMuchIsNotTheCulprit() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        let incident = Self.stops(scene, by: client) {
            Seconds(used: [(shell, 180), (scene.prod, 2)]).pass(in: scene, for: 20)
        }
        #expect(Ruling(incident) == Ruling(.operator, .managerRequest, .proven, client))
        #expect(!incident.exonerated.contains(root.pid))
    }

    @Test func aPromptStopIsNone() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "StopUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job, "stop")
        let incident = scene.prodEnds(.signal(.terminate), .stopped)
        #expect(!incident.verdict.rules.contains { $0.hasPrefix("stop-timeout") })
    }

    /// Who asks to kill it, does so; no patience ran out.
    @Test func aKillThatWasAskedForIsNone() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        let incident = Self.stops(scene, by: client) {
            scene.wait(20_000)
            scene.call(
                client, "KillUnit", ["prod.service", "all"], .done,
                arguments: [.text("prod.service"), .text("all"), .number(9)])
        }
        #expect(incident.verdict.outcome == .agent)
        #expect(!incident.verdict.rules.contains { $0.hasPrefix("stop-timeout") })
    }
}
