import EventModel
import Glibc
import ProcFS
import Testing

@testable import Collector

@Suite struct SnapshotPaceTests {
    private func at(_ milliseconds: UInt64) -> BootTime { BootTime(nanoseconds: milliseconds * 1_000_000) }

    @Test func onlyWhileMemoryIsShortAndNotMoreThanOnceInTwoSeconds() {
        var pace = SnapshotPace()
        #expect(!pace.isDue(at: at(5)))
        pace.memoryIsShort(at: at(10))
        #expect(pace.isDue(at: at(10)) && pace.isDue(at: at(2_009)) && !pace.isDue(at: at(2_010)))
        pace.began(at: at(10))
        // It goes on being short.
        for time in stride(from: UInt64(10), to: 2_010, by: 100) {
            pace.memoryIsShort(at: at(time))
            #expect(!pace.isDue(at: at(time)))
        }
        #expect(pace.isDue(at: at(2_010)))
        pace.began(at: at(2_010))
        #expect(!pace.isDue(at: at(30_000)), "it is short no more")
    }

    @Test func neverCostsMoreThanItsShare() {
        var pace = SnapshotPace()
        pace.memoryIsShort(at: at(0))
        pace.began(at: at(0))
        pace.took(.milliseconds(10))
        #expect(!pace.isOverdrawn)
        pace.took(.milliseconds(20))
        #expect(pace.isOverdrawn)
        pace.memoryIsShort(at: at(2_999))
        #expect(!pace.isDue(at: at(2_999)) && pace.isDue(at: at(3_000)))
        pace.took(Interval(nanoseconds: .max))
        pace.memoryIsShort(at: at(90_000))
        #expect(!pace.isDue(at: at(90_000)))
    }

    @Test func itsCostCountsForTheSamplesAsWell() {
        var pace = SamplingPace()
        pace.took(.milliseconds(1), at: at(0))
        pace.noticed(at: at(1_000))
        pace.took(.milliseconds(4), at: at(1_000))
        pace.tookMore(.milliseconds(16))
        #expect(pace.period(at: at(1_000)) == .seconds(2))
        pace.tookMore(Interval(nanoseconds: .max))
        #expect(pace.period(at: at(1_000)).nanoseconds == .max)
        pace.took(.milliseconds(4), at: at(2_000))
        #expect(pace.period(at: at(2_000)) == .seconds(1))
    }

    private func sample(cpu: UInt64, memory: UInt64?, io: UInt64 = 0, available: UInt64 = 900) -> HostSample {
        func stall(_ total: UInt64) -> Stall { Stall(some10: 0, full10: 0, someTotal: total, fullTotal: 0) }
        return HostSample(
            reason: .activity, cpu: stall(cpu), memory: memory.map(stall), io: stall(io),
            amounts: .init(total: 1_000, available: available, swapTotal: 0, swapFree: 0))
    }

    /// Waiting for CPU time or I/O, however much, is none of it.
    @Test func shortOfMemoryAlone() {
        let second = Interval.seconds(1)
        let before = sample(cpu: 5, memory: 5, io: 5)
        #expect(!sample(cpu: 1_000_005, memory: 5, io: 1_000_005).isShortOfMemory(since: before, over: second))
        #expect(!sample(cpu: 5, memory: 76_900).isShortOfMemory(since: before, over: second))
        #expect(sample(cpu: 5, memory: 77_000).isShortOfMemory(since: before, over: second))
        #expect(!sample(cpu: 5, memory: 77_000).isShortOfMemory(since: before, over: .seconds(10)))
        #expect(!sample(cpu: 5, memory: 0).isShortOfMemory(since: before, over: second), "it went back")
        // A kernel that tells no pressure.
        let none = sample(cpu: 0, memory: nil, available: 50)
        #expect(!none.isShortOfMemory(since: none, over: second))
        #expect(sample(cpu: 0, memory: nil, available: 49).isShortOfMemory(since: none, over: second))
        #expect(!HostSample(reason: .rest).isShortOfMemory(since: none, over: second))
    }

    @Test func limitsOfVersionOneAreNoticedByTheirCounters() {
        let events = { (high: UInt64, max: UInt64) in CgroupUsage.Events(high: high, max: max, oom: 9, oomKill: 9) }
        #expect(UnitCgroups.reachedLimit(events(2, 0), since: events(1, 0)))
        #expect(UnitCgroups.reachedLimit(events(1, 3), since: events(1, 2)))
        #expect(!UnitCgroups.reachedLimit(events(1, 2), since: CgroupUsage.Events(high: 1, max: 2, oom: 0, oomKill: 0)))
        #expect(!UnitCgroups.reachedLimit(events(1, 2), since: nil) && !UnitCgroups.reachedLimit(nil, since: nil))
    }
}

@Suite struct SnapshotChoiceTests {
    private func usage(_ pid: Int32, _ kib: UInt32, _ adjustment: Int16 = 0) -> ProcessUsage {
        ProcessUsage(process: key(pid), anonymousKiB: kib, oomScoreAdjustment: adjustment)
    }

    private func key(_ pid: Int32) -> ProcessKey { ProcessKey(pid: pid, start: BootTime(nanoseconds: 1)) }

    @Test func whoIsTakenFirstAndTheLargestOfEachTree() {
        let usages = [
            usage(1, 9_000, -1000), usage(2, 5_000), usage(3, 100, 500), usage(4, 8_000, -500), usage(5, 4_000),
        ]
        let chosen = SnapshotChoice.choose(usages, trees: [key(4), key(6), key(2)], machineKiB: 20_000)
        #expect(chosen.map(\.pid) == [3, 4, 2, 6, 5])
    }

    @Test func whoIsInACgroupAtItsLimitComesFirst() {
        let usages = [usage(1, 9_000), usage(2, 300), usage(3, 400)]
        let chosen = SnapshotChoice.choose(usages, reached: [70, 2, 71, 3, 72, 73]) { $0 == 71 ? nil : key($0) }
        #expect(chosen.map(\.pid) == [3, 2, 70, 72, 1])
    }

    @Test func noMoreThanItsCap() {
        let usages = (1...1_000).map { usage(Int32($0), UInt32($0)) }
        let trees = (2_000...2_100).map { key($0) }
        let chosen = SnapshotChoice.choose(
            usages, trees: trees, reached: (3_000...3_100).map { $0 }, machineKiB: .max, key: key)
        #expect(chosen.count == SnapshotChoice.most && Set(chosen).count == SnapshotChoice.most)
        #expect(chosen.prefix(SnapshotChoice.mostReached).allSatisfy { $0.pid >= 3_000 })
        #expect(SnapshotChoice.choose([]).isEmpty)
    }
}

/// On this process, and processes that are not there.
@Suite struct MemorySnapshotTests {
    private let now = ProcFS.boottimeNow()
    private let nobody = ProcessKey(pid: 0x3fff_fff0, start: .zero)

    private func own() throws -> ProcessKey { try #require(ProcFS().key(of: getpid())) }

    /// All that a round brings, call by call.
    private func rounds(_ snapshot: inout MemorySnapshot, of longest: Interval) -> [ProcessHoldings] {
        var all: [ProcessHoldings] = []
        for _ in 0..<10_000 {
            let (found, cost) = snapshot.goOn(for: longest)
            if let found { all.append(found) } else if cost == Interval(nanoseconds: 0) { break }
        }
        return all
    }

    private func omitted(_ all: [ProcessHoldings]) -> Int { all.reduce(0) { $0 + Int($1.omitted) } }

    @Test func findsWhoIsThereAndCountsTheOthers() throws {
        var snapshot = MemorySnapshot(ProcFS())
        let nothing = rounds(&snapshot, of: .seconds(10))
        #expect(nothing.isEmpty)
        let own = try own()
        snapshot.begin([own, nobody, nobody], at: now)
        let all = rounds(&snapshot, of: .seconds(10))
        #expect(all.flatMap(\.entries).map(\.process) == [own] && omitted(all) == 2)
        #expect(all.first?.entries.first.map { $0.descriptors.count > 2 && $0.residentKiB > 1024 } == true)
        snapshot.begin([nobody], at: now)
        let none = rounds(&snapshot, of: .seconds(10))
        #expect(none == [ProcessHoldings(entries: [], omitted: 1)])
    }

    /// However short the time is, each call gets on, and what was found is not held back until the round is over.
    @Test func goesOnAtTheNextCall() throws {
        var snapshot = MemorySnapshot(ProcFS())
        let own = try own()
        snapshot.begin([own, own, own], at: now)
        var all: [ProcessHoldings] = []
        for _ in 0..<10_000 {
            // What it costs is another test's.
            snapshot.pace.began(at: now)
            let (found, cost) = snapshot.goOn(for: Interval(nanoseconds: 0))
            if let found { all.append(found) } else if cost == Interval(nanoseconds: 0) { break }
        }
        #expect(all.map(\.entries.count) == [1, 1, 1] && all.allSatisfy { $0.omitted == 0 })
    }

    @Test func noMoreThanItsCapOfProcessesAndDescriptors() throws {
        var snapshot = MemorySnapshot(ProcFS(), mostDescriptors: 2)
        let own = try own()
        snapshot.begin(Array(repeating: own, count: 40), at: now)
        let all = rounds(&snapshot, of: .seconds(10))
        let entries = all.flatMap(\.entries)
        #expect(entries.count + omitted(all) == SnapshotChoice.most)
        #expect(entries.allSatisfy { $0.descriptors.count <= 2 && $0.descriptors.isCut })
    }

    /// A new round leaves out what the last one has not come to, and says how many those were.
    @Test func aNewRoundLeavesTheRestOut() throws {
        var snapshot = MemorySnapshot(ProcFS())
        let own = try own()
        snapshot.begin([nobody, own, own], at: now)
        snapshot.begin([own], at: now)
        let all = rounds(&snapshot, of: .seconds(10))
        #expect(all.flatMap(\.entries).count == 1 && omitted(all) == 3)
    }

    /// Time is up: the rest of the round is left out.
    @Test func aRoundThatCostsTooMuchEnds() throws {
        var snapshot = MemorySnapshot(ProcFS())
        let own = try own()
        snapshot.begin([own, own, own], at: now)
        snapshot.pace.took(.milliseconds(100))
        let all = rounds(&snapshot, of: Interval(nanoseconds: 0))
        #expect(all.count == 1 && all.flatMap(\.entries).count + omitted(all) == 3)
    }
}
