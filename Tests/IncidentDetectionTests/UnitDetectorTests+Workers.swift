import EventModel
import IncidentDetection
import ProcessTracking
import Testing
import UnitTracking

// Processes of a unit other than its main one.
extension UnitDetectorTests {
    private func startWorkers() {
        makeCgroups()
        bench.take([fork(500, in: 3), fork(510, below: 500, in: 3), fork(511, below: 500, in: 3), fork(900)])
        bench.take(state(at: 0))
    }

    @Test func aUnitThatLosesWorkers() throws {
        startWorkers()
        bench.take([
            signal(.kill, from: 900, to: 510, at: 1_000), exit(510, .signal(.kill), at: 1_001),
            signal(.kill, from: 900, to: 511, at: 1_002), exit(511, .signal(.kill), at: 1_003),
        ])
        bench.pass(6000)
        let found = try #require(bench.found.first)
        #expect(bench.found.count == 1)
        #expect(found.disruption.kind == .degraded)
        #expect(found.disruption.at == at(1_001))
        #expect(found.disruption.mainBefore == key(500))
        #expect(found.disruption.systemd?.workers.map(\.process) == [key(510), key(511)])
    }

    @Test func whatIsNoLoss() {
        startWorkers()
        bench.take([
            exit(510, .code(1), at: 1_000), signal(.terminate, from: 500, to: 511, at: 1_002),
            exit(511, .signal(.terminate), at: 1_003), fork(512, below: 500, in: 3),
            exit(512, .signal(.pipe), at: 1_010),
        ])
        bench.pass(6000)
        #expect(bench.found.isEmpty)
    }

    @Test func aProcessThatIsASubjectItself() {
        startWorkers()
        let watched = key(510)
        bench.isWatched = { $0 == watched }
        bench.take([signal(.kill, from: 900, to: 510, at: 1_000), exit(510, .signal(.kill), at: 1_001)])
        bench.pass(6000)
        #expect(bench.found.isEmpty)
    }

    @Test func aWorkerThatGoesWithItsUnit() throws {
        startWorkers()
        bench.take([
            signal(.kill, from: 900, to: 510, at: 1_000), exit(510, .signal(.kill), at: 1_001),
            exit(500, .signal(.kill), at: 1_002),
            state(Self.web, "failed", "failed", main: nil, result: "signal", at: 1_010),
        ])
        bench.pass(6000)
        #expect(bench.found.map(\.disruption.kind) == [.failed])
        #expect(bench.found.first?.disruption.systemd?.workers.count == 1)
    }
}
