import EventCoding
import EventModel
import Testing

/// What is said of memory was added to the end of the record: older ones are read without it.
@Suite struct UnitFileRecordTests {
    private func event(_ path: String, _ settings: MemorySettings?, _ before: MemorySettings?) -> Event {
        someEvent(
            .unitFile(
                UnitFileChange(
                    path: path, step: .placed, manager: .user(1000), writer: 7, settings: settings,
                    settingsBefore: before)),
            source: .fanotify)
    }

    private static let amounts: [MemorySettings.Amount?] = [nil, .bytes(0), .bytes(.max), .unlimited, .share]

    @Test func everyAmountComesBack() throws {
        for amount in Self.amounts {
            for settings in [MemorySettings(max: amount), .init(limit: amount), .init(high: amount)] {
                for one in [event("/a", settings, nil), event("/a", nil, settings), event("/a", settings, settings)] {
                    #expect(try roundTrip(one) == one)
                }
            }
        }
    }

    /// As it was written before: whatever the length of the path, and with that the number of zeros behind it.
    @Test(arguments: 1...9) func anOlderRecordSaysNothingOfIt(length: Int) throws {
        let expected = event(String(repeating: "a", count: length), nil, nil)
        var bytes = encoded(expected)
        bytes.removeLast(bytes.count - Self.bodyStart - Self.fixedBytes - length)
        while bytes.count % 8 != 0 { bytes.append(0) }
        bytes.store(UInt32(bytes.count), at: 0)
        #expect(try decoded(bytes) == expected)
    }

    /// A header of 40 bytes; source, step, whether of one manager, scope, writer and the length of the path.
    private static let (bodyStart, fixedBytes) = (40, 4 * 7)

    @Test func whatIsCutOrUnheardOfIsMalformed() throws {
        let bytes = encoded(event("/abc", MemorySettings(max: .bytes(1)), nil))
        var other = bytes
        other.store(UInt32(9), at: Self.bodyStart + Self.fixedBytes + 4 + 4)
        #expect(throws: MalformedRecord.self) { try decoded(other) }
        var cut = Array(bytes.dropLast(24))
        cut.store(UInt32(cut.count), at: 0)
        #expect(throws: MalformedRecord.self) { try decoded(cut) }
    }
}
