import Attribution
import EventModel
import Testing

/// A limit bites minutes after it was lowered: who asked for it is remembered for an hour.
@Suite struct EarlierLimitTests {
    private func dies(_ scene: UnitScene, at mebibytes: UInt64 = 64) -> Incident {
        scene.killed(limitKiB: mebibytes << 10, of: "prod.service", cgroup: 21)
        return scene.prodEnds(.signal(.kill))
    }

    private func scene() throws -> UnitScene {
        let scene = try UnitScene()
        scene.tells("prod.service", max: 1 << 30)
        return scene
    }

    /// As it is: the manager does not tell of what it was asked to set, and the kill itself does.
    @Test(arguments: [3, 55] as [UInt64]) func whoAskedMinutesAgo(minutes: UInt64) throws {
        let scene = try scene()
        let (root, shell) = scene.agent()
        let client = scene.systemctl(shell)
        scene.sets(client, "MemoryMax=67108864")
        scene.exit(client, .code(0))
        scene.wait(minutes * 60_000)
        let incident = dies(scene)
        #expect(Ruling(incident) == Ruling(.agent, .configChange, .likely, client))
        #expect(incident.verdict.culprit?.root.key == root)
        #expect(incident.verdict.summary.contains("at that limit \(minutes) min later"))
        #expect(incident.evidence.contains { $0.kind == "manager-call" && $0.process?.key == client })
    }

    /// It becomes known when somebody else has the manager read its files again, who is not taken for who lowered it.
    @Test func whatAReloadOnlyBroughtToLight() throws {
        let scene = try scene()
        let (_, shell) = scene.agent()
        let client = scene.systemctl(shell)
        scene.sets(client, "MemoryMax=67108864")
        scene.wait(300_000)
        scene.call(scene.systemctl(scene.shell), "Reload", [], .done)
        scene.tells("prod.service", max: 64 << 20)
        scene.wait(300_000)
        #expect(Ruling(dies(scene)) == Ruling(.agent, .configChange, .likely, client))
    }

    /// The writer, and the reload that read the file, ten minutes ago.
    @Test func whoWroteTheFileTenMinutesAgo() throws {
        let scene = try scene()
        let (_, shell) = scene.agent()
        let writer = scene.start(shell, "/usr/bin/tee")
        scene.take(
            Event(
                time: scene.tick(), source: .fanotify, process: writer,
                body: .unitFile(
                    UnitFileChange(
                        path: "/etc/systemd/system/prod.service.d/limit.conf", step: .written, manager: .system,
                        writer: writer.pid))))
        scene.call(scene.systemctl(shell), "Reload", [], .done)
        scene.tells("prod.service", max: 64 << 20)
        scene.wait(600_000)
        #expect(Ruling(dies(scene)) == Ruling(.agent, .configChange, .likely, writer))
    }

    /// An answer that was not seen, a number that was not, a gap since then: each leaves it at likely.
    @Test(arguments: ["MemoryMax=67108864", "MemoryMaxScale", "gap"]) func aChainThatIsNotWhole(property: String) throws
    {
        let scene = try scene()
        let (_, shell) = scene.agent()
        let client = scene.systemctl(shell)
        if property == "gap" {
            scene.sets(client, "MemoryMax=67108864")
            let at = scene.tick()
            scene.earlierGaps = [Gap(source: "bpf", from: at, to: at, lost: 1, why: "a full ring")]
        } else {
            scene.sets(client, property, property.hasSuffix("Scale") ? .done : .none)
        }
        scene.wait(180_000)
        #expect(Ruling(dies(scene)) == Ruling(.agent, .configChange, .likely, client))
    }

    /// A file that somebody changed since then: it says what it said before of that, or it is not known what it said.
    @Test(arguments: [true, false]) func aFileThatWasChangedSince(isKnown: Bool) throws {
        for property in ["MemoryMax=67108864", "MemoryMaxScale"] {
            let scene = try scene()
            let (_, shell) = scene.agent()
            let client = scene.systemctl(shell)
            scene.sets(client, property)
            scene.wait(120_000)
            scene.write(scene.shell, says: MemorySettings(), before: isKnown ? MemorySettings() : nil)
            scene.wait(60_000)
            let ruling = Ruling(dies(scene))
            switch (property.hasSuffix("Scale"), isKnown) {
            case (false, _): #expect(ruling == Ruling(.agent, .configChange, .likely, client))
            case (true, true): #expect(ruling == Ruling(.agent, .configChange, .likely, client))
            case (true, false): #expect(ruling == Ruling(.unknown, .configChange, .none, nil))
            }
        }
    }

    @Test func ofTwoTheFirstLoweredItAndNeitherIsCertain() throws {
        let scene = try scene()
        let (_, shell) = scene.agent()
        let first = scene.systemctl(scene.shell)
        scene.sets(first, "MemoryMax=67108864")
        scene.wait(120_000)
        scene.sets(scene.systemctl(shell), "MemoryMax=67108864", serial: 6)
        scene.wait(120_000)
        let incident = dies(scene)
        #expect(Ruling(incident) == Ruling(.operator, .configChange, .possible, first))
        #expect(incident.exonerated == [])
    }

    /// What was refused, was about another limit or unit, or was undone since, lowered nothing.
    @Test(arguments: ["refused", "property", "unit", "undone", "late"]) func whatLoweredNothing(how: String) throws {
        let scene = try scene()
        let (_, shell) = scene.agent()
        let client = scene.systemctl(shell)
        switch how {
        case "refused": scene.sets(client, "MemoryMax=67108864", .refused)
        case "property": scene.sets(client, "MemoryHigh=67108864")
        case "unit": scene.sets(client, "MemoryMax=67108864", of: "base.service")
        case "undone":
            scene.sets(client, "MemoryMax=67108864")
            scene.sets(scene.systemctl(scene.shell), "MemoryMax=1073741824", serial: 6)
        default:
            scene.sets(client, "MemoryMax=67108864")
            scene.wait(3600_000)
        }
        scene.wait(180_000)
        let incident = dies(scene, at: how == "undone" ? 1024 : 64)
        #expect(incident.verdict.outcome != .agent)
        if how != "undone" {
            #expect(Ruling(incident) == Ruling(.unknown, .configChange, .none, nil))
            #expect(incident.verdict.summary.contains("who had it lowered is not known"))
        }
    }
}
