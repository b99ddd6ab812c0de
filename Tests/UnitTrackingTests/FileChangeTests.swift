import EventModel
import ProcessTracking
import Testing
import UnitTracking

/// Which changes of a unit's files may have moved its memory limit, and that those are kept.
@Suite struct FileChangeTests {
    private static let nothing = MemorySettings()
    private static let small = MemorySettings(max: .bytes(64 << 20))
    private static let unit = UnitID(manager: .system, name: "prod.service")

    private func table() -> UnitTable {
        var table = UnitTable()
        table.apply(
            Event(
                time: .zero, source: .systemd,
                body: .unit(UnitState(unit: Self.unit, active: "active", sub: "running"))), processes: .init())
        return table
    }

    private func change(
        _ path: String, at second: UInt64, step: UnitFileChange.Step = .written, _ settings: MemorySettings?,
        _ before: MemorySettings?
    ) -> Event {
        Event(
            time: BootTime(nanoseconds: second * 1_000_000_000), source: .fanotify,
            body: .unitFile(
                UnitFileChange(
                    path: "/etc/systemd/system/prod.service.d/\(path)", step: step, manager: .system, writer: 9,
                    settings: settings, settingsBefore: before)))
    }

    private func mayMove(_ step: UnitFileChange.Step, _ settings: MemorySettings?, _ before: MemorySettings?) -> Bool? {
        var table = table()
        table.apply(change("a.conf", at: 1, step: step, settings, before), processes: .init())
        return table[Self.unit]?.fileChanges.last?.mayMoveLimit
    }

    @Test func whatIsNotKnownMayHaveMovedIt() {
        #expect(mayMove(.written, nil, nil) == true)
        #expect(mayMove(.written, nil, Self.nothing) == true)
        #expect(mayMove(.removed, nil, Self.nothing) == true)
        #expect(mayMove(.written, Self.small, nil) == true)
    }

    @Test func whatSaysOtherwiseThanBeforeMayHaveMovedIt() {
        #expect(mayMove(.placed, Self.small, Self.nothing) == true)
        #expect(mayMove(.written, Self.nothing, Self.small) == true)
        #expect(mayMove(.written, MemorySettings(max: .unlimited), Self.nothing) == true)
    }

    @Test func whatSaysNothingNewDidNot() {
        #expect(mayMove(.written, Self.nothing, nil) == false)
        #expect(mayMove(.written, Self.nothing, Self.nothing) == false)
        #expect(mayMove(.written, Self.small, Self.small) == false)
        #expect(mayMove(.written, MemorySettings(high: .bytes(1)), Self.nothing) == false)
        #expect(mayMove(.placed, MemorySettings(max: .bytes(64 << 20), high: .bytes(1)), Self.small) == false)
    }

    /// However often another setting is written, the one change that counts stays.
    @Test func whatDidNotGoesFirst() throws {
        var table = table()
        table.apply(change("limit.conf", at: 1, Self.small, Self.nothing), processes: .init())
        for second: UInt64 in 2...100 {
            table.apply(change("text.conf", at: second, Self.nothing, Self.nothing), processes: .init())
        }
        let kept = try #require(table[Self.unit]?.fileChanges)
        #expect(kept.count == 8 && kept.first?.path.hasSuffix("limit.conf") == true)
        #expect(kept.last?.at == BootTime(nanoseconds: 100_000_000_000))
        for second: UInt64 in 101...200 {
            table.apply(change("limit.conf", at: second, nil, nil), processes: .init())
        }
        #expect(table[Self.unit]?.fileChanges.count == 8)
        #expect(table[Self.unit]?.fileChanges.first?.at == BootTime(nanoseconds: 193_000_000_000))
    }
}
