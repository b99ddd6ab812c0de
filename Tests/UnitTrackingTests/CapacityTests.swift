import EventModel
import ProcessTracking
import Testing
import UnitTracking

@Suite struct CapacityTests {
    private func state(_ number: Int, _ active: String, at seconds: UInt64, text: String = "") -> Event {
        Event(
            time: BootTime(nanoseconds: seconds * 1_000_000_000), source: .systemd,
            body: .unit(
                UnitState(
                    unit: UnitID(manager: .system, name: "u\(number).service"), active: active, sub: "running",
                    invocation: "i\(number)", main: ProcessKey(pid: Int32(1000 + number), start: BootTime(ticks: 7)),
                    cgroup: text)))
    }

    @Test func stoppedUnitsGoFirst() {
        var table = UnitTable(capacity: 32)
        for number in 1...32 {
            table.apply(state(number, number % 2 == 0 ? "active" : "inactive", at: UInt64(number)), processes: .init())
        }
        #expect(table.count == 32)
        #expect(table.forgotten == 0)
        table.apply(state(100, "active", at: 100), processes: .init())
        #expect(table.count <= 32)
        #expect(table.forgotten == UInt64(33 - table.count))
        #expect(table[UnitID(manager: .system, name: "u1.service")] == nil)
        #expect(table[UnitID(manager: .system, name: "u2.service")] != nil)
        #expect(table[UnitID(manager: .system, name: "u100.service")] != nil)
        #expect(table.main(ProcessKey(pid: 1001, start: BootTime(ticks: 7))) == nil)
    }

    @Test func bytesAreBoundedToo() {
        var table = UnitTable(capacity: 1 << 20, byteLimit: 1 << 20)
        let text = String(repeating: "x", count: 4000)
        for number in 1...5000 {
            table.apply(state(number, "active", at: UInt64(number), text: text), processes: .init())
            #expect(table.usedBytes <= table.byteLimit + 8192)
        }
        #expect(table.count > 100)
        #expect(table.forgotten > 4000)
    }

    /// A unit that lives for ever has a short memory.
    @Test func historiesAreBounded() throws {
        var table = UnitTable()
        let unit = UnitID(manager: .user(7), name: "loop.service")
        for number: UInt64 in 1...1000 {
            let time = BootTime(nanoseconds: number * 1_000_000_000)
            let invocation = JournalEntry(
                writer: .manager(.user(7)), messageID: "39f53479d3a045ac8e11786248231fbf", message: "", unit: unit,
                invocation: "i\(number)", fields: [.init(name: "JOB_ID", value: "\(number)")])
            table.apply(Event(time: time, source: .journal, body: .journal(invocation)), processes: .init())
            table.apply(
                Event(
                    time: time, source: .systemd,
                    body: .job(
                        JobChange(unit: unit, id: UInt32(number), type: "start", step: .removed(result: "failed")))),
                processes: .init())
            table.apply(
                Event(
                    time: time, source: .systemd,
                    body: .unit(UnitState(unit: unit, active: "active", sub: "running", restarts: UInt32(number)))),
                processes: .init())
        }
        let tracked = try #require(table[unit])
        #expect(tracked.invocations.count == 8)
        #expect(tracked.jobs.count == 16)
        #expect(tracked.startFailures.count == 8)
        #expect(tracked.restartCounts.count == 8)
        #expect(tracked.latest?.id == "i1000")
        #expect(table.usedBytes < 8192)
    }
}
