import Attribution
import EventModel
import IncidentDetection
import Testing

/// Somebody asked the manager: call, answer and job have one number.
@Suite struct ManagerRequestTests {
    @Test(arguments: [UnitScene.Road.direct, .bus, .bridge]) func anAgentRestarts(_ road: UnitScene.Road) throws {
        for isUser in [false, true] {
            let scene = try UnitScene(user: isUser)
            let (root, shell) = scene.agent()
            let client = scene.start(shell, "/usr/bin/systemctl")
            let job = scene.newJob()
            scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job), over: road)
            scene.runs(job)
            let incident = scene.prodEnds()
            #expect(Ruling(incident) == Ruling(.agent, .managerRequest, .proven, client))
            #expect(incident.verdict.rules == ["manager-request.job", "tree.agent"])
            #expect(incident.verdict.culprit?.chain.map(\.key) == [root, shell, client])
            #expect(incident.exonerated == [])
            #expect(incident.verdict.summary.contains("did it: systemctl (pid \(client.pid)), in its tree, asked"))
            #expect(incident.verdict.summary.contains("restart prod.service"))
        }
    }

    @Test func sudoStaysInTheTree() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let sudo = scene.start(shell, "/usr/bin/sudo")
        let client = scene.start(sudo, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "StopUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job, "stop")
        let incident = scene.prodEnds(.code(0), .stopped)
        #expect(Ruling(incident) == Ruling(.agent, .managerRequest, .proven, client))
        #expect(incident.verdict.culprit?.chain.map(\.key) == [root, shell, sudo, client])
    }

    @Test func aPersonRestartsBesideABusyAgent() throws {
        let scene = try UnitScene()
        let (root, agentShell) = scene.agent()
        let other = scene.start(agentShell, "/usr/bin/systemctl")
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        let (mine, theirs) = (scene.newJob(), scene.newJob())
        scene.call(other, "RestartUnit", ["other.service", "replace"], .job(mine))
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(theirs))
        scene.runs(theirs)
        let incident = scene.prodEnds()
        #expect(Ruling(incident) == Ruling(.operator, .managerRequest, .proven, client))
        #expect(incident.verdict.culprit?.root.key == scene.shell)
        #expect(incident.exonerated == [root.pid])
        #expect(incident.verdict.exonerated.first?.why.contains("restart other.service, which does not reach") == true)
    }

    /// A refused call has no job: it is no cause, even where a person asks for the same a moment later.
    @Test func aRefusedCallIsNoCause() throws {
        let scene = try UnitScene()
        let (root, agentShell) = scene.agent()
        let refused = scene.start(agentShell, "/usr/bin/systemctl")
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        scene.call(refused, "RestartUnit", ["prod.service", "replace"], .refused, over: .bus)
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job), over: .bus)
        scene.runs(job)
        let incident = scene.prodEnds()
        #expect(Ruling(incident) == Ruling(.operator, .managerRequest, .proven, client))
        #expect(incident.exonerated == [root.pid])
        #expect(incident.verdict.exonerated.first?.why.contains("and was refused") == true)
    }

    /// Serials are a connection's own: two callers may have the same one, for the same unit.
    @Test func equalSerialsOnTwoConnections() throws {
        for first in [true, false] {
            let scene = try UnitScene()
            let (agent, codex) = (scene.agent(), scene.agent("/usr/bin/codex"))
            let a = scene.start(agent.shell, "/usr/bin/busctl")
            let b = scene.start(codex.shell, "/usr/bin/busctl")
            let job = scene.newJob()
            scene.call(
                a, "RestartUnit", ["prod.service", "replace"], first ? .job(job) : .refused, over: .bus, serial: 2)
            scene.call(
                b, "RestartUnit", ["prod.service", "replace"], first ? .refused : .job(job), over: .bus, serial: 2)
            scene.runs(job)
            let incident = scene.prodEnds()
            #expect(Ruling(incident) == Ruling(.agent, .managerRequest, .proven, first ? a : b))
            #expect(incident.exonerated == [first ? codex.root.pid : agent.root.pid])
        }
    }

    @Test func aSecondRequesterGetsTheSameJob() throws {
        let scene = try UnitScene()
        let (first, second) = (scene.agent(), scene.agent("/usr/bin/codex"))
        let a = scene.start(first.shell, "/usr/bin/systemctl")
        let b = scene.start(second.shell, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(a, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.call(b, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        let incident = scene.prodEnds()
        #expect(Ruling(incident) == Ruling(.agent, .managerRequest, .likely, a))
        #expect(incident.verdict.alternatives.first?.culprit?.actor.key == b)
        #expect(incident.exonerated == [])
    }

    /// Each restart has its own job.
    @Test func restartedTwice() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        for client in [scene.start(shell, "/usr/bin/systemctl"), scene.start(scene.shell, "/usr/bin/systemctl")] {
            let job = scene.newJob()
            scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
            scene.runs(job)
            #expect(Ruling(scene.prodEnds())?.actor == client.pid)
        }
    }

    /// Its own crash, and somebody who starts it again at once.
    @Test func aRepairIsNoCause() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        scene.signal(scene.prod, .abort, to: scene.prod, code: .thread)
        let crashed = scene.prod
        scene.exit(crashed, .signal(.abort, coreDumped: true))
        let at = BootTime(nanoseconds: scene.now * 1_000_000 + 7)
        let client = scene.start(shell, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.queued(job, "restart")
        scene.wait(3000)
        let incident = scene.judge(
            Detected(
                subject: Subject(unit: scene.unit),
                disruption: Disruption(
                    kind: .restarted, at: at, mainBefore: crashed, status: .signal(.abort, coreDumped: true),
                    systemd: scene.facts), settledAt: BootTime(nanoseconds: scene.now * 1_000_000)))
        #expect(Ruling(incident) == Ruling(.self, .crash, .proven, crashed))
        #expect(incident.exonerated == [root.pid])
        #expect(incident.verdict.exonerated.first?.why.contains("only after prod.service had ended") == true)
    }

    /// What an agent started crashes at once: the start was asked for, the crash was not.
    @Test func whatWasStartedOnRequestAndCrashes() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.startProd()
        // JobNew is read late.
        scene.queued(job, "restart")
        scene.signal(scene.prod, .segmentation, to: scene.prod, code: SignalCode(rawValue: 1), origin: .kernel)
        #expect(Ruling(scene.prodEnds(.signal(.segmentation))) == Ruling(.self, .crash, .proven, scene.judgedMain))
    }

    @Test func looksAreHarmless() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let look = scene.start(shell, "/usr/bin/systemctl")
        scene.call(look, "GetUnit", ["prod.service"], .done)
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        let incident = scene.prodEnds()
        #expect(Ruling(incident)?.actor == client.pid)
        #expect(incident.exonerated == [root.pid])
        #expect(incident.verdict.exonerated.first?.why.hasPrefix("no process of its tree sent") == true)
    }
}
