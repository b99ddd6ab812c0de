import Attribution
import EventModel
import IncidentDetection
import Testing

/// What the victim held and had open before it was ended for lack of memory: told where it was looked at, and only there.
@Suite struct SnapshotTests {
    private static let scope = OOMVictim.Scope.cgroup(
        .init(cgroup: CgroupID(rawValue: 900), name: "shared", limitKiB: 512 << 10, usageKiB: 510 << 10, ooms: 1))

    private func look(
        _ scene: Scene, _ process: ProcessKey, mebibytes: UInt64 = 812, swap: UInt64 = 0,
        _ descriptors: OpenDescriptors = OpenDescriptors(count: 212, sockets: 14, deletedFiles: 3)
    ) {
        let holding = ProcessHolding(
            process: process, residentKiB: mebibytes << 10, swapKiB: swap << 10, descriptors: descriptors)
        scene.take(
            Event(time: scene.tick(), source: .procfs, body: .processHoldings(ProcessHoldings(entries: [holding]))))
    }

    private func snapshots(_ incident: Incident) -> [Evidence] {
        #expect(
            incident.evidence.filter { $0.kind == "snapshot" } == incident.timeline.filter { $0.kind == "snapshot" })
        return incident.evidence.filter { $0.kind == "snapshot" }
    }

    private func killed(_ scene: Scene) throws -> Incident {
        scene.oom(scene.daemon, trigger: scene.shell, scope: Self.scope)
        return try #require(scene.ends(.signal(.kill)))
    }

    @Test func whatTheVictimHeld() throws {
        let scene = try Scene()
        scene.listen(scene.daemon, 5432, on: [127, 0, 0, 1])
        scene.listen(scene.shell, 9000)
        scene.listen(scene.daemon, unix: "/run/kaval.sock")
        look(scene, scene.daemon, swap: 24)
        look(scene, scene.shell)
        scene.wait(1_210)
        let incident = try killed(scene)
        let snapshot = try #require(snapshots(incident).first)
        #expect(snapshots(incident).count == 1 && snapshot.rule == "oom.mark-victim" && snapshot.source == .procfs)
        #expect(snapshot.process?.key == scene.daemon)
        #expect(
            snapshot.text
                == "kaval (pid \(scene.daemon.pid)) held 812 MiB and 24 MiB of swap, 212 descriptors (14 sockets, 3 deleted "
                + "files), listening on 127.0.0.1:5432 and /run/kaval.sock, 1.2 s before")
        #expect(snapshot.data["rss_kib"] == .integer(831_488) && snapshot.data["swap_kib"] == .integer(24_576))
        #expect(snapshot.data["descriptors"] == .integer(212) && snapshot.data["sockets"] == .integer(14))
        #expect(snapshot.data["deleted_files"] == .integer(3) && snapshot.data["descriptors_cut"] == .flag(false))
        #expect(snapshot.data["listening"] == .text("127.0.0.1:5432 /run/kaval.sock"))
    }

    /// A look at it while it is dying does not hide the one before.
    @Test func theLastOneBeforeTheKillCounts() throws {
        let scene = try Scene()
        look(scene, scene.daemon, mebibytes: 100)
        scene.wait(2_000)
        look(scene, scene.daemon, mebibytes: 700, OpenDescriptors(count: 1))
        scene.oom(scene.daemon, trigger: scene.shell, scope: Self.scope)
        look(scene, scene.daemon, mebibytes: 3)
        let incident = try #require(scene.ends(.signal(.kill)))
        let snapshot = try #require(snapshots(incident).first)
        #expect(snapshot.text == "kaval (pid \(scene.daemon.pid)) held 700 MiB, 1 descriptor, 0.0 s before")
        #expect(snapshot.data["listening"] == nil)
    }

    @Test func moreThanWereCounted() throws {
        let scene = try Scene()
        for port in 1...UInt16(6) { scene.listen(scene.daemon, port) }
        look(scene, scene.daemon, OpenDescriptors(count: 4_096, sockets: 1, isCut: true))
        let incident = try killed(scene)
        let snapshot = try #require(snapshots(incident).first)
        #expect(
            snapshot.text.contains(
                "at least 4096 descriptors (at least 1 socket), listening on 0.0.0.0:1 and 0.0.0.0:2 and 0.0.0.0:3 and "
                    + "0.0.0.0:4 and 2 more, "))
        #expect(snapshot.data["descriptors_cut"] == .flag(true))
    }

    /// Nobody looked, or only at others, too early, or too late; or nobody was short of memory.
    @Test(arguments: ["nobody", "another", "long before", "after", "no OOM kill"])
    func nothingIsInvented(_ what: String) throws {
        let scene = try Scene()
        let other = scene.start(scene.daemon, "/usr/bin/worker")
        switch what {
        case "another": look(scene, other)
        case "long before":
            look(scene, scene.daemon)
            scene.wait(30_100)
        case "no OOM kill": look(scene, scene.daemon)
        default: break
        }
        if what == "no OOM kill" {
            scene.signal(scene.shell, .kill)
        } else {
            scene.oom(scene.daemon, trigger: scene.shell, scope: Self.scope)
        }
        if what == "after" { look(scene, scene.daemon) }
        let incident = try #require(scene.ends(.signal(.kill)))
        #expect(snapshots(incident).isEmpty && (incident.oom == nil) == (what == "no OOM kill"))
    }

    /// What it had given up again by then it did not listen on.
    @Test func whatWasClosedBeforeIsNotNamed() throws {
        let scene = try Scene()
        scene.listen(scene.daemon, 80)
        scene.socket(scene.daemon, .closed, 80)
        let socket = scene.listen(scene.daemon, unix: "/run/old.sock")
        scene.closed(unix: "/run/old.sock", socket)
        look(scene, scene.daemon)
        let incident = try killed(scene)
        let snapshot = try #require(snapshots(incident).first)
        #expect(!snapshot.text.contains("listening") && snapshot.data["listening"] == nil)
    }

    /// A worker of the unit was chosen: it is the one that died then.
    @Test func ofTheProcessThatWasChosen() throws {
        let scene = try UnitScene()
        let worker = scene.start(scene.prod, "/opt/prod-worker")
        look(scene, scene.prod)
        look(scene, worker, mebibytes: 55)
        scene.signal(worker, .kill, to: worker, code: .kernel, origin: .kernel)
        scene.oom(worker, trigger: worker, mebibytes: 55)
        scene.exit(worker, .signal(.kill))
        scene.signal(scene.pid1, .terminate, to: scene.prod)
        scene.facts.result = "oom-kill"
        let found = snapshots(scene.prodEnds(.signal(.terminate)))
        #expect(found.map(\.process?.key) == [worker])
    }

    @Test func beforeAKillersSignal() throws {
        let scene = try Scene()
        let killer = scene.start(scene.pid1, "/usr/bin/earlyoom", cgroup: 9)
        scene.host(totalMiB: 2_000, availableMiB: 150)
        look(scene, scene.daemon)
        scene.signal(killer, .terminate)
        let incident = try #require(scene.ends(.signal(.terminate)))
        #expect(incident.verdict.mechanism == .userspaceOOMKill)
        let snapshot = try #require(snapshots(incident).first)
        #expect(snapshot.rule == "oom.userspace" && snapshot.process?.key == scene.daemon)
    }
}
