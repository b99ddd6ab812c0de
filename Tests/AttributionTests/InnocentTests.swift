import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import Testing

/// For each rule: an agent does something much like it at the same moment, and somebody else did it.
@Suite struct InnocentTests {
    private static let login = "org.freedesktop.login1.Manager"

    /// The person restarts prod by the manager; whatever the agent does, it is neither accused nor unmentioned.
    private func personRestarts(user: Bool = false, _ act: (UnitScene, ProcessKey) -> Void) throws {
        let scene = try UnitScene(user: user)
        let (root, shell) = scene.agent()
        act(scene, shell)
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        let incident = scene.prodEnds()
        #expect(Ruling(incident) == Ruling(.operator, .managerRequest, .proven, client))
        #expect(incident.exonerated == [root.pid])
    }

    @Test func ofTheSameNameInAnotherManager() throws {
        try personRestarts(user: true) { scene, shell in
            scene.call(
                scene.start(shell, "/usr/bin/systemctl"), "RestartUnit", ["prod.service", "replace"],
                .job(scene.newJob()), to: .system)
        }
    }

    @Test func wasRefused() throws {
        try personRestarts { scene, shell in
            scene.call(
                scene.start(shell, "/usr/bin/systemctl"), "RestartUnit", ["prod.service", "replace"], .refused)
        }
    }

    @Test func onlyReloadedTheManager() throws {
        try personRestarts { scene, shell in
            scene.call(scene.start(shell, "/usr/bin/systemctl"), "Reload", [], .done)
            scene.call(scene.start(shell, "/usr/bin/systemctl"), "ResetFailedUnit", ["prod.service"], .done)
        }
    }

    @Test func restartedWhatHasASimilarName() throws {
        try personRestarts { scene, shell in
            for name in ["prod.socket", "prod2.service", "prod@1.service", "xprod.service"] {
                scene.call(
                    scene.start(shell, "/usr/bin/systemctl"), "RestartUnit", [name, "replace"], .job(scene.newJob()))
            }
        }
    }

    @Test func sentAHarmlessSignal() throws {
        try personRestarts { scene, shell in
            scene.signal(shell, Signal(rawValue: 10), to: scene.prod, disposition: .handler)
            scene.signal(shell, .terminate, to: scene.prod, result: .ignored, disposition: .ignored)
        }
    }

    @Test func killedAnotherProcessOfTheSameProgram() throws {
        try personRestarts { scene, shell in
            let other = scene.start(shell, "/opt/prod")
            scene.signal(shell, .kill, to: other)
            scene.exit(other, .signal(.kill))
        }
    }

    /// Somebody else's `systemctl kill`, and the agent had another signal sent.
    @Test func hadAnotherSignalSent() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        scene.call(
            scene.start(shell, "/usr/bin/systemctl"), "KillUnit", [], .done,
            arguments: [.text("prod.service"), .text("all"), .number(1)])
        scene.signal(scene.pid1, .hangup, to: scene.prod, disposition: .handler)
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        scene.call(client, "KillUnit", [], .done, arguments: [.text("prod.service"), .text("all"), .number(9)])
        scene.signal(scene.pid1, .kill, to: scene.prod)
        let incident = scene.prodEnds(.signal(.kill))
        #expect(Ruling(incident) == Ruling(.operator, .managerRequest, .proven, client))
        #expect(incident.exonerated == [root.pid])
    }

    /// Of a bystander, and of prod itself, which went on in time.
    @Test func stoppedAndContinued() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        scene.signal(shell, .stop, to: scene.daemon)
        scene.call(scene.start(shell, "/usr/bin/systemctl"), "FreezeUnit", ["base.service"], .done)
        scene.wait(4000)
        scene.signal(scene.pid1, .abort, to: scene.prod)
        scene.logged("d9b373ed55a64feb8242e02dbe79a49c", ["UNIT_RESULT": "watchdog"])
        let incident = scene.prodEnds(.signal(.abort, coreDumped: true))
        #expect(Ruling(incident) == Ruling(.self, .watchdog, .likely, scene.judgedMain))
        #expect(incident.exonerated == [root.pid])
    }

    @Test func askedForAShutdownThatWasRefused() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        scene.state("prod.service", [(.conflicts, "shutdown.target")])
        scene.call(
            scene.start(shell, "/usr/bin/systemctl"), "PowerOff", [], .refused, over: .bus, interface: Self.login,
            arguments: [.flag(true)])
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        scene.call(client, "PowerOff", [], .done, over: .bus, interface: Self.login, arguments: [.flag(true)])
        let (target, own) = (scene.newJob(), scene.newJob())
        scene.call(scene.logind, "StartUnit", ["poweroff.target", "replace-irreversibly"], .job(target), over: .bus)
        scene.runs(own, "stop")
        let incident = scene.prodEnds(.signal(.terminate), .stopped)
        #expect(Ruling(incident) == Ruling(.operator, .hostShutdown, .proven, client))
        #expect(incident.exonerated == [root.pid])
    }

    /// Two asked for it by force: neither is cleared, and what is named is not more than possible.
    @Test func twoForceAShutdown() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        scene.call(client, "PowerOff", [], .done)
        scene.call(scene.start(shell, "/usr/bin/systemctl"), "Reboot", [], .done)
        scene.signal(scene.pid1, .terminate, to: scene.prod)
        let incident = scene.prodEnds(.signal(.terminate), .stopped)
        #expect(Ruling(incident) == Ruling(.operator, .hostShutdown, .possible, client))
        #expect(incident.exonerated == [])
        #expect(incident.verdict.rules.contains("confidence.rival"))
    }

    @Test func anotherDependencyIsRestarted() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        scene.state("prod.service", [(.partOf, "base.service")])
        scene.call(
            scene.start(shell, "/usr/bin/systemctl"), "RestartUnit", ["cache.service", "replace"], .job(scene.newJob()))
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        let (base, own) = (scene.newJob(), scene.newJob())
        scene.call(client, "RestartUnit", ["base.service", "replace"], .job(base))
        scene.queued(base, "restart", on: "base.service")
        scene.runs(own)
        let incident = scene.prodEnds()
        #expect(Ruling(incident) == Ruling(.operator, .dependency, .proven, client))
        #expect(incident.exonerated == [root.pid])
    }

    @Test func itExitsWhileTheAgentLooksAtIt() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        scene.signal(shell, Signal(rawValue: 12), to: scene.prod, disposition: .handler)
        scene.call(scene.start(shell, "/usr/bin/systemctl"), "SetUnitProperties", ["prod.service"], .done)
        let incident = scene.prodEnds(.code(3), .failed)
        #expect(Ruling(incident) == Ruling(.self, .exit, .proven, scene.judgedMain))
        #expect(incident.exonerated == [root.pid])
    }

    @Test func itCrashesWhileTheAgentCrashesSomethingElse() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let other = scene.start(shell, "/opt/other")
        scene.signal(shell, .abort, to: other)
        scene.signal(scene.prod, .abort, to: scene.prod, code: .thread)
        let incident = scene.prodEnds(.signal(.abort), .failed)
        #expect(Ruling(incident) == Ruling(.self, .crash, .proven, scene.judgedMain))
        #expect(incident.exonerated == [root.pid])
    }

    // MARK: The start limit

    /// Nobody saw how the main process ended; the manager says that it gave up.
    private func givenUp(_ result: String, writer: JournalEntry.Writer? = nil, isAutomatic: Bool = true) throws -> (
        UnitScene, ProcessKey, Incident
    ) {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        scene.call(scene.start(shell, "/usr/bin/systemctl"), "ResetFailedUnit", ["prod.service"], .done)
        scene.logged("d9b373ed55a64feb8242e02dbe79a49c", ["UNIT_RESULT": result], writer: writer)
        scene.facts.wasAutomatic = isAutomatic
        scene.facts.run = .init(
            invocation: nil, main: scene.prod, endedAt: BootTime(nanoseconds: scene.now * 1_000_000), status: nil)
        return (scene, root, scene.prodEnds(nil, .failed))
    }

    @Test func tooOften() throws {
        let (scene, root, incident) = try givenUp("start-limit-hit")
        #expect(Ruling(incident) == Ruling(.self, .exit, .likely, scene.judgedMain))
        #expect(incident.verdict.rules.first == "exit.start-limit")
        #expect(incident.exonerated == [root.pid])
    }

    @Test func notForThat() throws {
        #expect(try givenUp("exit-code").2.verdict.rules.first == "unexplained")
        #expect(try givenUp("start-limit-hit", writer: .other).2.verdict.rules.first == "unexplained")
        #expect(try givenUp("start-limit-hit", isAutomatic: false).2.verdict.rules.first == "unexplained")
    }
}
