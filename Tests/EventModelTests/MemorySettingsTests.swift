import EventModel
import Testing

@Suite struct MemorySettingsTests {
    @Test(
        arguments: [
            (MemorySettings(), ""), (MemorySettings(max: .bytes(64 << 20)), "MemoryMax=64M"),
            (MemorySettings(max: .bytes(1 << 30), high: .bytes(3 << 40)), "MemoryMax=1G, MemoryHigh=3T"),
            (MemorySettings(max: .bytes(1023), limit: .bytes(1536)), "MemoryMax=1023, MemoryLimit=1536"),
            (MemorySettings(max: .unlimited, limit: .share), "MemoryMax=infinity, MemoryLimit=…%"),
            (MemorySettings(max: .bytes(0), limit: .bytes(7 << 10)), "MemoryMax=0, MemoryLimit=7K"),
        ])
    func asItWouldBeWritten(settings: MemorySettings, text: String) { #expect(settings.text == text) }

    @Test func theMostThatTheUnitMayHave() {
        #expect(MemorySettings(high: .bytes(1)).ceiling == nil)
        #expect(MemorySettings(max: .bytes(2), limit: .bytes(1), high: .bytes(1)).ceiling == .bytes(2))
        #expect(MemorySettings(max: .unlimited, limit: .bytes(1)).ceiling == .bytes(1))
        #expect(MemorySettings(max: .unlimited).ceiling == .unlimited)
        #expect(MemorySettings(limit: .share).ceiling == .share)
    }
}
