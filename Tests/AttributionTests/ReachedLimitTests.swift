import Attribution
import EventModel
import Testing

/// Which limit was reached: that of the very kill, rounded to pages as the kernel does it.
@Suite struct ReachedLimitTests {
    private func lowered(to bytes: UInt64, isTold: Bool) throws -> (scene: UnitScene, client: ProcessKey) {
        let scene = try UnitScene()
        scene.tells("prod.service", max: 1 << 30)
        let (_, shell) = scene.agent()
        let client = scene.systemctl(shell)
        scene.sets(client, "MemoryMax=\(bytes)")
        if isTold { scene.tells("prod.service", max: bytes) }
        return (scene, client)
    }

    /// Pages of 4 KiB, and of 64 KiB.
    @Test(arguments: [(500_000_000, 488_280), (500_000_000, 488_256), (999_999_999, 976_560)] as [(UInt64, UInt64)])
    func aLimitThatIsNoWholeNumberOfPages(bytes: UInt64, kibibytes: UInt64) throws {
        for isTold in [true, false] {
            let (scene, client) = try lowered(to: bytes, isTold: isTold)
            scene.killed(limitKiB: kibibytes, of: "prod.service", cgroup: 21)
            let incident = scene.prodEnds(.signal(.kill))
            #expect(Ruling(incident) == Ruling(.agent, .configChange, .proven, client))
        }
    }

    @Test func anotherLimitIsNotThatOne() throws {
        let (scene, _) = try lowered(to: 500_000_000, isTold: true)
        scene.killed(limitKiB: 489_000, of: "prod.service", cgroup: 21)
        #expect(scene.prodEnds(.signal(.kill)).verdict.mechanism == .oomKill)
    }

    /// Another service is killed at its own limit before prod's end is known, and prod's mark comes after its end.
    @Test(arguments: [true, false]) func anotherUnitsKillInBetween(isFirst: Bool) throws {
        let (scene, client) = try lowered(to: 64 << 20, isTold: true)
        let base = scene.start(scene.manager, "/opt/base", cgroup: 29)
        if isFirst { scene.killed(limitKiB: 64 << 10, of: "prod.service", cgroup: 21) }
        scene.killed(base, limitKiB: 32 << 10, of: "base.service", cgroup: 29)
        if !isFirst { scene.killed(limitKiB: 64 << 10, of: "prod.service", cgroup: 21) }
        let incident = scene.prodEnds(.signal(.kill))
        #expect(Ruling(incident) == Ruling(.agent, .configChange, .proven, client))
    }

    /// The machine's memory ran out, while another service reached its own limit.
    @Test func theMachinesMemoryIsNoLimit() throws {
        let (scene, _) = try lowered(to: 64 << 20, isTold: true)
        scene.signal(scene.prod, .kill, to: scene.prod, code: .kernel, origin: .kernel)
        scene.oom(scene.prod, trigger: scene.prod, mebibytes: 60, scope: .global)
        let base = scene.start(scene.manager, "/opt/base", cgroup: 29)
        scene.killed(base, limitKiB: 64 << 10, of: "prod.service", cgroup: 29)
        #expect(scene.prodEnds(.signal(.kill)).verdict.mechanism == .oomKill)
    }
}
