import Attribution
import EventModel
import Testing

/// Prod is killed at a limit that somebody had lowered; and nobody is named who only was there.
@Suite struct LoweredLimitTests {
    private let file = "/etc/systemd/system/prod.service.d/limit.conf"

    private func limit(_ scene: UnitScene, _ mebibytes: UInt64?) {
        scene.take(
            Event(
                time: scene.tick(), source: .systemd,
                body: .unit(
                    UnitState(
                        unit: scene.unit, active: "active", sub: "running", type: "simple",
                        memoryMax: mebibytes.map { $0 << 20 }))))
    }

    private func write(_ scene: UnitScene, _ writer: ProcessKey?, _ path: String? = nil) {
        scene.take(
            Event(
                time: scene.tick(), source: .fanotify, process: writer,
                body: .unitFile(
                    UnitFileChange(path: path ?? file, step: .written, manager: .system, writer: writer?.pid ?? 0))))
    }

    private func dies(_ scene: UnitScene, at mebibytes: UInt64? = 64, in name: String = "prod.service")
        -> Incident
    {
        scene.signal(scene.prod, .kill, to: scene.prod, code: .kernel, origin: .kernel)
        let limit = mebibytes.map {
            OOMVictim.Limit(
                cgroup: CgroupID(rawValue: 900), name: name, limitKiB: $0 << 10, usageKiB: $0 << 10, ooms: 1)
        }
        scene.take(
            Event(
                time: scene.tick(), source: .bpf, process: scene.prod,
                body: .oomVictim(
                    OOMVictim(
                        victim: scene.prod, anonymousKiB: 60 << 10, scope: limit.map { .cgroup($0) } ?? .global))))
        return scene.prodEnds(.signal(.kill))
    }

    private func set(_ scene: UnitScene, _ client: ProcessKey, _ property: String = "MemoryMax=67108864") {
        scene.call(
            client, "SetUnitProperties", [], .done,
            arguments: [.text("prod.service"), .flag(true), .list([property])])
    }

    private func reload(_ scene: UnitScene, _ parent: ProcessKey) -> ProcessKey {
        let client = scene.start(parent, "/usr/bin/systemctl")
        scene.call(client, "Reload", [], .done)
        return client
    }

    @Test func whoAskedForTheLowerLimit() throws {
        let scene = try UnitScene()
        limit(scene, 1024)
        let (root, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        set(scene, client)
        limit(scene, 64)
        let incident = dies(scene)
        #expect(Ruling(incident) == Ruling(.agent, .configChange, .proven, client))
        #expect(incident.verdict.culprit?.root.key == root)
        #expect(incident.verdict.rules.prefix(2) == ["config.lowered-limit", "oom.mark-victim"])
        #expect(incident.verdict.summary.contains("from 1024 MiB to 64 MiB"))
        #expect(incident.oom?.victim.key == scene.judgedMain)
    }

    /// The manager tells of the new limit when it has set it, and setting it is what killed.
    @Test func theKillItselfSaysWhatTheLimitHadBecome() throws {
        let scene = try UnitScene()
        limit(scene, 1024)
        let (_, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        set(scene, client)
        let incident = dies(scene)
        #expect(Ruling(incident) == Ruling(.agent, .configChange, .proven, client))
        #expect(incident.verdict.summary.contains("from 1024 MiB to 64 MiB"))
        #expect(incident.evidence.contains { $0.kind == "limit" && $0.source == .bpf })
    }

    @Test func aFileThatWasReadWhileTheManagerKilled() throws {
        let scene = try UnitScene()
        limit(scene, 1024)
        let (_, shell) = scene.agent()
        let writer = scene.start(shell, "/usr/bin/tee")
        write(scene, writer)
        _ = reload(scene, shell)
        #expect(Ruling(dies(scene)) == Ruling(.agent, .configChange, .likely, writer))
    }

    /// Nobody was seen lowering it: neither is prod to blame for what it held, nor the agent that only was there.
    @Test func aLimitThatNobodyWasSeenLowering() throws {
        let scene = try UnitScene()
        limit(scene, 1024)
        _ = scene.agent()
        #expect(Ruling(dies(scene)) == Ruling(.unknown, .configChange, .none, nil))
    }

    @Test func theLimitThatItAlwaysHadIsNotLowered() throws {
        for mebibytes in [UInt64(64), 65] {
            let scene = try UnitScene()
            limit(scene, 64)
            #expect(!dies(scene, at: mebibytes).verdict.rules.contains("config.lowered-limit"))
        }
    }

    @Test func whatIsOnlyReadLaterWasNotLowered() throws {
        let scene = try UnitScene()
        scene.take(
            Event(
                time: scene.tick(), source: .systemd,
                body: .unit(UnitState(unit: scene.unit, active: "active", sub: "running"))))
        limit(scene, 64)
        #expect(!dies(scene).verdict.rules.contains("config.lowered-limit"))
    }

    @Test func whoWroteTheFileThatWasThenRead() throws {
        let scene = try UnitScene()
        limit(scene, nil)
        let (_, shell) = scene.agent()
        let writer = scene.start(shell, "/usr/bin/tee")
        write(scene, writer)
        _ = reload(scene, shell)
        limit(scene, 64)
        let incident = dies(scene)
        #expect(Ruling(incident) == Ruling(.agent, .configChange, .likely, writer))
        #expect(incident.timeline.contains { $0.kind == "unit-file" && $0.text.contains(file) })
    }

    /// Whoever has the manager read its files again did not write them.
    @Test func aReloadAloneAccusesNobody() throws {
        let scene = try UnitScene()
        limit(scene, 1024)
        let (_, shell) = scene.agent()
        _ = reload(scene, shell)
        limit(scene, 64)
        let incident = dies(scene)
        #expect(Ruling(incident) == Ruling(.unknown, .configChange, .none, nil))
        #expect(incident.exonerated == [])
    }

    /// A file of last week was read long ago: something that nobody saw being changed lowered the limit.
    @Test func whatWasWrittenLongAgoIsNotWhatLoweredIt() throws {
        let scene = try UnitScene()
        limit(scene, 1024)
        let (_, shell) = scene.agent()
        write(scene, shell)
        scene.wait(2 * 3600 * 1000)
        _ = reload(scene, scene.shell)
        limit(scene, 64)
        #expect(Ruling(dies(scene)) == Ruling(.unknown, .configChange, .none, nil))
    }

    /// The agent's file was read before, and the limit stayed: what the person had read after that was not seen being changed.
    @Test func aFileThatAnEarlierReloadHadReadIsNotIt() throws {
        let scene = try UnitScene()
        limit(scene, 1024)
        let (_, shell) = scene.agent()
        write(scene, shell)
        _ = reload(scene, shell)
        scene.wait(20_000)
        _ = reload(scene, scene.shell)
        limit(scene, 64)
        #expect(Ruling(dies(scene)) == Ruling(.unknown, .configChange, .none, nil))
    }

    /// No reload in between has read it; where one may have been missed, that is no more than possible.
    @Test(arguments: [false, true]) func aFileOfTwentyMinutesAgo(isMissing: Bool) throws {
        let scene = try UnitScene()
        limit(scene, 1024)
        let (_, shell) = scene.agent()
        write(scene, shell)
        if isMissing {
            let at = scene.tick()
            scene.earlierGaps = [Gap(source: "bpf", from: at, to: at, lost: 3, why: "a full ring")]
        }
        scene.wait(20 * 60 * 1000)
        _ = reload(scene, scene.shell)
        limit(scene, 64)
        #expect(Ruling(dies(scene)) == Ruling(.agent, .configChange, isMissing ? .possible : .likely, shell))
    }

    @Test func aPersonsFileReadByAnAgentIsThePersons() throws {
        let scene = try UnitScene()
        limit(scene, 1024)
        let (_, shell) = scene.agent()
        write(scene, scene.shell)
        _ = reload(scene, shell)
        limit(scene, 64)
        let incident = dies(scene)
        #expect(Ruling(incident) == Ruling(.operator, .configChange, .likely, scene.shell))
        #expect(incident.exonerated == [])
    }

    @Test func ofTwoWhoWroteNeitherIsNamed() throws {
        let scene = try UnitScene()
        limit(scene, 1024)
        let (_, shell) = scene.agent()
        write(scene, scene.shell)
        write(scene, shell)
        _ = reload(scene, shell)
        limit(scene, 64)
        #expect(Ruling(dies(scene)) == Ruling(.unknown, .configChange, .none, nil))
    }

    @Test func aFileOfAnotherUnitIsNotWhatLoweredIt() throws {
        let scene = try UnitScene()
        limit(scene, 1024)
        let (_, shell) = scene.agent()
        write(scene, shell, "/etc/systemd/system/base.service.d/limit.conf")
        _ = reload(scene, shell)
        limit(scene, 64)
        #expect(Ruling(dies(scene)) == Ruling(.unknown, .configChange, .none, nil))
    }

    @Test(arguments: [(UInt64?.none, "prod.service"), (64, "user.slice"), (2048, "prod.service")])
    func anotherLimitWasReached(mebibytes: UInt64?, name: String) throws {
        let scene = try UnitScene()
        limit(scene, 1024)
        let (_, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        set(scene, client)
        limit(scene, 64)
        #expect(dies(scene, at: mebibytes, in: name).verdict.mechanism == .oomKill)
    }

    @Test func aLimitThatWasRaisedIsNoCause() throws {
        let scene = try UnitScene()
        limit(scene, 32)
        let (_, shell) = scene.agent()
        let client = scene.start(shell, "/usr/bin/systemctl")
        set(scene, client)
        limit(scene, 64)
        #expect(dies(scene).verdict.mechanism == .oomKill)
    }

    /// An agent sets something else of the unit, or another limit, while a person's file lowers this one.
    @Test(arguments: ["CPUWeight=50", "MemoryHigh=67108864", "MemoryMax=536870912"])
    func whoSetSomethingElseDidNotLowerIt(property: String) throws {
        let scene = try UnitScene()
        limit(scene, 1024)
        let (_, shell) = scene.agent()
        set(scene, scene.start(shell, "/usr/bin/systemctl"), property)
        write(scene, scene.shell)
        _ = reload(scene, scene.shell)
        limit(scene, 64)
        #expect(Ruling(dies(scene)) == Ruling(.operator, .configChange, .likely, scene.shell))
    }

    /// It was written after the manager had last read, or never read: another way led to the limit.
    @Test func aFileThatWasNotReadIsNotWhatLoweredIt() throws {
        for isReadBefore in [true, false] {
            let scene = try UnitScene()
            limit(scene, 1024)
            let (_, shell) = scene.agent()
            if isReadBefore {
                _ = reload(scene, scene.shell)
                scene.wait(1000)
            }
            write(scene, shell)
            limit(scene, 64)
            #expect(Ruling(dies(scene)) == Ruling(.unknown, .configChange, .none, nil))
        }
    }
}
