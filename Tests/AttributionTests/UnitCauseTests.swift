import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import Testing

/// What else than a request for it can end a unit.
@Suite struct UnitCauseTests {
    @Test func partOfWhatAnAgentRestarts() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        scene.state("prod.service", [(.partOf, "base.service")])
        let client = scene.start(shell, "/usr/bin/systemctl")
        let (base, own) = (scene.newJob(), scene.newJob())
        scene.call(client, "RestartUnit", ["base.service", "replace"], .job(base))
        scene.queued(base, "restart", on: "base.service")
        scene.runs(own)
        let incident = scene.prodEnds()
        #expect(Ruling(incident) == Ruling(.agent, .dependency, .proven, client))
        #expect(incident.verdict.rules == ["dependency.root-job", "tree.agent"])
        #expect(incident.verdict.summary.contains("prod.service is PartOf= base.service"))
        #expect(incident.verdict.culprit?.root.key == root)
    }

    @Test func aConflictThatIsStarted() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        scene.state("prod.service", [(.conflictedBy, "maintenance.service")])
        let client = scene.start(shell, "/usr/bin/systemctl")
        let (root, own) = (scene.newJob(), scene.newJob())
        scene.call(client, "StartUnit", ["maintenance.service", "replace"], .job(root))
        scene.runs(own, "stop")
        #expect(
            Ruling(scene.prodEnds(.signal(.terminate), .stopped)) == Ruling(.agent, .dependency, .proven, client))
    }

    /// An unrelated restart at the same moment is nobody's cause, and what stopped prod stays unknown.
    @Test func anUnrelatedRestartIsNoRoot() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        scene.state("prod.service", [(.requires, "system.slice"), (.partOf, "base.service")])
        let client = scene.start(shell, "/usr/bin/systemctl")
        let (other, own) = (scene.newJob(), scene.newJob())
        scene.call(client, "RestartUnit", ["other.service", "replace"], .job(other))
        scene.runs(own)
        let incident = scene.prodEnds()
        #expect(Ruling(incident) == Ruling(.unknown, .managerRequest, .none, nil))
        #expect(incident.verdict.summary.contains("no process was seen asking it to"))
    }

    @Test func killedThroughTheManager() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        scene.call(
            client, "KillUnit", [], .done, arguments: [.text("prod.service"), .text("all"), .number(9)])
        scene.signal(scene.pid1, .kill, to: scene.prod)
        let incident = scene.prodEnds(.signal(.kill))
        #expect(Ruling(incident) == Ruling(.agent, .managerRequest, .proven, client))
        #expect(incident.verdict.rules.first == "manager-request.kill")
    }

    /// The manager's signal was another one: the call did not do it.
    @Test func aKillOfAnotherSignalIsNoCause() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        let other = scene.start(shell, "/usr/bin/systemctl")
        scene.call(other, "KillUnit", [], .done, arguments: [.text("prod.service"), .text("main"), .number(10)])
        scene.signal(scene.pid1, Signal(rawValue: 10), to: scene.prod, disposition: .handler)
        let client = scene.start(scene.shell, "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        let incident = scene.prodEnds()
        #expect(Ruling(incident) == Ruling(.operator, .managerRequest, .proven, client))
        #expect(incident.exonerated == [root.pid])
    }

    private func watchdogStrikes(_ scene: UnitScene) -> Incident {
        scene.signal(scene.pid1, .abort, to: scene.prod)
        scene.logged("d9b373ed55a64feb8242e02dbe79a49c", ["UNIT_RESULT": "watchdog"])
        return scene.prodEnds(.signal(.abort, coreDumped: true))
    }

    @Test func itsOwnHangIsTheWatchdogs() throws {
        let scene = try UnitScene()
        let (root, _) = scene.agent()
        let incident = watchdogStrikes(scene)
        #expect(Ruling(incident) == Ruling(.self, .watchdog, .likely, scene.judgedMain))
        #expect(incident.exonerated == [root.pid])
    }

    @Test func whoStoppedItIsWhoTheWatchdogStruckFor() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        scene.signal(shell, .stop, to: scene.prod)
        scene.wait(4000)
        let incident = watchdogStrikes(scene)
        #expect(Ruling(incident) == Ruling(.agent, .signal, .proven, shell))
        #expect(incident.verdict.rules.first == "signal.stopped-then-watchdog")
    }

    /// Of its own worker, or of another process: it could still answer.
    @Test func aStopOfSomethingElseIsNoCause() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        scene.signal(shell, .stop, to: scene.shell)
        #expect(Ruling(watchdogStrikes(scene)) == Ruling(.self, .watchdog, .likely, scene.judgedMain))
    }

    @Test func whoHadItFrozenAndWhoThawedIt() throws {
        for isThawed in [true, false] {
            let scene = try UnitScene()
            let (_, shell) = scene.agent()
            let client = scene.start(shell, "/usr/bin/systemctl")
            scene.call(client, "FreezeUnit", ["prod.service"], .done)
            if isThawed { scene.call(client, "ThawUnit", ["prod.service"], .done) }
            let incident = watchdogStrikes(scene)
            #expect(
                Ruling(incident)
                    == (isThawed
                        ? Ruling(.self, .watchdog, .likely, scene.judgedMain)
                        : Ruling(.agent, .managerRequest, .proven, client)))
        }
    }

    /// ExecReload= sends SIGHUP, which prod does not handle: whoever asked for the reload did it.
    @Test func aReloadThatEndsIt() throws {
        for isAsked in [true, false] {
            let scene = try UnitScene()
            let (_, shell) = scene.agent()
            let client = scene.start(shell, "/usr/bin/systemctl")
            if isAsked { scene.call(client, "ReloadUnit", ["prod.service", "replace"], .job(scene.newJob())) }
            let control = scene.start(scene.pid1, "/bin/kill", cgroup: 21)
            scene.signal(control, .hangup, to: scene.prod)
            let incident = scene.prodEnds(.signal(.hangup))
            #expect(
                Ruling(incident)
                    == (isAsked
                        ? Ruling(.agent, .managerRequest, .likely, client) : Ruling(.unknown, .signal, .none, nil)))
            #expect(incident.verdict.rules.contains("signal.control-process"))
        }
    }

    @Test func anUpgradesHook() throws {
        let scene = try UnitScene()
        let (root, _) = scene.agent()
        var process = scene.pid1
        for path in [
            "/usr/lib/apt/apt.systemd.daily", "/usr/bin/unattended-upgr", "/usr/bin/dpkg", "/bin/sh",
            "/usr/bin/systemctl",
        ] {
            process = scene.start(process, path, cgroup: 30)
        }
        let job = scene.newJob()
        scene.call(process, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        let incident = scene.prodEnds()
        #expect(Ruling(incident) == Ruling(.system, .scheduled, .proven, process))
        #expect(incident.verdict.rules == ["scheduled.requester", "manager-request.job", "tree.system"])
        #expect(incident.exonerated == [root.pid])
    }

    /// Where a person or an agent upgrades, the hook is theirs.
    @Test func anUpgradeThatSomebodyRuns() throws {
        for isAgent in [true, false] {
            let scene = try UnitScene()
            let (_, shell) = scene.agent()
            let apt = scene.start(isAgent ? shell : scene.shell, "/usr/bin/apt-get")
            let client = scene.start(scene.start(apt, "/usr/bin/dpkg"), "/usr/bin/systemctl")
            let job = scene.newJob()
            scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
            scene.runs(job)
            #expect(
                Ruling(scene.prodEnds())
                    == Ruling(isAgent ? .agent : .operator, .managerRequest, .proven, client))
        }
    }

    @Test func aTimersService() throws {
        let scene = try UnitScene()
        scene.state("deploy.service", [(.triggeredBy, "deploy.timer")], type: "oneshot")
        let client = scene.start(scene.start(scene.pid1, "/bin/sh", cgroup: 31), "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        #expect(Ruling(scene.prodEnds()) == Ruling(.system, .scheduled, .proven, client))
    }

    /// The same service, started by an agent: it asked for the work.
    @Test func aServiceThatAnAgentStarts() throws {
        let scene = try UnitScene()
        let (root, shell) = scene.agent()
        scene.state("deploy.service", [(.triggeredBy, "deploy.timer")], type: "oneshot")
        let starter = scene.start(shell, "/usr/bin/systemctl")
        scene.call(starter, "StartUnit", ["deploy.service", "replace"], .job(scene.newJob()))
        let client = scene.start(scene.start(scene.pid1, "/bin/sh", cgroup: 31), "/usr/bin/systemctl")
        let job = scene.newJob()
        scene.call(client, "RestartUnit", ["prod.service", "replace"], .job(job))
        scene.runs(job)
        let incident = scene.prodEnds()
        #expect(Ruling(incident) == Ruling(.agent, .managerRequest, .likely, client))
        #expect(incident.verdict.culprit?.root.key == root)
    }

    @Test func theHostGoesDown() throws {
        for isAgent in [true, false] {
            let scene = try UnitScene()
            let (_, shell) = scene.agent()
            let client = scene.start(isAgent ? shell : scene.shell, "/usr/bin/systemctl")
            scene.state("prod.service", [(.conflicts, "shutdown.target")])
            let login = "org.freedesktop.login1.Manager"
            let (root, own) = (scene.newJob(), scene.newJob())
            scene.call(client, "PowerOff", [], .done, over: .bus, interface: login, arguments: [.flag(true)])
            scene.call(scene.logind, "StartUnit", ["poweroff.target", "replace-irreversibly"], .job(root), over: .bus)
            scene.runs(own, "stop")
            let incident = scene.prodEnds(.signal(.terminate), .stopped)
            #expect(Ruling(incident) == Ruling(isAgent ? .agent : .operator, .hostShutdown, .proven, client))
            #expect(incident.verdict.rules.contains("logind.asked"))
        }
    }

    @Test func aLogout() throws {
        for isTerminated in [true, false] {
            let scene = try UnitScene(user: true)
            let (_, shell) = scene.agent()
            let login = "org.freedesktop.login1.Manager"
            let client = scene.start(shell, "/usr/bin/loginctl")
            if isTerminated {
                scene.call(
                    client, "TerminateUser", [], .done, over: .bus, to: .system, interface: login,
                    arguments: [.number(1000)])
            }
            let job = scene.newJob()
            scene.call(
                scene.logind, "StopUnit", ["user@1000.service", "replace"], .job(job), over: .bus, to: .system)
            scene.queued(job, "stop", on: "user@1000.service", in: .system)
            scene.signal(scene.pid1, .terminate, to: scene.userManager, disposition: .handler)
            scene.runs(scene.newJob(), "stop")
            let incident = scene.prodEnds(.signal(.terminate), .stopped)
            #expect(
                Ruling(incident)
                    == (isTerminated
                        ? Ruling(.agent, .managerRequest, .proven, client)
                        : Ruling(.system, .hostShutdown, .likely, scene.logind)))
        }
    }

    /// The last session of a user without lingering: the one who left, or who ended the session.
    @Test func theLastSessionEnds() throws {
        for isKilled in [true, false] {
            let scene = try UnitScene(user: true)
            let (_, agent) = scene.agent()
            for (id, parent, name) in [(40, 25, "session-9.scope")] as [(UInt64, UInt64, String)] {
                scene.take(
                    Event(
                        time: scene.tick(), source: .bpf,
                        body: .cgroup(
                            .made(CgroupID(rawValue: id), parent: CgroupID(rawValue: parent), name: name))))
            }
            let login = scene.start(scene.pid1, "/bin/login", cgroup: 40)
            let first = scene.start(login, "/bin/bash", cgroup: 40)
            if isKilled { scene.signal(agent, .kill, to: first) }
            scene.exit(first, isKilled ? .signal(.kill) : .code(0))
            scene.exit(login, .code(0))
            scene.wait(10_000)
            let job = scene.newJob()
            scene.call(
                scene.logind, "StopUnit", ["user@1000.service", "replace"], .job(job), over: .bus, to: .system)
            scene.queued(job, "stop", on: "user@1000.service", in: .system)
            scene.signal(scene.pid1, .terminate, to: scene.userManager, disposition: .handler)
            scene.runs(scene.newJob(), "stop")
            let incident = scene.prodEnds(.signal(.terminate), .stopped)
            #expect(
                Ruling(incident)
                    == Ruling(isKilled ? .agent : .operator, .hostShutdown, .likely, isKilled ? agent : first))
            #expect(incident.verdict.rules.contains("logind.logout"))
        }
    }

    /// The processes of the unit's cgroup count as well where the detector named none.
    @Test func aProcessOfItsCgroupIsKilled() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let worker = scene.fork(scene.prod)
        scene.signal(shell, .kill, to: worker)
        scene.exit(worker, .signal(.kill))
        #expect(Ruling(scene.prodEnds(.code(1), .failed)) == Ruling(.agent, .signal, .likely, shell))
    }

    @Test func aProcessOfTheUnitIsKilled() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let worker = scene.fork(scene.prod)
        scene.signal(shell, .kill, to: worker)
        scene.exit(worker, .signal(.kill))
        scene.facts.workers = [
            .init(process: worker, at: BootTime(nanoseconds: scene.now * 1_000_000 + 7), status: .signal(.kill))
        ]
        let incident = scene.prodEnds(.code(1), .failed)
        #expect(Ruling(incident) == Ruling(.agent, .signal, .likely, shell))
        #expect(incident.verdict.rules.first == "signal.unit-process")
    }

    /// Its main process ended its own worker.
    @Test func aWorkerThatItsMainKills() throws {
        let scene = try UnitScene()
        let worker = scene.fork(scene.prod)
        scene.signal(scene.prod, .kill, to: worker)
        scene.exit(worker, .signal(.kill))
        scene.facts.workers = [
            .init(process: worker, at: BootTime(nanoseconds: scene.now * 1_000_000 + 7), status: .signal(.kill))
        ]
        #expect(Ruling(scene.prodEnds(.code(1), .failed)) == Ruling(.self, .exit, .proven, scene.judgedMain))
    }

    @Test func aBoundUnitThatIsKilledAndOneThatCrashes() throws {
        for isAgent in [true, false] {
            let scene = try UnitScene()
            let (_, shell) = scene.agent()
            scene.state("prod.service", [(.bindsTo, "base.service")])
            let base = scene.start(scene.pid1, "/opt/base", cgroup: 29)
            let id = String(repeating: "b", count: 32)
            scene.take(
                Event(
                    time: scene.tick(), source: .systemd,
                    body: .unit(
                        UnitState(
                            unit: UnitID(manager: .system, name: "base.service"), active: "active", sub: "running",
                            invocation: id, main: base))))
            scene.signal(
                isAgent ? shell : base, isAgent ? .kill : .abort, to: base, code: isAgent ? .user : .thread)
            scene.exit(base, .signal(isAgent ? .kill : .abort))
            scene.runs(scene.newJob(), "stop")
            let incident = scene.prodEnds(.signal(.terminate), .stopped)
            #expect(
                Ruling(incident)
                    == (isAgent
                        ? Ruling(.agent, .dependency, .likely, shell) : Ruling(.self, .dependency, .likely, base)))
        }
    }
}
