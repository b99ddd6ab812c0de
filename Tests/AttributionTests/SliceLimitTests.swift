import Attribution
import EventModel
import Testing

/// Prod is killed at the limit of the slice that it is in: whoever lowered that did it, where prod held the memory.
@Suite struct SliceLimitTests {
    private let slice = "system.slice"
    private let cgroup: UInt64 = 20
    private var scope: CgroupID { CgroupID(rawValue: cgroup) }

    private func scene(limit: UInt64? = 1024) throws -> UnitScene {
        let scene = try UnitScene()
        scene.tells(slice, max: nil, isWhole: false)
        scene.tells(slice, max: limit.map { $0 << 20 })
        return scene
    }

    /// What each holds is recorded at the kill, in MiB.
    private func dies(_ scene: UnitScene, at mebibytes: UInt64, _ sizes: [(ProcessKey, UInt32)]) -> Incident {
        let own = sizes.first { $0.0 == scene.prod }.map { UInt64($0.1) } ?? 0
        scene.killed(holding: own, limitKiB: mebibytes << 10, of: slice, cgroup: cgroup)
        scene.table(sizes, scope: scope)
        return scene.prodEnds(.signal(.kill))
    }

    @Test func whoLoweredTheSlicesLimit() throws {
        let scene = try scene()
        let (root, shell) = scene.agent()
        let client = scene.systemctl(shell)
        scene.sets(client, "MemoryMax=67108864", of: slice)
        let incident = dies(scene, at: 64, [(scene.prod, 62)])
        #expect(Ruling(incident) == Ruling(.agent, .configChange, .proven, client))
        #expect(incident.verdict.culprit?.root.key == root)
        #expect(incident.exonerated == [])
        let said = "the memory limit of system.slice, which prod.service is in, went from 1024 MiB to 64 MiB"
        #expect(incident.verdict.summary.contains(said))
    }

    @Test func whoWroteTheSlicesFile() throws {
        let scene = try scene()
        let (_, shell) = scene.agent()
        let writer = scene.start(shell, "/usr/bin/tee")
        scene.take(
            Event(
                time: scene.tick(), source: .fanotify, process: writer,
                body: .unitFile(
                    UnitFileChange(
                        path: "/etc/systemd/system/system.slice.d/limit.conf", step: .written, manager: .system,
                        writer: writer.pid))))
        scene.call(scene.systemctl(shell), "Reload", [], .done)
        scene.tells(slice, max: 64 << 20)
        let incident = dies(scene, at: 64, [(scene.prod, 62)])
        #expect(Ruling(incident) == Ruling(.agent, .configChange, .likely, writer))
    }

    /// What the file of the slice says decides there as well.
    @Test(arguments: [64, nil] as [UInt64?]) func whatTheSlicesFileSays(mebibytes: UInt64?) throws {
        let scene = try scene()
        let (_, shell) = scene.agent()
        scene.write(
            shell, "/etc/systemd/system/system.slice.d/agent.conf",
            says: MemorySettings(max: mebibytes.map { .bytes($0 << 20) }), before: MemorySettings())
        scene.reload(scene.shell)
        scene.tells(slice, max: 64 << 20)
        let incident = dies(scene, at: 64, [(scene.prod, 62)])
        if mebibytes == nil {
            #expect(Ruling(incident) == Ruling(.unknown, .configChange, .none, nil))
            #expect(incident.verdict.summary.contains("does not lower it to that"))
        } else {
            #expect(Ruling(incident) == Ruling(.agent, .configChange, .likely, shell))
            #expect(incident.verdict.summary.contains("system.slice.d/agent.conf (MemoryMax=64M)"))
        }
    }

    /// The slice has had it since before anybody looked: it is only read now.
    @Test func aLimitThatTheSliceAlwaysHad() throws {
        let scene = try scene(limit: 64)
        _ = scene.agent()
        let incident = dies(scene, at: 64, [(scene.prod, 62)])
        #expect(Ruling(incident) == Ruling(.`self`, .oomKill, .proven, scene.judgedMain))
    }

    /// Another slice of that name, of a user's manager, was asked about; and another unit of the same manager.
    @Test(arguments: [("other.slice", ManagerScope.system), ("system.slice", .user(1000))])
    func anotherUnitsLimit(name: String, of manager: ManagerScope) throws {
        let scene = try scene(limit: 64)
        let (_, shell) = scene.agent()
        let client = scene.systemctl(shell)
        scene.call(
            client, "SetUnitProperties", [], .done, to: manager,
            arguments: [.text(name), .flag(true), .list(["MemoryMax=67108864"])])
        let incident = dies(scene, at: 64, [(scene.prod, 62)])
        #expect(Ruling(incident) == Ruling(.`self`, .oomKill, .proven, scene.judgedMain))
    }

    /// The limit was set below what was in use: that another held most of it does not make him the culprit.
    @Test func whatAnotherHeldWhenItWasLowered() throws {
        let scene = try scene()
        let (_, shell) = scene.agent()
        let job = scene.start(scene.shell, "/usr/bin/job", cgroup: 31)
        let client = scene.systemctl(shell)
        scene.sets(client, "MemoryMax=67108864", of: slice)
        let incident = dies(scene, at: 64, [(scene.prod, 10), (job, 52)])
        #expect(Ruling(incident) == Ruling(.agent, .configChange, .likely, client))
    }

    /// It had held for half an hour when an agent's tree filled it.
    @Test(arguments: [30, 1800] as [UInt64]) func whoFilledItSince(seconds: UInt64) throws {
        let scene = try scene()
        let (root, shell) = scene.agent()
        let hog = scene.start(shell, "/usr/bin/hog", cgroup: 31)
        let setter = scene.systemctl(scene.shell)
        scene.sets(setter, "MemoryMax=67108864", of: slice)
        scene.wait(seconds * 1000)
        let incident = dies(scene, at: 64, [(scene.prod, 2), (hog, 60)])
        let most: Confidence = seconds < 60 ? .possible : .likely
        #expect(Ruling(incident) == Ruling(.agent, .oomKill, most, hog))
        #expect(incident.verdict.culprit?.root.key == root)
        #expect(incident.verdict.alternatives.contains { $0.mechanism == .configChange && $0.outcome == .operator })
        #expect(incident.verdict.summary.contains("limit of system.slice went from 1024 MiB to 64 MiB before that"))
    }

    /// Under the limit as it is: what it was before would not have changed whose memory it was.
    @Test func whoBeganUnderThatLimit() throws {
        let scene = try scene()
        scene.sets(scene.systemctl(scene.shell), "MemoryMax=67108864", of: slice)
        scene.wait(30_000)
        let (_, shell) = scene.agent()
        let hog = scene.start(shell, "/usr/bin/hog", cgroup: 31)
        let incident = dies(scene, at: 64, [(scene.prod, 2), (hog, 60)])
        #expect(Ruling(incident) == Ruling(.agent, .oomKill, .proven, hog))
    }

    /// What the slice might have until then was never read: whoever set it is not cleared.
    @Test func aLimitOfWhichTheFormerIsNotKnown() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        scene.sets(scene.systemctl(shell), "MemoryMax=67108864", of: slice)
        let incident = dies(scene, at: 64, [(scene.prod, 62)])
        #expect(Ruling(incident) == Ruling(.`self`, .oomKill, .possible, scene.judgedMain))
        #expect(incident.exonerated == [])
    }

    /// A user's manager has slices of its own; above it they are the system's.
    @Test(
        arguments: [(28, "prod.service", true), (25, "user-1000.slice", false), (26, "user@1000.service", false)]
            as [(UInt64, String, Bool)])
    func ofWhichManagerTheLimitIs(cgroup: UInt64, name: String, isUsers: Bool) throws {
        for scope in [ManagerScope.system, .user(1000)] {
            let scene = try UnitScene(user: true)
            let state = UnitState(
                unit: UnitID(manager: scope, name: name), active: "active", sub: "active", type: "notify",
                memoryMax: 1 << 30)
            scene.take(Event(time: scene.tick(), source: .systemd, body: .unit(state)))
            let (_, shell) = scene.agent()
            let client = scene.systemctl(shell)
            scene.call(
                client, "SetUnitProperties", [], .done, to: scope,
                arguments: [.text(name), .flag(true), .list(["MemoryMax=67108864"])])
            scene.killed(limitKiB: 64 << 10, of: name, cgroup: cgroup)
            scene.table([(scene.prod, 62)], scope: CgroupID(rawValue: cgroup))
            let incident = scene.prodEnds(.signal(.kill))
            let isIts = (scope == .user(1000)) == isUsers
            #expect((incident.verdict.mechanism == .configChange) == isIts)
        }
    }
}
