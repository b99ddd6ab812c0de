import EventModel
import IncidentDetection
import ProcessTracking
import Testing

@testable import Attribution

/// What systemd-oomd acted on is what it logs of that very kill.
@Suite struct OOMDTests {
    /// The first three stand in published logs: of a GNOME desktop, of a NixOS machine, of a login session.
    @Test(
        arguments: [
            (
                "Killed /user.slice/user-1000.slice/user@1000.service/app.slice/app-org.gnome.Terminal.slice/"
                    + "vte-spawn-f6518140-41fe-4a13-b828-55c5b8738fb8.scope due to memory pressure for "
                    + "/user.slice/user-1000.slice/user@1000.service being 57.97% > 50.00% for > 20s with reclaim activity",
                "/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.gnome.Terminal.slice/"
                    + "vte-spawn-f6518140-41fe-4a13-b828-55c5b8738fb8.scope",
                "/user.slice/user-1000.slice/user@1000.service"
            ),
            (
                "Marked /system.slice/nix-daemon.service for killing due to memory pressure for /system.slice being "
                    + "65.15% > 50.00% for > 20s with reclaim activity", "/system.slice/nix-daemon.service",
                "/system.slice"
            ),
            (
                "Marked /user.slice/user-1000.slice/session-924.scope for killing due to memory used (30112395264) / total "
                    + "(33382576128) and swap used (21352448000) / total (21352669184) being more than 90.00%",
                "/user.slice/user-1000.slice/session-924.scope", nil
            ),
            // A directory whose name is to mislead.
            (
                "Killed /a/b due to memory pressure for /c being 1 due to memory pressure for /a being 80.00% > 60.00%",
                "/a/b due to memory pressure for /c being 1", "/a"
            ),
            ("Killed  due to memory pressure for  being 80.00% > 60.00%", "/", "/"),
        ] as [(String, String, String?)]) func itsLines(_ line: String, _ cgroup: String, _ pressed: String?) throws
    {
        let entry = try #require(OOMDEntry(line))
        #expect(entry.cgroup == cgroup && entry.pressed == pressed)
    }

    @Test(arguments: [
        "", " due to ", "Killed", "Marked /a due to memory used", "Killed /a due to memory pressure for /b",
        "Considered 3 cgroups for killing, top candidates were:",
    ]) func whatIsNoneOfThem(_ line: String) {
        #expect(OOMDEntry(line) == nil)
    }

    private static func log(_ scene: Scene, _ line: String, writer: JournalEntry.Writer = .component("oomd")) {
        let entry = JournalEntry(writer: writer, message: line, identifier: "systemd-oomd", unit: nil, fields: [])
        scene.take(Event(time: scene.tick(), source: .journal, body: .journal(entry)))
    }

    private static let pressure = "due to memory pressure for /system.slice being 80.00% > 60.00% for > 30s"
    private static let swap =
        "due to memory used (1900) / total (2000) and swap used (9) / total (9) being more than 90.00%"

    /// Another cgroup's kill, or another's word, says nothing of prod's.
    @Test(arguments: [
        ("/system.slice/prod.service", "oomd", Outcome.unknown), ("/system.slice", "oomd", .unknown),
        ("/system.slice/base.service", "oomd", .agent), ("/system.slice/prod.service", "resolved", .agent),
    ]) func ofWhichKill(_ cgroup: String, _ writer: String, _ outcome: Outcome) throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let killer = scene.start(scene.pid1, "/lib/systemd/systemd-oomd", cgroup: 9)
        scene.host(totalMiB: 4_000, availableMiB: 100)
        scene.signal(killer, .kill, to: scene.prod)
        Self.log(scene, "Killed \(cgroup) \(Self.pressure)", writer: .component(writer))
        scene.table([(shell, 2_800)])
        let incident = scene.prodEnds(.signal(.kill))
        #expect(incident.verdict.mechanism == .userspaceOOMKill && incident.verdict.outcome == outcome)
    }

    @Test func theMachinesMemory() throws {
        let scene = try UnitScene()
        let (_, shell) = scene.agent()
        let killer = scene.start(scene.pid1, "/lib/systemd/systemd-oomd", cgroup: 9)
        scene.host(totalMiB: 4_000, availableMiB: 500)
        scene.signal(killer, .kill, to: scene.prod)
        Self.log(scene, "Marked /system.slice/prod.service for killing \(Self.swap)")
        scene.table([(shell, 2_800)])
        scene.logged(MemoryKiller.oomdMessage, ["N_PROCESSES": "1"])
        let incident = scene.prodEnds(.signal(.kill))
        #expect(Ruling(incident) == Ruling(.agent, .userspaceOOMKill, .proven, shell))
        #expect(incident.oom?.scope == .global)
        let logged = incident.evidence.filter { $0.kind == "journal" }.map(\.text)
        #expect(logged.contains { $0.contains("Marked") } && logged.contains { $0.contains("about prod.service") })
    }

    /// The victim is gone when one looks. The most that it ever had may have been a file's pages: only what it was seen to hold
    /// before counts as held.
    @Test func whatIsGoneIsNotHeldForCertain() throws {
        for (beforeMiB, peakMiB, outcome) in [
            (nil, 2_000, Outcome.unknown), (1_500, 1_600, .`self`), (40, 60, .agent), (40, 2_000, .unknown),
        ] as [(UInt32?, UInt32, Outcome)] {
            let scene = try UnitScene()
            let agent = scene.start(scene.shell, "/usr/bin/claude", cgroup: 29)
            let worker = scene.start(scene.prod, "/usr/bin/node")
            let killer = scene.start(scene.pid1, "/lib/systemd/systemd-oomd", cgroup: 9)
            scene.host(totalMiB: 4_000, availableMiB: 1_000)
            if let beforeMiB { scene.table([(worker, beforeMiB), (agent, 800)], reason: .activity) }
            scene.wait(1_000)
            scene.signal(killer, .kill, to: worker)
            Self.log(scene, "Killed /system.slice/prod.service \(Self.pressure)")
            scene.exit(worker, .signal(.kill), maxMiB: peakMiB)
            scene.table([(agent, 900)])
            let incident = scene.prodEnds(.code(137), .failed)
            #expect(incident.verdict.mechanism == .userspaceOOMKill && incident.verdict.outcome == outcome)
        }
    }
}
