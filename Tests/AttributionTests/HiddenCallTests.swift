import Attribution
import EventModel
import IncidentDetection
import Testing

/// Where what was asked of the manager was not seen, commands are all there is: less sure, and never a wrong name.
@Suite struct HiddenCallTests {
    private func scene() throws -> UnitScene {
        let scene = try UnitScene()
        scene.missing("bpf:manager-call")
        return scene
    }

    private func client(_ scene: UnitScene, _ shell: ProcessKey, _ words: [String]) -> ProcessKey {
        let process = scene.fork(shell)
        scene.exec(process, "/usr/bin/\(words[0])", words)
        return process
    }

    @Test func aSingleCommandIsLikely() throws {
        let scene = try scene()
        let (_, shell) = scene.agent()
        let process = client(scene, shell, ["systemctl", "restart", "prod"])
        scene.runs(scene.newJob())
        let incident = scene.prodEnds()
        #expect(Ruling(incident) == Ruling(.agent, .managerRequest, .likely, process))
        #expect(incident.verdict.rules.first == "manager-request.client")
    }

    @Test func aTimersCommandIsScheduled() throws {
        let scene = try scene()
        scene.state("deploy.service", [(.triggeredBy, "deploy.timer")], type: "oneshot")
        let script = scene.start(scene.pid1, "/bin/sh", cgroup: 31)
        let process = client(scene, script, ["systemctl", "restart", "prod.service"])
        scene.runs(scene.newJob())
        #expect(Ruling(scene.prodEnds()) == Ruling(.system, .scheduled, .likely, process))
    }

    /// `systemd-run --unit=deploy --on-active=...`: who asked for it was not seen, and it may have been an agent.
    @Test func aTransientTimersCommandIsNobodysInParticular() throws {
        let scene = try scene()
        _ = scene.agent()
        scene.state(
            "deploy.service", [(.triggeredBy, "deploy.timer")], type: "oneshot", folder: "/run/systemd/transient")
        let script = scene.start(scene.pid1, "/bin/sh", cgroup: 31)
        _ = client(scene, script, ["systemctl", "restart", "prod.service"])
        scene.runs(scene.newJob())
        let verdict = scene.prodEnds().verdict
        #expect(verdict.outcome == .unknown && verdict.exonerated.isEmpty)
    }

    @Test func twoCommandsArePossible() throws {
        let scene = try scene()
        let (_, shell) = scene.agent()
        let process = client(scene, shell, ["systemctl", "restart", "prod.service"])
        _ = client(scene, scene.shell, ["systemctl", "stop", "prod"])
        scene.runs(scene.newJob())
        let incident = scene.prodEnds()
        #expect(Ruling(incident) == Ruling(.agent, .managerRequest, .possible, process))
        #expect(incident.verdict.alternatives.map(\.outcome) == [.operator])
    }

    /// Looks, other units, other managers, files that are only called like that, too early, and what failed.
    @Test(
        arguments: [
            ["systemctl", "status", "prod"], ["systemctl", "restart", "other"],
            ["systemctl", "--user", "restart", "prod"],
            ["systemctl", "show", "prod.service"], ["grep", "restart", "prod.service"], ["systemctl", "start", "prod"],
        ]) func whatIsNoCandidate(_ words: [String]) throws
    {
        let scene = try scene()
        let (_, shell) = scene.agent()
        _ = client(scene, shell, words)
        scene.runs(scene.newJob())
        let incident = scene.prodEnds()
        #expect(Ruling(incident) == Ruling(.unknown, .managerRequest, .none, nil))
        #expect(incident.verdict.summary.contains("calls to the manager are not seen here"))
    }

    @Test func aFileOfThatNameIsNoClient() throws {
        let scene = try scene()
        let (_, shell) = scene.agent()
        let fake = scene.fork(shell)
        scene.exec(fake, "/tmp/bin/systemctl", ["systemctl", "restart", "prod"])
        scene.runs(scene.newJob())
        #expect(Ruling(scene.prodEnds()) == Ruling(.unknown, .managerRequest, .none, nil))
    }

    @Test func tooEarlyAndRefused() throws {
        for isEarly in [true, false] {
            let scene = try scene()
            let (_, shell) = scene.agent()
            let process = client(scene, shell, ["systemctl", "restart", "prod"])
            if isEarly { scene.wait(3000) } else { scene.exit(process, .code(1)) }
            scene.runs(scene.newJob())
            #expect(Ruling(scene.prodEnds()) == Ruling(.unknown, .managerRequest, .none, nil))
        }
    }

    /// The collector was not there when it was asked: a gap, and no name.
    @Test func nothingButTheJournal() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        _ = client(scene, shell, ["systemctl", "restart", "prod"])
        scene.missing("bpf:manager-call")
        scene.stopping(scene.newJob())
        scene.recordedSince = scene.tick()
        let incident = scene.prodEnds()
        #expect(Ruling(incident) == Ruling(.unknown, .managerRequest, .none, nil))
        #expect(incident.completeness.gaps.map(\.source) == ["recording"])
        #expect(incident.exonerated == [])
    }

    /// Another command may have come just before the recording.
    @Test func soonAfterTheStartOfTheRecordingItIsPossible() throws {
        let scene = try scene()
        let (_, shell) = scene.agent()
        scene.recordedSince = scene.tick()
        let process = client(scene, shell, ["systemctl", "restart", "prod"])
        scene.runs(scene.newJob())
        #expect(Ruling(scene.prodEnds()) == Ruling(.agent, .managerRequest, .possible, process))
    }

    /// Its end was not seen, only that it is gone: neither a signal nor a call can be ruled out.
    @Test func whatEndedBeforeTheRecordingDidNotDoItToItself() throws {
        let scene = try UnitScene()
        let main = scene.prod
        scene.exit(main, .code(0))
        let at = BootTime(nanoseconds: scene.now * 1_000_000 + 7)
        scene.recordedSince = scene.tick()
        scene.wait(3000)
        let incident = scene.judge(
            Detected(
                subject: Subject(unit: scene.unit),
                disruption: Disruption(
                    kind: .stopped, at: at, mainBefore: main, status: .code(0), systemd: scene.facts),
                settledAt: BootTime(nanoseconds: scene.now * 1_000_000)))
        #expect(Ruling(incident) == Ruling(.unknown, .unknown, .none, nil))
    }

    /// What needs no call is one step less sure as well: a call might have been behind it.
    @Test func aKillIsLikely() throws {
        let scene = try scene()
        let (_, shell) = scene.agent()
        scene.signal(shell, .kill, to: scene.prod)
        let incident = scene.prodEnds(.signal(.kill))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .likely, shell))
        #expect(incident.verdict.rules.contains("confidence.missing-source"))
        #expect(incident.verdict.summary.contains("calls to the manager did not record"))
    }
}
