import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import ResourceTracking
import Testing

/// Several are chosen, or end, at about the same time: what each of them held counts once, and where it was.
@Suite struct OOMStormTests {
    private static let (slice, service) = (CgroupID(rawValue: 50), CgroupID(rawValue: 51))

    private static func limit(_ cgroup: CgroupID, _ name: String, usedMiB: UInt64 = 510) -> OOMVictim.Scope {
        .cgroup(.init(cgroup: cgroup, name: name, limitKiB: (usedMiB + 2) << 10, usageKiB: usedMiB << 10, ooms: 1))
    }

    private static func mark(
        _ scene: Scene, _ victim: ProcessKey, _ mebibytes: UInt64, _ scope: OOMVictim.Scope,
        in cgroup: CgroupID = .unknown
    ) {
        scene.signal(scene.pid1, .kill, to: victim, code: .kernel, origin: .kernel)
        let body = OOMVictim(
            victim: victim, cgroup: cgroup, anonymousKiB: mebibytes << 10, scope: scope)
        scene.take(Event(time: scene.tick(), source: .bpf, process: scene.pid1, body: .oomVictim(body)))
    }

    /// memory.oom.group: all of a slice are ended. The first gives back so much meanwhile that the limit is no longer seen as
    /// reached where the daemon is marked; but the machine had room. One outside of the slice is another kill.
    @Test(arguments: [true, false]) func aGroupIsEnded(isInside: Bool) throws {
        let scene = try Scene()
        for (id, parent, name) in [
            (Self.slice, CgroupID(rawValue: 1), "dev.slice"), (Self.service, Self.slice, "kaval.service"),
        ] {
            scene.take(Event(time: scene.tick(), source: .bpf, body: .cgroup(.made(id, parent: parent, name: name))))
        }
        let (_, shell) = scene.agent()
        let worker = scene.start(shell, "/usr/bin/worker")
        let editor = scene.start(scene.shell, "/usr/bin/editor")
        scene.host(totalMiB: 16_000, availableMiB: 3_000)
        Self.mark(scene, worker, 430, Self.limit(Self.slice, "dev.slice"))
        Self.mark(scene, scene.daemon, 40, .global, in: isInside ? Self.service : CgroupID(rawValue: 3))
        scene.exit(worker, .signal(.kill))
        scene.exit(scene.daemon, .signal(.kill))
        scene.table([(editor, 12_000)], scope: Self.slice, inScope: false)
        scene.table([(editor, 12_000)])
        let incident = try #require(scene.judge())
        #expect(incident.verdict.outcome == (isInside ? .agent : .operator))
        #expect(incident.verdict.culprit?.actor.key == (isInside ? worker : editor))
        #expect(incident.oom?.scope == (isInside ? .memcg : .global))
    }

    /// The hog was chosen first, and was still giving back what it held when the daemon was chosen as well.
    @Test(arguments: [true, false]) func theHogWasChosenFirst(isDying: Bool) throws {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let worker = scene.start(shell, "/usr/bin/worker")
        let scope = Self.limit(CgroupID(rawValue: 900), "shared")
        Self.mark(scene, worker, 300, scope)
        if !isDying { scene.exit(worker, .signal(.kill)) }
        scene.wait(700)
        Self.mark(scene, scene.daemon, 150, scope)
        scene.exit(scene.daemon, .signal(.kill))
        scene.table([(shell, 20)], scope: CgroupID(rawValue: 900))
        let ruling =
            isDying ? Ruling(.agent, .oomKill, .likely, worker) : Ruling(.unknown, .oomKill, .none, nil)
        #expect(Ruling(scene.judge()) == ruling)
    }

    /// An agent's compiler ended between the kill and the table: outside of the cgroup it held none of it.
    @Test(arguments: [UInt64(4), 3]) func whoIsGoneHeldItWhereItWas(cgroup: UInt64) throws {
        let scene = try Scene()
        let (root, shell) = scene.agent()
        let compiler = scene.start(shell, "/usr/bin/cc1", cgroup: cgroup)
        Self.mark(scene, scene.daemon, 60, Self.limit(CgroupID(rawValue: 3), "kaval.service", usedMiB: 64))
        scene.exit(scene.daemon, .signal(.kill))
        scene.exit(compiler, .code(0), maxMiB: 300)
        scene.table([], scope: CgroupID(rawValue: 3))
        let incident = try #require(scene.judge())
        let ruling =
            cgroup == 4
            ? Ruling(.`self`, .oomKill, .proven, scene.daemon) : Ruling(.unknown, .oomKill, .none, nil)
        #expect(Ruling(incident) == ruling && incident.exonerated == (cgroup == 4 ? [root.pid] : []))
    }
}
