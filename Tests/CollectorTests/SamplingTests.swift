import EventModel
import ProcFS
import Testing

@testable import Collector

@Suite struct SamplingPaceTests {
    private func at(_ milliseconds: UInt64) -> BootTime { BootTime(nanoseconds: milliseconds * 1_000_000) }

    @Test func everyTenSecondsAndEverySecondWhileSomethingHappens() {
        var pace = SamplingPace()
        #expect(pace.isDue(at: at(5)))
        pace.took(.milliseconds(1), at: at(5))
        #expect(!pace.isDue(at: at(10_004)) && pace.isDue(at: at(10_005)))
        pace.noticed(at: at(2_000))
        #expect(pace.isActive(at: at(2_000)) && pace.isDue(at: at(2_000)))
        pace.took(.milliseconds(1), at: at(2_000))
        #expect(!pace.isDue(at: at(2_999)) && pace.isDue(at: at(3_000)))
        // It lingers, and then it rests again.
        pace.took(.milliseconds(1), at: at(11_500))
        #expect(pace.isActive(at: at(11_999)) && !pace.isActive(at: at(12_000)))
        #expect(!pace.isDue(at: at(12_501)) && pace.isDue(at: at(21_500)))
    }

    @Test func neverCostsMoreThanItsShare() {
        var pace = SamplingPace()
        pace.took(.seconds(9), at: at(0))
        #expect(pace.period(at: at(0)) == .seconds(10), "the first one tells nothing")
        pace.took(.milliseconds(200), at: at(10_000))
        #expect(pace.period(at: at(10_000)) == .seconds(40))
        pace.noticed(at: at(10_000))
        #expect(pace.period(at: at(10_000)) == .seconds(20))
        pace.took(Interval(nanoseconds: .max), at: at(20_000))
        #expect(pace.period(at: at(20_000)).nanoseconds == .max)
    }
}

@Suite struct UsageSelectionTests {
    private func usage(
        _ pid: Int32, held: UInt32, cpu: UInt64 = 0, file: UInt32 = 0, waited: UInt32? = nil
    ) -> ProcessUsage {
        ProcessUsage(
            process: ProcessKey(pid: pid, start: BootTime(nanoseconds: 1)), anonymousKiB: held, fileKiB: file, cpu: cpu,
            waited: waited)
    }

    @Test func listsTheLargeAndTheBusy() {
        var selection = UsageSelection()
        let now = BootTime(nanoseconds: 100_000_000_000)
        let first = [
            usage(1, held: 9_000), usage(2, held: 100, cpu: 5_000_000), usage(3, held: 100), usage(4, held: 5_000),
        ]
        _ = selection.select(first, reason: .rest, scope: nil, unvisited: 0, at: now)
        let second = [
            usage(1, held: 9_000), usage(2, held: 100, cpu: 5_000_000), usage(3, held: 100, cpu: 500_000),
            usage(4, held: 50),
        ]
        let samples = selection.select(second, reason: .rest, scope: nil, unvisited: 7, at: now + .seconds(10))
        #expect(samples.entries.map(\.process.pid) == [1, 3])
        #expect(samples.unlisted == 2 && samples.unlistedKiB == 150 && samples.unvisited == 7)
    }

    /// It is starved, or has only just been.
    @Test func listsWhoWaits() {
        var selection = UsageSelection()
        let now = BootTime(nanoseconds: 100_000_000_000)
        let first = [
            usage(1, held: 10, waited: 90_000), usage(2, held: 10, waited: .max - 5), usage(3, held: 10, waited: 40),
            usage(4, held: 10, waited: 50_000),
        ]
        _ = selection.select(first, reason: .activity, scope: nil, unvisited: 0, at: now)
        let second = [
            usage(1, held: 10, waited: 90_001), usage(2, held: 10, waited: 5), usage(3, held: 10, waited: 940),
            usage(4, held: 10, waited: 40_000), usage(5, held: 10, waited: 200),
        ]
        let samples = selection.select(second, reason: .activity, scope: nil, unvisited: 0, at: now + .seconds(1))
        #expect(samples.entries.map(\.process.pid) == [5, 3, 2])
        #expect(samples.isWhole)
    }

    /// Of 300 that share two cores each gets less than a hundredth of one.
    @Test func listsTheJobsOfALargeBuild() {
        var selection = UsageSelection()
        let now = BootTime(nanoseconds: 100_000_000_000)
        let jobs = { (cpu: UInt64) in
            (1...300).map { usage(Int32($0), held: 200, cpu: cpu) } + [usage(400, held: 200)]
        }
        _ = selection.select(jobs(0), reason: .activity, scope: nil, unvisited: 0, at: now)
        let samples = selection.select(jobs(6_600), reason: .activity, scope: nil, unvisited: 0, at: now + .seconds(1))
        #expect(samples.entries.count == 300 && samples.unlisted == 1)
    }

    @Test func listsNoMoreThanItsCap() {
        var selection = UsageSelection()
        let many = (1...10_000).map { usage(Int32($0), held: UInt32(200 + $0)) }
        let samples = selection.select(many, reason: .oom, scope: CgroupID(rawValue: 4), unvisited: 0, at: .zero)
        #expect(samples.entries.count == ProcessSamples.capacity && samples.entries.first?.process.pid == 10_000)
        #expect(samples.unlisted == 10_000 - UInt32(ProcessSamples.capacity) && samples.scope?.rawValue == 4)
        #expect(!samples.isWhole)
        let all = samples.entries.reduce(samples.unlistedKiB) { $0 + $1.heldKiB }
        #expect(all == many.reduce(0) { $0 + $1.heldKiB })
    }

    /// A pid's next holder has done nothing yet.
    @Test func anotherProcessOfTheSamePidStartsAnew() {
        var selection = UsageSelection()
        let now = BootTime(nanoseconds: 100_000_000_000)
        _ = selection.select([usage(5, held: 10, cpu: 900_000)], reason: .rest, scope: nil, unvisited: 0, at: now)
        var next = usage(5, held: 10, cpu: 800_000)
        next.process.start = now
        let samples = selection.select([next], reason: .rest, scope: nil, unvisited: 0, at: now + .seconds(1))
        #expect(samples.entries.count == 1)
    }
}
