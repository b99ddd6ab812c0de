import EventModel
import IncidentDetection
import Testing
import UnitTracking

/// What a real systemd 252 did, seen by any one source and by all of them: always the same one disruption.
@Suite struct CaptureTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var kind: Disruption.Kind?
        var result: String?
        var isAutomatic = false
        var hasJob = false
        var policy = "no"
        /// How the kernel shows the first main process to end.
        var ending: EventModel.ExitStatus = .signal(.terminate)
        /// The line that tells of the end; without one, the end is taken to be half a second after the act.
        var endLine = "98e3"
        var without: [Capture.Mode] = []
        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row(name: "kill-restart", kind: .restarted, result: "signal", isAutomatic: true, ending: .signal(.kill)),
        Row(name: "abort-restart", kind: .restarted, result: "signal", isAutomatic: true, ending: .signal(.abort)),
        Row(name: "systemctl-kill", kind: .restarted, result: "signal", isAutomatic: true, ending: .signal(.kill)),
        Row(name: "term-always", kind: .restarted, result: "success", isAutomatic: true, endLine: "7ad2"),
        Row(name: "request-restart", kind: .restarted, result: "success", hasJob: true, endLine: "7ad2"),
        Row(name: "slow-restart", kind: .restarted, result: "success", hasJob: true, ending: .code(0), endLine: "7ad2"),
        Row(name: "request-stop", kind: .stopped, result: "success", hasJob: true, endLine: "7ad2"),
        Row(name: "kill-plain", kind: .failed, result: "signal", ending: .signal(.kill)),
        Row(name: "term-plain", kind: .stopped, result: "success", endLine: "7ad2"),
        Row(name: "exit3", kind: .failed, result: "exit-code", ending: .code(3)),
        Row(name: "exit0", kind: .stopped, result: "success", ending: .code(0), endLine: "7ad2"),
        Row(name: "badexec", kind: .failedToStart, result: "exit-code", ending: .code(203)),
        Row(name: "notifyfail", kind: .failedToStart, result: "exit-code", ending: .code(1)),
        Row(name: "oneshotfail", kind: .failedToStart, result: "exit-code", ending: .code(4)),
        Row(name: "oneshot", kind: nil, ending: .code(0), endLine: "7ad2"),
        Row(name: "first-start", kind: nil),
        Row(name: "remain-restart", kind: .restarted, result: "success", hasJob: true, without: [.kernelAndStates]),
        Row(name: "remain-stop", kind: .stopped, result: "success", hasJob: true, without: [.kernelAndStates]),
        Row(name: "user-kill-restart", kind: .restarted, result: "signal", isAutomatic: true, ending: .signal(.kill)),
        Row(name: "user-term-always", kind: .restarted, isAutomatic: true, endLine: "5eb0"),
        Row(name: "user-request-restart", kind: .restarted, hasJob: true, endLine: "9d1a"),
        Row(name: "user-request-stop", kind: .stopped, hasJob: true, endLine: "9d1a"),
        // The manager of a user logs nothing of a clean end that nobody asked for.
        Row(name: "user-term-plain", kind: .stopped, without: [.journal, .kernelAndStates]),
    ]

    @Test(arguments: rows, Capture.Mode.allCases)
    func oneDisruption(row: Row, mode: Capture.Mode) throws {
        guard !row.without.contains(mode) else { return }
        let bench = try run(row, mode)
        let expected = row.kind.map { [$0] } ?? []
        #expect(bench.found.map(\.disruption.kind) == expected)
        guard let found = bench.found.first, let facts = found.disruption.systemd else { return }
        #expect(found.subject.kind == .unit)
        #expect(found.subject.uid == (row.name.hasPrefix("user-") ? 1000 : nil))
        #expect(facts.wasAutomatic == row.isAutomatic)
        if mode.hasJournal, row.kind != .failedToStart {
            #expect((facts.jobID != nil) == row.hasJob)
            if let result = row.result { #expect(facts.result == result) }
        }
        if row.isAutomatic { #expect(facts.jobID == nil) }
        #expect((found.disruption.recoveredAt != nil) == (row.kind == .restarted))
        #expect(found.settledAt <= found.disruption.at + .seconds(5))
    }

    private func run(_ row: Row, _ mode: Capture.Mode) throws -> Bench {
        let capture = try Capture(row.name)
        let bench = try Bench()
        var endings: [Int32: (at: BootTime, status: EventModel.ExitStatus)] = [:]
        let states = capture.events(.states).compactMap { event -> UnitState? in
            guard case .unit(let state) = event.body else { return nil }
            return state
        }
        if let first = states.compactMap({ $0.main?.pid }).first, let logged = capture.logged(row.endLine) {
            // The process is gone a little before the manager says so.
            endings[first] = (logged - .milliseconds(1), row.ending)
        }
        bench.take(capture.events(mode, endings: endings))
        bench.pass(6000)
        bench.finish()
        return bench
    }

    /// The exact time and status are the kernel's, the invocations the manager's.
    @Test func theBestOfEach() throws {
        let row = try #require(Self.rows.first { $0.name == "kill-restart" })
        let found = try #require(try run(row, .all).found.first)
        let capture = try Capture(row.name)
        #expect(found.disruption.at == capture.logged("98e3").map { $0 - .milliseconds(1) })
        #expect(found.disruption.status == .signal(.kill))
        #expect(found.disruption.mainBefore?.pid == 84)
        #expect(found.disruption.mainBefore?.start.nanoseconds == 2_073_036_130_017)
        #expect(found.disruption.mainAfter?.pid == 154)
        #expect(found.subject.invocationBefore == "8932efd414d3401e8bacdc876b3ea2ce")
        #expect(found.subject.invocationAfter == "8dd93286181d4c9ea69b604c89e2791d")
        #expect(found.disruption.systemd?.restarts == 1)
        #expect(found.disruption.systemd?.restartsBefore == 0)
        #expect(found.disruption.systemd?.restartPolicy == "on-failure")
        #expect(found.disruption.systemd?.resultNow == "success")
    }

    /// Up to systemd 253 an automatic restart runs a restart job of its own: that job asked for nothing.
    @Test(arguments: Capture.Mode.allCases)
    func theJobOfARequestedRestart(mode: Capture.Mode) throws {
        let row = try #require(Self.rows.first { $0.name == "request-restart" })
        let found = try #require(try run(row, mode).found.first)
        if mode.hasJournal {
            #expect(found.disruption.systemd?.jobType == "restart")
            #expect(found.disruption.systemd?.jobID == 289)
        }
        if mode.hasStates { #expect(found.disruption.systemd?.restarts == 0) }
        if mode.hasKernel { #expect(found.disruption.mainBefore?.pid == 154) }
    }

    @Test(arguments: Capture.Mode.allCases)
    func aRestartWhoseStartFails(mode: Capture.Mode) throws {
        let bench = try Bench()
        bench.take(try Capture("restart-loop").events(mode))
        bench.pass(8000)
        let found = try #require(bench.found.first)
        #expect(bench.found.count == 1)
        #expect(found.disruption.kind == .failedToStart)
        #expect(found.disruption.recoveredAt == nil)
        #expect(found.disruption.systemd?.failedStarts == 4)
        #expect(found.disruption.systemd?.failedStart?.status == .code(1))
        #expect(found.disruption.systemd?.run != nil)
        if mode.hasStates {
            #expect(found.disruption.mainBefore?.pid == 5710)
            #expect(found.disruption.systemd?.failedStart?.main?.pid == 5776)
        }
        if mode.hasJournal { #expect(found.disruption.systemd?.jobID == 890) }
    }

    @Test(arguments: [Capture.Mode.journal, .states, .both])
    func whatIsPartOfAnotherUnit(mode: Capture.Mode) throws {
        let bench = try Bench()
        bench.take(try Capture("partof-restart").events(mode))
        bench.pass(6000)
        #expect(Set(bench.found.map(\.subject.name)) == ["base.service", "part.service"])
        #expect(bench.found.allSatisfy { $0.disruption.kind == .restarted })
        #expect(bench.found.count == 2)
    }

    @Test func aStartWhoseDependencyFailed() throws {
        let bench = try Bench()
        bench.take(try Capture("dependency-failed").events(.both))
        bench.pass(6000)
        let needs = try #require(bench.found.first { $0.subject.name == "needs.service" })
        #expect(bench.found.count == 2)
        #expect(needs.disruption.kind == .failedToStart)
        #expect(needs.disruption.systemd?.failedStart?.jobResult == "dependency")
        #expect(needs.disruption.systemd?.jobID == 1542)
        #expect(needs.disruption.mainBefore == nil)
    }

    @Test(arguments: [Capture.Mode.journal, .states, .both])
    func aWatchdog(mode: Capture.Mode) throws {
        let bench = try Bench()
        bench.take(try Capture("watchdog").events(mode))
        bench.pass(6000)
        #expect(
            bench.found.allSatisfy { $0.disruption.kind == .restarted && $0.disruption.systemd?.wasAutomatic == true })
        #expect(bench.found.count == 2)
        #expect(bench.found.first?.disruption.systemd?.result == "watchdog")
    }
}
