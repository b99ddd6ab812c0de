import EventModel
import ProcessTracking
import Testing

/// Whose a bare pid was at a moment that is over: nobody's rather than another's.
@Suite struct HolderTests {
    private let first = key(50, at: 1_000)
    private let second = key(50, at: 5_000)

    private func holder(_ table: ProcessTable, from: UInt64, to: UInt64) -> ProcessKey? {
        table.holders(of: [50, 51], from: time(from), to: time(to), endingFor: .milliseconds(500))[50]
    }

    @Test func whoeverHadItAllTheTime() {
        var table = ProcessTable()
        table.apply(fork(nil, first))
        #expect(holder(table, from: 1_000, to: 1_001) == first)
        #expect(holder(table, from: 2_000, to: 9_000) == first)
        // It may have come within the time, or after it.
        #expect(holder(table, from: 999, to: 1_001) == nil)
        #expect(holder(table, from: 500, to: 600) == nil)
    }

    /// Its end is told before its memory is gone.
    @Test func whoeverHadJustEnded() {
        var table = ProcessTable()
        table.apply(fork(nil, first))
        table.apply(exit(first, at: time(2_000)))
        #expect(holder(table, from: 1_500, to: 2_500) == first)
        #expect(holder(table, from: 2_400, to: 2_600) == first)
        #expect(holder(table, from: 2_600, to: 2_700) == nil)
    }

    /// The pid has another owner by the time that is asked.
    @Test func recycled() {
        var table = ProcessTable()
        table.apply(fork(nil, first))
        table.apply(exit(first, at: time(4_000)))
        table.apply(fork(nil, second))
        #expect(holder(table, from: 3_000, to: 3_100) == first)
        #expect(holder(table, from: 6_000, to: 6_100) == second)
        #expect(holder(table, from: 4_700, to: 4_800) == nil, "nobody had it")
        #expect(holder(table, from: 3_900, to: 5_100) == nil, "it changed hands within")
        let third = key(50, at: 8_000)
        table.apply(exit(second, at: time(7_000)))
        table.apply(fork(nil, third))
        #expect(holder(table, from: 3_000, to: 3_100) == first)
        #expect(holder(table, from: 5_500, to: 5_600) == second)
        #expect(holder(table, from: 3_900, to: 5_100) == nil)
        #expect(holder(table, from: 9_000, to: 9_100) == third)
    }

    /// `/proc` rounds a start down: it may have been later than the moment.
    @Test func aStartThatIsKnownToTheTick() {
        var table = ProcessTable()
        table.apply(seen(rounded(first), parent: nil))
        #expect(holder(table, from: 1_009, to: 1_020) == nil)
        #expect(holder(table, from: 1_010, to: 1_020) == rounded(first))
    }
}
