import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking
import Testing

/// Where no table was taken in time, the kernel's own list says who held the memory.
@Suite struct OOMLogTests {
    private static let limit = CgroupID(rawValue: 900)
    private static let shared = OOMVictim.Scope.cgroup(
        .init(cgroup: limit, name: "shared", limitKiB: 512 << 10, usageKiB: 510 << 10, ooms: 1))

    /// The daemon is chosen; the log is read 100 ms later, and shows these sizes in MiB.
    private static func kill(
        _ scene: Scene, trigger: ProcessKey?, scope: OOMVictim.Scope = shared,
        listed: OOMDump.Scope = .cgroup(name: "shared"), log sizes: [(ProcessKey, UInt32)],
        table: (after: UInt64, sizes: [(ProcessKey, UInt32)])? = nil
    ) throws -> Incident {
        scene.signal(trigger, .kill, code: .kernel, origin: .kernel)
        scene.oom(scene.daemon, trigger: trigger, mebibytes: 40, scope: scope)
        scene.exit(scene.daemon, .signal(.kill))
        if let table {
            scene.wait(table.after)
            scene.table(table.sizes, scope: scope.cgroup)
        }
        scene.wait(100)
        let entries = sizes.map { OOMDump.Entry(pid: $0.pid, anonymousKiB: $1 << 10) }
        let dump = OOMDump(
            victimPID: scene.daemon.pid, scope: listed, took: Interval(nanoseconds: 300_000), entries: entries)
        scene.take(Event(time: scene.tick(), source: .kmsg, body: .oomDump(dump)))
        return try #require(scene.judge())
    }

    @Test func theHogByTheKernelsOwnList() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        let worker = scene.start(shell, "/usr/bin/worker")
        let incident = try Self.kill(
            scene, trigger: worker, log: [(worker, 400), (scene.daemon, 40), (shell, 20)])
        #expect(Ruling(incident) == Ruling(.agent, .oomKill, .proven, worker))
        #expect(incident.oom?.hog?.key == root)
        let shares = try #require(incident.evidence.first { $0.kind == "memory-shares" })
        #expect(shares.source == .journal && shares.text.contains("the kernel's log"))
    }

    /// The same list, and the agent had only set it off.
    @Test func theAgentAsTriggerIsNotAccused() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
        let incident = try Self.kill(
            scene, trigger: shell, log: [(web, 420), (scene.daemon, 40), (shell, 20)])
        #expect(Ruling(incident) == Ruling(.system, .oomKill, .proven, web))
        #expect(incident.exonerated == [root.pid])
    }

    /// The hog ended after the kill, before a table could be taken: the list still has it.
    @Test func aHogThatWasGoneBeforeTheTable() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let worker = scene.start(shell, "/usr/bin/worker")
        let incident = try Self.kill(
            scene, trigger: worker, log: [(worker, 400), (scene.daemon, 40)], table: (2_500, [(shell, 20)]))
        #expect(Ruling(incident) == Ruling(.agent, .oomKill, .proven, worker))
    }

    /// A table in time counts alone: what both have is not added up.
    @Test func aTableInTimeGoesBefore() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let web = scene.start(scene.pid1, "/usr/bin/web", cgroup: 5)
        let incident = try Self.kill(
            scene, trigger: shell, log: [(shell, 420), (web, 40)], table: (50, [(web, 430), (shell, 30)]))
        #expect(Ruling(incident) == Ruling(.system, .oomKill, .proven, web))
        #expect(incident.oom?.trees.first?.rssBytes == 430 << 20)
        let shares = incident.evidence.filter { $0.kind == "memory-shares" }
        #expect(shares.map(\.source) == [.bpf])
    }

    /// Where the log and the kernel's programs do not agree on what ran out, nobody is named by it.
    @Test(arguments: [OOMDump.Scope.global, .cgroup(name: "other")]) func anotherLimit(listed: OOMDump.Scope) throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let incident = try Self.kill(scene, trigger: shell, listed: listed, log: [(shell, 420)])
        #expect(Ruling(incident) == Ruling(.unknown, .oomKill, .none, nil))
    }

    /// The pid that is listed was given to a process of an agent's only afterwards.
    @Test func thePIDsNextOwnerIsNotAccused() throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        let gone = ProcessKey(pid: 60_000, start: BootTime(nanoseconds: 5_000_001))
        scene.take(
            Event(
                time: scene.tick(), source: .bpf, process: scene.pid1, cgroup: CgroupID(rawValue: 5),
                body: .fork(Fork(child: gone, childParentPID: 1, uid: 0))))
        scene.exec(gone, "/usr/bin/web")
        scene.signal(shell, .kill, code: .kernel, origin: .kernel)
        scene.oom(scene.daemon, trigger: shell, mebibytes: 40, scope: Self.shared)
        scene.exit(scene.daemon, .signal(.kill))
        scene.exit(gone, .code(0))
        let next = ProcessKey(pid: 60_000, start: scene.tick())
        scene.take(
            Event(
                time: next.start, source: .bpf, process: shell,
                body: .fork(Fork(child: next, childParentPID: 1, uid: 0))))
        let dump = OOMDump(
            victimPID: scene.daemon.pid, scope: .cgroup(name: "shared"), took: Interval(nanoseconds: 300_000),
            entries: [.init(pid: 60_000, anonymousKiB: 420 << 10)])
        scene.take(Event(time: scene.tick(), source: .kmsg, body: .oomDump(dump)))
        let incident = try #require(scene.judge())
        #expect(incident.verdict.outcome == .system && incident.verdict.culprit?.actor.key == gone)
        #expect(incident.exonerated == [root.pid])
    }

    /// Lines of the log that were written over take nothing from what rests on other sources.
    @Test func aHoleInTheLogLowersNothing() throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        scene.gaps = [Gap(source: Gap.kernelLog, from: .zero, to: BootTime(nanoseconds: .max), lost: 1, why: "")]
        scene.signal(shell, .kill)
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(Ruling(incident) == Ruling(.agent, .signal, .proven, shell))
        #expect(incident.completeness.gaps == scene.gaps)
    }
}
