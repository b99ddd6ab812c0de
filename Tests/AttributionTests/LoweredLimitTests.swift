import Attribution
import EventModel
import Testing

/// Prod is killed at a limit that somebody had lowered; and nobody is named who only was there.
@Suite struct LoweredLimitTests {
    @Test func whoAskedForTheLowerLimit() throws {
        let scene = try UnitScene()
        scene.limit(1024)
        let (root, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        scene.setLimit(client)
        scene.limit(64)
        let incident = scene.diesOfMemory()
        #expect(Ruling(incident) == Ruling(.agent, .configChange, .proven, client))
        #expect(incident.verdict.culprit?.root.key == root)
        #expect(incident.verdict.rules.prefix(2) == ["config.lowered-limit", "oom.mark-victim"])
        #expect(incident.verdict.summary.contains("from 1024 MiB to 64 MiB"))
        #expect(incident.oom?.victim.key == scene.judgedMain)
    }

    /// The manager tells of the new limit when it has set it, and setting it is what killed.
    @Test func theKillItselfSaysWhatTheLimitHadBecome() throws {
        let scene = try UnitScene()
        scene.limit(1024)
        let (_, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        scene.setLimit(client)
        let incident = scene.diesOfMemory()
        #expect(Ruling(incident) == Ruling(.agent, .configChange, .proven, client))
        #expect(incident.verdict.summary.contains("from 1024 MiB to 64 MiB"))
        #expect(incident.evidence.contains { $0.kind == "limit" && $0.source == .bpf })
    }

    @Test func aFileThatWasReadWhileTheManagerKilled() throws {
        let scene = try UnitScene()
        scene.limit(1024)
        let (_, shell) = scene.agent()
        let writer = scene.start(shell, "/usr/bin/tee")
        scene.write(writer)
        scene.reload(shell)
        #expect(Ruling(scene.diesOfMemory()) == Ruling(.agent, .configChange, .likely, writer))
    }

    /// Nobody was seen lowering it: neither is prod to blame for what it held, nor the agent that only was there.
    @Test func aLimitThatNobodyWasSeenLowering() throws {
        let scene = try UnitScene()
        scene.limit(1024)
        _ = scene.agent()
        #expect(Ruling(scene.diesOfMemory()) == Ruling(.unknown, .configChange, .none, nil))
    }

    @Test func theLimitThatItAlwaysHadIsNotLowered() throws {
        for mebibytes in [UInt64(64), 65] {
            let scene = try UnitScene()
            scene.limit(64)
            #expect(!scene.diesOfMemory(at: mebibytes).verdict.rules.contains("config.lowered-limit"))
        }
    }

    @Test func whatIsOnlyReadLaterWasNotLowered() throws {
        let scene = try UnitScene()
        scene.take(
            Event(
                time: scene.tick(), source: .systemd,
                body: .unit(UnitState(unit: scene.unit, active: "active", sub: "running"))))
        scene.limit(64)
        #expect(!scene.diesOfMemory().verdict.rules.contains("config.lowered-limit"))
    }

    @Test func whoWroteTheFileThatWasThenRead() throws {
        let scene = try UnitScene()
        scene.limit(nil)
        let (_, shell) = scene.agent()
        let writer = scene.start(shell, "/usr/bin/tee")
        scene.write(writer)
        scene.reload(shell)
        scene.limit(64)
        let incident = scene.diesOfMemory()
        #expect(Ruling(incident) == Ruling(.agent, .configChange, .likely, writer))
        #expect(incident.timeline.contains { $0.kind == "unit-file" && $0.text.contains(UnitScene.dropIn) })
    }

    /// Whoever has the manager read its files again did not write them.
    @Test func aReloadAloneAccusesNobody() throws {
        let scene = try UnitScene()
        scene.limit(1024)
        let (_, shell) = scene.agent()
        scene.reload(shell)
        scene.limit(64)
        let incident = scene.diesOfMemory()
        #expect(Ruling(incident) == Ruling(.unknown, .configChange, .none, nil))
        #expect(incident.exonerated == [])
    }

    /// A file of last week was read long ago: something that nobody saw being changed lowered the limit.
    @Test func whatWasWrittenLongAgoIsNotWhatLoweredIt() throws {
        let scene = try UnitScene()
        scene.limit(1024)
        let (_, shell) = scene.agent()
        scene.write(shell)
        scene.wait(2 * 3600 * 1000)
        scene.reload(scene.shell)
        scene.limit(64)
        #expect(Ruling(scene.diesOfMemory()) == Ruling(.unknown, .configChange, .none, nil))
    }

    /// The agent's file was read before, and the limit stayed: what the person had read after that was not seen being changed.
    @Test func aFileThatAnEarlierReloadHadReadIsNotIt() throws {
        let scene = try UnitScene()
        scene.limit(1024)
        let (_, shell) = scene.agent()
        scene.write(shell)
        scene.reload(shell)
        scene.wait(20_000)
        scene.reload(scene.shell)
        scene.limit(64)
        #expect(Ruling(scene.diesOfMemory()) == Ruling(.unknown, .configChange, .none, nil))
    }

    /// No reload in between has read it; where one may have been missed, that is no more than possible.
    @Test(arguments: [false, true]) func aFileOfTwentyMinutesAgo(isMissing: Bool) throws {
        let scene = try UnitScene()
        scene.limit(1024)
        let (_, shell) = scene.agent()
        scene.write(shell)
        if isMissing {
            let at = scene.tick()
            scene.earlierGaps = [Gap(source: "bpf", from: at, to: at, lost: 3, why: "a full ring")]
        }
        scene.wait(20 * 60 * 1000)
        scene.reload(scene.shell)
        scene.limit(64)
        #expect(Ruling(scene.diesOfMemory()) == Ruling(.agent, .configChange, isMissing ? .possible : .likely, shell))
    }

    @Test func aPersonsFileReadByAnAgentIsThePersons() throws {
        let scene = try UnitScene()
        scene.limit(1024)
        let (_, shell) = scene.agent()
        scene.write(scene.shell)
        scene.reload(shell)
        scene.limit(64)
        let incident = scene.diesOfMemory()
        #expect(Ruling(incident) == Ruling(.operator, .configChange, .likely, scene.shell))
        #expect(incident.exonerated == [])
    }

    @Test func ofTwoWhoWroteNeitherIsNamed() throws {
        let scene = try UnitScene()
        scene.limit(1024)
        let (_, shell) = scene.agent()
        scene.write(scene.shell)
        scene.write(shell)
        scene.reload(shell)
        scene.limit(64)
        #expect(Ruling(scene.diesOfMemory()) == Ruling(.unknown, .configChange, .none, nil))
    }

    @Test func aFileOfAnotherUnitIsNotWhatLoweredIt() throws {
        let scene = try UnitScene()
        scene.limit(1024)
        let (_, shell) = scene.agent()
        scene.write(shell, "/etc/systemd/system/base.service.d/limit.conf")
        scene.reload(shell)
        scene.limit(64)
        #expect(Ruling(scene.diesOfMemory()) == Ruling(.unknown, .configChange, .none, nil))
    }

    @Test(arguments: [(UInt64?.none, "prod.service"), (64, "user.slice"), (2048, "prod.service")])
    func anotherLimitWasReached(mebibytes: UInt64?, name: String) throws {
        let scene = try UnitScene()
        scene.limit(1024)
        let (_, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        scene.setLimit(client)
        scene.limit(64)
        #expect(scene.diesOfMemory(at: mebibytes, in: name).verdict.mechanism == .oomKill)
    }

    @Test func aLimitThatWasRaisedIsNoCause() throws {
        let scene = try UnitScene()
        scene.limit(32)
        let (_, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        scene.setLimit(client)
        scene.limit(64)
        #expect(scene.diesOfMemory().verdict.mechanism == .oomKill)
    }

    /// An agent sets something else of the unit, or another limit, while a person's file lowers this one.
    @Test(arguments: ["CPUWeight=50", "MemoryHigh=67108864", "MemoryMax=536870912"])
    func whoSetSomethingElseDidNotLowerIt(property: String) throws {
        let scene = try UnitScene()
        scene.limit(1024)
        let (_, shell) = scene.agent()
        scene.setLimit(scene.start(shell, "/usr/bin/systemctl"), property)
        scene.write(scene.shell)
        scene.reload(scene.shell)
        scene.limit(64)
        #expect(Ruling(scene.diesOfMemory()) == Ruling(.operator, .configChange, .likely, scene.shell))
    }

    /// It was written after the manager had last read, or never read: another way led to the limit.
    @Test func aFileThatWasNotReadIsNotWhatLoweredIt() throws {
        for isReadBefore in [true, false] {
            let scene = try UnitScene()
            scene.limit(1024)
            let (_, shell) = scene.agent()
            if isReadBefore {
                scene.reload(scene.shell)
                scene.wait(1000)
            }
            scene.write(shell)
            scene.limit(64)
            #expect(Ruling(scene.diesOfMemory()) == Ruling(.unknown, .configChange, .none, nil))
        }
    }
}
