import EventModel
import Testing

@Suite struct TimeTests {
    private let end = BootTime(nanoseconds: .max)

    @Test func sumsStopAtTheEnds() {
        #expect(end + .seconds(1) == end)
        #expect(BootTime(nanoseconds: .max - 5) + Interval(nanoseconds: 5) == end)
        #expect(BootTime.zero - .seconds(1) == .zero)
        #expect(BootTime(nanoseconds: 5) - Interval(nanoseconds: 5) == .zero)
        #expect(BootTime(nanoseconds: 7) - Interval(nanoseconds: 5) == BootTime(nanoseconds: 2))
        #expect(end.distance(to: .zero) == Interval(nanoseconds: .max))
        #expect(BootTime.zero.distance(to: end) == Interval(nanoseconds: .max))
    }

    @Test func ticks() {
        #expect(BootTime(ticks: 3).nanoseconds == 30_000_000)
        #expect(BootTime(nanoseconds: 39_999_999).ticks == 3)
        #expect(BootTime(ticks: .max) == end)
        #expect(BootTime(ticks: UInt64.max / 10_000_000 + 1) == end)
    }

    @Test func onlyAStartThatMayBeRoundedMatchesByTick() {
        let exact = ProcessKey(pid: 7, start: BootTime(nanoseconds: 12_345_678))
        let rounded = ProcessKey(pid: 7, start: BootTime(ticks: 1))
        #expect(exact.matches(tick: rounded))
        #expect(rounded.matches(tick: exact))
        #expect(exact.matches(tick: exact))
        #expect(!exact.matches(tick: ProcessKey(pid: 7, start: BootTime(nanoseconds: 12_345_679))))
        #expect(!exact.matches(tick: ProcessKey(pid: 8, start: BootTime(ticks: 1))))
        #expect(!exact.matches(tick: ProcessKey(pid: 7, start: BootTime(ticks: 2))))
    }

    @Test func wallOffsetsClampAtTheEnds() {
        #expect(WallOffset(nanoseconds: .max).wall(end) == WallTime(nanoseconds: .max))
        #expect(WallOffset(nanoseconds: .min).wall(.zero) == WallTime(nanoseconds: .min))
        #expect(WallOffset(nanoseconds: .min).wall(end) == WallTime(nanoseconds: -1))
        #expect(WallOffset(nanoseconds: 100).boot(WallTime(nanoseconds: 50)) == .zero)
        #expect(WallOffset(nanoseconds: .min).boot(WallTime(nanoseconds: .max)) == end)
        #expect(WallOffset(nanoseconds: .max).boot(WallTime(nanoseconds: .min)) == .zero)
        let offset = WallOffset(nanoseconds: 1_700_000_000_000_000_000)
        let moment = BootTime(nanoseconds: 123_456_789)
        #expect(offset.boot(offset.wall(moment)) == moment)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000000Z"), (1, "1970-01-01T00:00:00.000000001Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"), (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
            (951_868_800_000_000_000, "2000-03-01T00:00:00.000000000Z"),
            (1_709_210_096_500_000_000, "2024-02-29T12:34:56.500000000Z"),
            (-2_203_891_200_000_000_000, "1900-03-01T00:00:00.000000000Z"),
            (-2_203_891_200_000_000_001, "1900-02-28T23:59:59.999999999Z"),
            (2_147_483_647_000_000_000, "2038-01-19T03:14:07.000000000Z"),
            (2_147_483_648_000_000_000, "2038-01-19T03:14:08.000000000Z"),
            (4_107_542_399_999_999_999, "2100-02-28T23:59:59.999999999Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000000Z"),
            (.max, "2262-04-11T23:47:16.854775807Z"), (.min, "1677-09-21T00:12:43.145224192Z"),
        ] as [(Int64, String)])
    func wallTimes(_ nanoseconds: Int64, _ text: String) {
        #expect(WallTime(nanoseconds: nanoseconds).rfc3339 == text)
        let digits = text.filter { $0 != "-" && $0 != ":" }
        #expect(WallTime(nanoseconds: nanoseconds).compact == digits)
    }
}

extension TimeTests {
    @Test(arguments: [
        0, 1, -1, 951_782_400_000_000_000, 1_763_712_000_123_456_789, .max, -9_223_372_035_000_000_000,
        -62_135_596_800_000_000,
    ])
    func textAndBack(_ nanoseconds: Int64) {
        let time = WallTime(nanoseconds: nanoseconds)
        #expect(WallTime(rfc3339: time.rfc3339) == time)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T04:24:33Z", "2026-13-21T04:24:33.000000000Z", "2026-11-21T24:24:33.000000000Z",
        "2026-11-21T04:24:33.00000000xZ", "2026-11-21 04:24:33.000000000Z", "9999-11-21T04:24:33.000000000Z",
    ]) func noTime(_ text: String) { #expect(WallTime(rfc3339: text) == nil) }
}
