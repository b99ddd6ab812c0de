import EventModel
import Testing

@testable import SystemdState

/// Properties to a unit's state, from both ways of reading them.
@Suite struct UnitReadingTests {
    private func shown() throws -> [String: UnitState] {
        var states: [String: UnitState] = [:]
        for (name, properties) in ShowOutput.units(try Fixture.bytes("show.txt")) {
            var reading = UnitReading(UnitID(manager: .system, name: name))
            for (key, value) in properties { reading.apply(key, value) }
            states[name] = reading.finished(.seconds(0), before: nil) {
                ProcessKey(pid: $0, start: BootTime(nanoseconds: 10_000_000))
            }
        }
        return states
    }

    @Test func aServiceAsSystemctlShowsIt() throws {
        let web = try #require(try shown()["web.service"])
        #expect(web.load == "loaded" && web.active == "active" && web.sub == "running" && web.result == "success")
        #expect(web.invocation == "39fbaedfe53f4ebaa80a4a4b15276be0")
        #expect(web.restartPolicy == "on-failure" && web.memoryMax == 52_428_800 && web.oomScoreAdjustment == -5)
        #expect(web.watchdog == .seconds(90) && web.cgroup == "/system.slice/web.service" && web.job == nil)
        #expect(
            web.files == [
                "/run/systemd/system/web.service", "/run/systemd/system.control/web.service.d/50-MemoryMax.conf",
            ])
        #expect(web.relations.contains(.init(kind: .partOf, other: "multi-user.target")))
        #expect(web.relations.contains(.init(kind: .conflicts, other: "shutdown.target")))
        #expect(web.main?.pid != nil && web.mainStatus == nil)
    }

    @Test func aServiceThatHasEnded() throws {
        let setup = try #require(try shown()["systemd-tmpfiles-setup-dev.service"])
        #expect(setup.sub == "exited" && setup.main == nil && setup.memoryMax == nil && setup.watchdog == nil)
        #expect(setup.mainStatus == .code(0) && setup.mainEndedAt == BootTime(nanoseconds: 3_074_590_865_000))
    }

    @Test(
        arguments: [
            (1, 3, EventModel.ExitStatus.code(3)), (2, 9, .signal(Signal(rawValue: 9))),
            (3, 11, .signal(Signal(rawValue: 11), coreDumped: true)),
            (0, 0, nil), (9, 1, nil),
        ] as [(Int64, Int64, EventModel.ExitStatus?)])
    func endings(_ code: Int64, _ status: Int64, _ expected: EventModel.ExitStatus?) {
        var reading = UnitReading(UnitID(manager: .system, name: "a.service"))
        reading.apply("ExecMainCode", .number(code))
        reading.apply("ExecMainStatus", .number(status))
        #expect(reading.finished(.seconds(0), before: nil) { _ in nil }.mainStatus == expected)
    }

    @Test func theMainProcessIsLookedUpOncePerInvocation() {
        var reading = UnitReading(UnitID(manager: .system, name: "a.service"))
        var looks = 0
        let look: (Int32) -> ProcessKey? = {
            looks += 1
            return ProcessKey(pid: $0, start: BootTime(nanoseconds: UInt64(looks) * 10_000_000))
        }
        reading.apply("MainPID", .number(7))
        reading.apply("InvocationID", .bytes([UInt8](repeating: 0xAB, count: 16)))
        let first = reading.finished(.seconds(0), before: nil, process: look)
        #expect(first.invocation == String(repeating: "ab", count: 16))
        #expect(reading.finished(.seconds(0), before: first, process: look).main == first.main && looks == 1)
        // The same pid in another invocation is another process.
        reading.apply("InvocationID", .bytes([UInt8](repeating: 0xCD, count: 16)))
        #expect(reading.finished(.seconds(0), before: first, process: look).main != first.main)
    }

    @Test func valuesOfOtherTypesAreNone() {
        var reading = UnitReading(UnitID(manager: .system, name: "a.service"))
        for name in UnitReading.properties {
            for value in [PropertyValue.text("x"), .number(-1), .unsigned(.max), .bytes([1]), .list(["a"])] {
                reading.apply(name, value)
            }
        }
        let state = reading.finished(.seconds(0), before: nil) { _ in nil }
        #expect(state.invocation == nil && state.main == nil && state.restarts == 0 && state.job == nil)
    }

    @Test(
        arguments: [
            ("0", 0), ("1min 30s", 90_000_000), ("500ms", 500_000), ("infinity", .max), ("1y", 31_557_600_000_000),
            ("", nil), ("5", nil), ("5 s", nil), ("-5s", nil), ("99999999999999999999s", nil),
            ("9999999999999999y", nil),
        ] as [(String, UInt64?)])
    func timeSpans(_ text: String, _ expected: UInt64?) { #expect(ShowOutput.microseconds(text) == expected) }

    /// What a start makes known (WatchdogUSec) is no change that managers tell of.
    @Test func aNewInvocationIsReadWhole() {
        var book = UnitBook(.system)
        func learn(_ invocation: UInt8, _ active: String) {
            _ = book.update("prod.service") { reading in
                reading.apply("InvocationID", .bytes([UInt8](repeating: invocation, count: 16)))
                reading.apply("ActiveState", .text(active))
            }
            _ = book.news(of: "prod.service", .seconds(0)) { _ in nil }
        }
        learn(0, "inactive")
        #expect(!book.isRead("prod.service"))
        book.noteRead("prod.service")
        #expect(book.isRead("prod.service"))
        // The new invocation is told of before the unit is said to start.
        learn(7, "inactive")
        learn(7, "activating")
        #expect(!book.isRead("prod.service"))
        book.noteRead("prod.service")
        #expect(book.isRead("prod.service"))
    }

    @Test func aBookHoldsSoManyUnits() {
        var book = UnitBook(.system)
        for index in 0..<(UnitBook.capacity + 10) {
            _ = book.update("u\(index).service") { $0.apply("ActiveState", .text("active")) }
        }
        #expect(book.count == UnitBook.capacity && book.refused.count == 10)
        book.forget("u1.service")
        let isTaken = book.update("late.service") { _ in }
        #expect(isTaken)
        let first = book.news(of: "u2.service", .seconds(0)) { _ in nil }
        let second = book.news(of: "u2.service", .seconds(0)) { _ in nil }
        #expect(first?.active == "active" && second == nil)
    }

    @Test func jobsAreToldWithTheirType() {
        var queue = JobQueue()
        let unit = UnitID(manager: .system, name: "web.service")
        let at = BootTime(nanoseconds: 1)
        let began = JobChange(unit: unit, id: 7, type: nil, step: .queued)
        queue.began(began, at: at)
        let told = queue.answered(7, type: "stop") + queue.ended(7, unit, result: "done", at: at)
        #expect(told.map(\.change.type) == ["stop", "stop"])
        // Gone before it could be asked: both ends are told, without a type.
        queue.began(began, at: at)
        let both = queue.ended(7, unit, result: "done", at: at)
        #expect(both.map(\.change.step) == [.queued, .removed(result: "done")])
        // A start job of an active unit was a restart job when it came.
        queue.began(began, at: at, isActive: true)
        let restart = queue.answered(7, type: "start")
        #expect(restart.map(\.change.type) == ["restart"])
        queue.began(began, at: at)
        let late = queue.overdue(before: at + .seconds(1))
        #expect(late.count == 1)
    }
}
