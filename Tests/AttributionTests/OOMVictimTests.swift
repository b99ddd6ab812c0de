import Attribution
import EventModel
import IncidentDetection
import ProcessTracking
import Testing

/// Why it was this victim: what is told as the reason is one.
@Suite struct OOMVictimTests {
    private static let limit = CgroupID(rawValue: 900)

    /// The daemon of 150 MiB is chosen within a limit; four workers of an agent hold so much each.
    private static func kill(_ adjustment: Int32, mebibytes: UInt32, swapMiB: UInt32 = 0) throws -> Incident {
        let scene = try Scene()
        let (_, shell) = scene.agent()
        let workers = (0..<4).map { _ in scene.start(shell, "/usr/bin/worker") }
        let scope = OOMVictim.Scope.cgroup(
            .init(cgroup: limit, name: "shared", limitKiB: 512 << 10, usageKiB: 510 << 10, ooms: 1))
        scene.signal(shell, .kill, code: .kernel, origin: .kernel)
        scene.oom(scene.daemon, trigger: shell, mebibytes: 150, adjustment: adjustment, scope: scope)
        scene.exit(scene.daemon, .signal(.kill))
        let entries = workers.map {
            ProcessUsage(process: $0, anonymousKiB: mebibytes << 10, swapKiB: swapMiB << 10, isInScope: true)
        }
        let samples = ProcessSamples(reason: .oom, scope: limit, entries: entries)
        scene.take(Event(time: scene.tick(), source: .bpf, body: .processSamples(samples)))
        return try #require(scene.judge())
    }

    /// What lowers its score is not why it was chosen.
    @Test(arguments: [
        (Int32(-500), "it held the most, in spite of oom_score_adj -500 ("), (200, ": oom_score_adj 200 ("),
    ]) func theLargest(adjustment: Int32, text: String) throws {
        let incident = try Self.kill(adjustment, mebibytes: 85)
        #expect(incident.verdict.outcome == .agent && incident.verdict.summary.contains(text))
    }

    /// The OOM killer weighs swap also where a cgroup's limit was reached, which it does not count for.
    @Test func anotherWasLargerWithItsSwap() throws {
        let incident = try Self.kill(500, mebibytes: 85, swapMiB: 100)
        #expect(incident.verdict.summary.contains("held 185 MiB and it 150 MiB"))
        #expect(incident.oom?.trees.first?.rssBytes == 340 << 20)
    }
}
