import EventModel
import Testing

@testable import FlightRecorder

@Suite struct FlightRingTests {
    private func all(_ ring: borrowing FlightRing, lane: FlightRing.Lane? = nil) -> [[UInt8]] {
        var found: [[UInt8]] = []
        ring.forEach(lane: lane) { bytes, _ in found.append(Array(bytes)) }
        return found
    }

    private func append(_ bytes: [UInt8], to ring: inout FlightRing, _ lane: FlightRing.Lane = .flood) -> Bool {
        bytes.withUnsafeBytes { ring.append($0, lane: lane) }
    }

    @Test func anEmptyRingHoldsNothing() throws {
        let ring = try FlightRing(floodBytes: 4096, decisiveBytes: 4096)
        #expect(all(ring).isEmpty)
        let holding = ring.holding(of: .flood)
        #expect(holding.records == 0 && holding.capacity == 4096 && holding.newestEvicted == nil)
    }

    /// Against a plain array: what is there is always the newest records, whole and in order.
    @Test(arguments: [40, 48, 96, 120, 128, 256, 1000, 1024], [1, 2, 3] as [UInt64])
    func behavesLikeAnArrayThatForgets(capacity: Int, seed: UInt64) throws {
        var random = Seeded(state: seed &* 1000 &+ UInt64(capacity))
        var ring = try FlightRing(floodBytes: capacity, decisiveBytes: 40)
        var appended: [[UInt8]] = []
        for time in 0..<400 as Range<UInt64> {
            let size = 40 + 8 * Int(random.next() % UInt64(max(1, (min(capacity, 200) - 40) / 8 + 1)))
            let bytes = record(size: size, time: time, mark: UInt8(truncatingIfNeeded: time))
            #expect(append(bytes, to: &ring))
            appended.append(bytes)
            let kept = all(ring, lane: .flood)
            let holding = ring.holding(of: .flood)
            let violations = ring.violations()
            #expect(violations.isEmpty)
            #expect(kept == Array(appended.suffix(kept.count)))
            #expect(holding.records == kept.count)
            #expect(Int(holding.evicted) == appended.count - kept.count)
            #expect(holding.newestEvicted?.nanoseconds == (holding.evicted == 0 ? nil : holding.evicted - 1))
            // Nothing is forgotten without need: together with the oldest one evicted it would not have fitted in one
            // piece. The unused rest of a lap is less than the largest record.
            if holding.evicted > 0 { #expect(holding.bytes + 2 * 200 + size > capacity) }
        }
    }

    /// Every size of a record at every offset of the end: the wrap has no special place.
    @Test func wrapsAtEveryOffset() throws {
        for first in stride(from: 40, through: 248, by: 8) {
            for second in stride(from: 40, through: 256, by: 8) {
                var ring = try FlightRing(floodBytes: 256, decisiveBytes: 40)
                let records = [first, second, 40, second, first].enumerated().map {
                    record(size: $1, time: UInt64($0), mark: UInt8($0))
                }
                for bytes in records { #expect(append(bytes, to: &ring)) }
                let kept = all(ring)
                let violations = ring.violations()
                #expect(!kept.isEmpty && kept == Array(records.suffix(kept.count)))
                #expect(violations.isEmpty)
            }
        }
    }

    @Test func takesARecordAsLargeAsTheLaneAndNoLarger() throws {
        var ring = try FlightRing(floodBytes: 256, decisiveBytes: 40)
        #expect(append(record(size: 256, time: 1, mark: 1), to: &ring))
        #expect(!append(record(size: 264, time: 2, mark: 2), to: &ring))
        #expect(append(record(size: 40, time: 3, mark: 3), to: &ring))
        #expect(all(ring) == [record(size: 40, time: 3, mark: 3)])
        #expect(ring.holding(of: .flood).refused == 1)
    }

    @Test func refusesWhatIsNoRecord() throws {
        var ring = try FlightRing(floodBytes: 1024, decisiveBytes: 40)
        var lying = record(size: 48, time: 1, mark: 1)
        lying[0] = 56
        for bytes in [[], [1, 2, 3], Array(repeating: 0, count: 40), lying] { #expect(!append(bytes, to: &ring)) }
        #expect(ring.holding(of: .flood).refused == 4)
        #expect(all(ring).isEmpty)
    }

    @Test func aFloodDoesNotPushOutTheDecisive() throws {
        var ring = try FlightRing(floodBytes: 400, decisiveBytes: 400)
        #expect(append(record(size: 40, time: 5, mark: 99), to: &ring, .decisive))
        for time in 0..<1000 as Range<UInt64> { _ = append(record(size: 40, time: time, mark: 1), to: &ring) }
        #expect(all(ring, lane: .decisive) == [record(size: 40, time: 5, mark: 99)])
        #expect(ring.holding(of: .flood).records == 10)
        #expect(ring.holding(of: .flood).newestEvicted == BootTime(nanoseconds: 989))
        #expect(ring.holding(of: .decisive).evicted == 0)
    }

    @Test func newestEvictedIsTheLatestNotTheLast() throws {
        var ring = try FlightRing(floodBytes: 80, decisiveBytes: 40)
        for time in [7, 3, 9, 10] as [UInt64] { _ = append(record(size: 40, time: time, mark: 1), to: &ring) }
        #expect(ring.holding(of: .flood).newestEvicted == BootTime(nanoseconds: 7))
    }

    @Test func readsAWindowOfBothLanesByTime() throws {
        var ring = try FlightRing(floodBytes: 4096, decisiveBytes: 4096)
        for time in [1, 4, 5, 8] as [UInt64] { _ = append(record(size: 40, time: time, mark: 0), to: &ring) }
        for time in [2, 5, 9] as [UInt64] { _ = append(record(size: 48, time: time, mark: 1), to: &ring, .decisive) }
        var seen: [(UInt64, FlightRing.Lane)] = []
        ring.forEach(from: BootTime(nanoseconds: 2), to: BootTime(nanoseconds: 8)) { bytes, lane in
            seen.append((bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self), lane))
        }
        #expect(seen.map(\.0) == [2, 4, 5, 5, 8])
        #expect(seen.map(\.1) == [.decisive, .flood, .flood, .decisive, .flood])
        ring.forEach(from: BootTime(nanoseconds: 8), to: BootTime(nanoseconds: 2)) { _, _ in Issue.record("no window") }
    }

    @Test func anErrorOfTheReaderEndsTheReading() throws {
        var ring = try FlightRing(floodBytes: 4096, decisiveBytes: 4096)
        for time in 0..<5 as Range<UInt64> { _ = append(record(size: 40, time: time, mark: 0), to: &ring) }
        var count = 0
        do {
            try ring.forEach(lane: .flood) { _, _ throws(TestFailure) in
                count += 1
                if count == 3 { throw TestFailure(what: "enough") }
            }
            Issue.record("it did not throw")
        } catch { #expect(error.what == "enough") }
        #expect(count == 3)
    }

    @Test func memoryThatCannotBeHadIsAnError() {
        #expect(throws: SystemCallError.self) { _ = try FlightRing(floodBytes: 1 << 60) }
    }

    @Test func aRingWithoutRoomRefusesEverything() throws {
        var ring = try FlightRing(floodBytes: 0, decisiveBytes: -8)
        #expect(!append(record(size: 40, time: 1, mark: 1), to: &ring))
        #expect(!append(record(size: 40, time: 1, mark: 1), to: &ring, .decisive))
    }
}
