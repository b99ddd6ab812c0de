import Attribution
import EventModel
import IncidentDetection
import Testing

/// The subject exited: by itself, or because somebody had asked.
@Suite struct ExitTests {
    @Test(arguments: [0, 3, 255] as [UInt8]) func byItself(_ code: UInt8) throws {
        let scene = try Scene()
        let (root, _) = scene.agent()
        let incident = try #require(scene.ends(.code(code)))
        #expect(Ruling(incident) == Ruling(.self, .exit, .proven, scene.daemon))
        #expect(incident.exonerated == [root.pid])
        #expect(incident.verdict.culprit?.agent == nil)
        #expect(incident.disruption.kind == (code == 0 ? .stopped : .failed))
        #expect(incident.verdict.rules == ["exit.own"])
    }

    @Test(arguments: [0, 143] as [UInt8]) func askedAndDone(_ code: UInt8) throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(shell, .terminate, disposition: .handler)
        let incident = try #require(scene.ends(.code(code)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .proven, shell))
        #expect(incident.verdict.rules.first == "signal.handled-then-exit")
        #expect(incident.verdict.alternatives.map(\.outcome) == [.self])
    }

    /// How sure it is, by signal, delay in ms and exit code.
    @Test(
        arguments: [
            (.terminate, 10, 0, .proven), (.interrupt, 10, 130, .proven), (.terminate, 10, 1, .likely),
            (.terminate, 20_000, 0, .likely),
            (.hangup, 10, 0, .likely), (.quit, 10, 131, .likely),

        ] as [(Signal, UInt64, UInt8, Confidence)])
    func howSure(_ signal: Signal, _ delay: UInt64, _ code: UInt8, _ confidence: Confidence) throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(shell, signal, disposition: .handler)
        scene.wait(delay)
        #expect(Ruling(scene.ends(.code(code))) == Ruling(.agent, .signal, confidence, shell))
    }

    /// Late and unlike a requested end, or a signal that may have meant something else: nobody is accused, nobody cleared.
    @Test(arguments: [(.terminate, 20_000, 1), (.hangup, 10, 1)] as [(Signal, UInt64, UInt8)])
    func anEndThatMayHaveItsOwnReason(_ signal: Signal, _ delay: UInt64, _ code: UInt8) throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let other = scene.agent("/usr/bin/codex")
        scene.signal(shell, signal, disposition: .handler)
        scene.wait(delay)
        let incident = try #require(scene.ends(.code(code)))
        #expect(Ruling(incident) == Ruling(.self, .exit, .possible, scene.daemon))
        #expect(incident.exonerated == [other.root.pid])
        #expect(incident.verdict.alternatives.map(\.outcome) == [.agent])
    }

    /// "Read your configuration again" and "show your threads" are no request to end when nothing ends of them.
    @Test(arguments: [Signal.hangup, .quit]) func aReloadLongAgoIsNoRequest(_ signal: Signal) throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(shell, signal, disposition: .handler)
        scene.wait(40_000)
        let incident = try #require(scene.ends(.code(1)))
        #expect(Ruling(incident) == Ruling(.self, .exit, .likely, scene.daemon))
        #expect(incident.verdict.alternatives.count == 1)
        #expect(!incident.verdict.summary.contains("no process had sent it"))
    }

    @Test func aReloadDoesNotHideWhoAsked() throws {
        let scene = try Scene()
        let (first, second) = (scene.agent(), scene.agent("/usr/bin/codex"))
        scene.signal(first.shell, .hangup, disposition: .handler)
        scene.wait(30_000)
        scene.signal(second.shell, .terminate, disposition: .handler)
        let incident = try #require(scene.ends(.code(0)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .proven, second.shell))
        #expect(incident.exonerated == [first.root.pid])
    }

    @Test func twoWhoAskedAreBothPossible() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(shell, .terminate, disposition: .handler)
        scene.signal(scene.shell, .terminate, disposition: .handler)
        let incident = try #require(scene.ends(.code(0)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .possible, shell))
        #expect(incident.exonerated == [])
    }

    @Test func oneAgentThatAskedTwiceIsOne() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        let other = scene.start(root, "/bin/kill")
        scene.signal(shell, .terminate, disposition: .handler)
        scene.signal(other, .terminate, disposition: .handler)
        #expect(Ruling(scene.ends(.code(0))) == Ruling(.agent, .signal, .proven, shell))
    }

    @Test(arguments: [SignalSent.Disposition.ignored, .standard, .unknown]) func onlyAHandlerAnswersByAnExit(
        _ disposition: SignalSent.Disposition
    ) throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(shell, .terminate, disposition: disposition)
        #expect(Ruling(scene.ends(.code(0)))?.outcome == .self)
    }

    @Test func whatIsNoRequestIsNone() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        for signal in [10, 12, 17, 18, 28] {
            scene.signal(shell, Signal(rawValue: Int32(signal)), disposition: .handler)
        }
        scene.signal(shell, .terminate, to: scene.shell, disposition: .handler)
        scene.signal(scene.daemon, .terminate, disposition: .handler)
        scene.signal(shell, .terminate, disposition: .handler, origin: .kernel)
        #expect(Ruling(scene.ends(.code(0))) == Ruling(.self, .exit, .proven, scene.daemon))
    }

    @Test func longerAgoThanTheWindowIsNoAnswer() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(shell, .terminate, disposition: .handler)
        scene.wait(61_000)
        #expect(Ruling(scene.ends(.code(0)))?.outcome == .self)
    }

    @Test func askedFromOutside() throws {
        let scene = try Scene()
        scene.signal(nil, .terminate, disposition: .handler, origin: .outside)
        #expect(Ruling(scene.ends(.code(0))) == Ruling(.unknown, .signal, .none, nil))
    }

    /// Where signals are not seen, nobody did it and nobody is cleared.
    @Test func withoutSignalsNothingIsKnown() throws {
        for status: EventModel.ExitStatus? in [.code(0), .code(1), .signal(.terminate), nil] {
            let scene = try Scene()
            scene.sources = [SourceStatus(name: "bpf:signal", state: .missing, why: "not permitted")]
            _ = scene.agent()
            let incident = try #require(scene.ends(status))
            #expect(incident.verdict.outcome == .unknown && incident.verdict.confidence == .none)
            #expect(incident.verdict.culprit == nil && incident.exonerated == [])
            #expect(incident.verdict.rules == ["unexplained"])
        }
    }

    @Test func anEndThatNobodySaw() throws {
        let scene = try Scene()
        let incident = try #require(scene.ends(nil))
        #expect(Ruling(incident) == Ruling(.unknown, .unknown, .none, nil))
        #expect(incident.disruption.kind == .degraded)
        #expect(incident.verdict.summary.contains("nobody saw how it ended"))
    }
}

/// The subject did it to itself, by a fault or a signal of its own.
@Suite struct CrashTests {
    @Test(arguments: [4, 5, 7, 8, 11, 31] as [Int32]) func aFault(_ number: Int32) throws {
        let scene = try Scene()
        let (root, _) = scene.agent()
        let signal = Signal(rawValue: number)
        scene.signal(scene.daemon, signal, code: SignalCode(rawValue: 1), origin: .kernel)
        let incident = try #require(scene.ends(.signal(signal, coreDumped: true)))
        #expect(Ruling(incident) == Ruling(.self, .crash, .proven, scene.daemon))
        #expect(incident.exonerated == [root.pid])
        #expect(incident.verdict.rules == ["crash.own-fault"])
    }

    @Test func abort() throws {
        let scene = try Scene()
        let (root, _) = scene.agent()
        scene.signal(scene.daemon, .abort, code: .thread)
        let incident = try #require(scene.ends(.signal(.abort, coreDumped: true)))
        #expect(Ruling(incident) == Ruling(.self, .crash, .proven, scene.daemon))
        #expect(incident.exonerated == [root.pid])
    }

    /// A crash handler that hands the fault on.
    @Test func aFaultThatIsHandledAndRaisedAgain() throws {
        let scene = try Scene()
        scene.signal(scene.daemon, .segmentation, code: SignalCode(rawValue: 1), disposition: .handler, origin: .kernel)
        scene.signal(scene.daemon, .segmentation, code: .thread)
        #expect(Ruling(scene.ends(.signal(.segmentation))) == Ruling(.self, .crash, .proven, scene.daemon))
    }

    /// Whoever happened to run while a timer fired did nothing.
    @Test func whoIsCurrentIsNotTheSender() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        scene.signal(shell, Signal(rawValue: 14), code: .timer, origin: .kernel)
        let incident = try #require(scene.ends(.signal(Signal(rawValue: 14))))
        #expect(Ruling(incident) == Ruling(.self, .crash, .proven, scene.daemon))
        #expect(incident.exonerated == [root.pid])
        #expect(incident.verdict.exonerated.first?.why.hasPrefix("no process of its tree sent") == true)
    }

    @Test(arguments: [Signal.segmentation, .abort, .quit]) func aFaultSignalFromSomebodyElseIsNoCrash(_ signal: Signal)
        throws
    {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(shell, signal)
        #expect(Ruling(scene.ends(.signal(signal))) == Ruling(.agent, .signal, .proven, shell))
    }

    @Test func killedBySomebodyElseAfterAFaultThatItSurvived() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.signal(scene.daemon, .segmentation, code: SignalCode(rawValue: 1), disposition: .handler, origin: .kernel)
        scene.signal(shell, .kill)
        #expect(Ruling(scene.ends(.signal(.kill))) == Ruling(.agent, .signal, .proven, shell))
    }

    /// It crashed while it did as it was told: whoever told it is not cleared.
    @Test func aCrashWhileEndingClearsNobody() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        let other = scene.agent("/usr/bin/codex")
        scene.signal(shell, .terminate, disposition: .handler)
        scene.wait(500)
        scene.signal(scene.daemon, .segmentation, code: SignalCode(rawValue: 1), origin: .kernel)
        let incident = try #require(scene.ends(.signal(.segmentation)))
        #expect(Ruling(incident) == Ruling(.self, .crash, .possible, scene.daemon))
        #expect(incident.exonerated == [other.root.pid])
        #expect(incident.verdict.alternatives.map(\.outcome) == [.agent])
        #expect(root != other.root)
    }

    /// The manager gives codes of its own for what it cannot do before the program runs; the program's may mean anything.
    @Test(arguments: [true, false]) func whatWasNeverRun(hasRun: Bool) throws {
        let scene = try UnitScene()
        let (root, _) = scene.agent()
        let main = scene.fork(scene.pid1, cgroup: 21)
        if hasRun { scene.exec(main, "/opt/prod") }
        scene.exit(main, .code(203))
        let at = BootTime(nanoseconds: scene.now * 1_000_000 + 7)
        scene.facts.failedStart = .init(at: at, main: main, status: .code(203))
        scene.wait(2500)
        let incident = scene.judge(
            Detected(
                subject: Subject(unit: scene.unit),
                disruption: Disruption(
                    kind: .failedToStart, at: at, mainBefore: main, status: .code(203), systemd: scene.facts),
                settledAt: BootTime(nanoseconds: scene.now * 1_000_000)))
        #expect(Ruling(incident) == Ruling(.self, .exit, hasRun ? .proven : .likely, main))
        #expect(incident.exonerated == (hasRun ? [root.pid] : []), "who took away its program is not known")
        #expect(incident.verdict.summary.contains("could not set prod.service up") == !hasRun)
        #expect(incident.verdict.summary.contains("exited by itself with code 203") == hasRun)
    }
}
