import EventModel
import ProcessTracking
import Testing
import UnitTracking

/// The properties of a unit and those of its service come in two messages, in either order (seen of systemd 252).
@Suite struct StartTests {
    private let unit = UnitID(manager: .system, name: "web.service")
    private let main = ProcessKey(pid: 120, start: BootTime(nanoseconds: 5_965_420_000_000))
    private let read = BootTime(nanoseconds: 5_965_440_315_200)

    private func state(_ active: String, _ sub: String, main: ProcessKey?, ended: BootTime? = nil) -> Event {
        var state = UnitState(unit: unit, active: active, sub: sub)
        state.type = "simple"
        state.invocation = main == nil ? nil : "c24d2234a9c54f0fb4c30b62ee677b1d"
        state.main = main
        state.mainEndedAt = ended
        return Event(time: read, source: .systemd, body: .unit(state))
    }

    private func table(_ events: [Event]) -> UnitTable {
        var units = UnitTable()
        for event in events { _ = units.apply(event, processes: ProcessTable()) }
        return units
    }

    @Test func aMainProcessBeforeTheUnitIsSaidToBeActiveIsNoEnd() {
        let units = table([
            state("inactive", "dead", main: nil), state("inactive", "dead", main: main),
            state("active", "running", main: main),
        ])
        #expect(units[unit]?.latest?.main == main)
        #expect(units[unit]?.latest?.upAt != nil)
        #expect(units[unit]?.latest?.end == nil)
    }

    @Test func anEndIsOneBeforeAndAfterTheMainProcessIsForgotten() {
        for last in [state("failed", "failed", main: main, ended: read), state("inactive", "dead", main: nil)] {
            #expect(table([state("active", "running", main: main), last])[unit]?.latest?.end != nil)
        }
    }
}
