import EventModel
import Foundation
import Glibc
import Testing

@testable import ProcFS

@Suite struct CounterFileTests {
    @Test(arguments: [
        (
            "low 0\nhigh 3\nmax 12\noom 1\noom_kill 2\noom_group_kill 0\n",
            CgroupUsage.Events(high: 3, max: 12, oom: 1, oomKill: 2)
        ),
        ("high 1\nhigh 9\nmax 2\noom 3\noom_kill 4\n", CgroupUsage.Events(high: 1, max: 2, oom: 3, oomKill: 4)),
        ("high 1\nmax 2\noom 3\noom_kill 4", nil), ("high 1\nmax x\noom 3\noom_kill 4\n", nil), ("", nil), ("\n", nil),
    ])
    func memoryEvents(text: String, expected: CgroupUsage.Events?) {
        #expect(CgroupControllers.events(text.bytes) == expected)
    }

    @Test func transfers() {
        let unified = "8:0 rbytes=10 wbytes=20 rios=1 wios=2\n8:16 rbytes=5 wbytes=x\n\n8:32 rbytes=1"
        #expect(CgroupUsage.IO.parsing(ioStat: unified.bytes) == .init(read: 15, written: 20))
        let former = "8:0 Read 10\n8:0 Write 20\n8:0 Total 30\n8:16 Read 4\nTotal 34\n"
        #expect(CgroupUsage.IO.parsing(serviceBytes: former.bytes) == .init(read: 14, written: 20))
    }

    /// The first lines of `/proc/meminfo` of the host that the other fixtures are from.
    @Test func meminfo() {
        let text =
            "MemTotal:       24682416 kB\nMemFree:        20675668 kB\nMemAvailable:   23952996 kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n"
        #expect(
            HostSample.Amounts(parsingMeminfo: text.bytes)
                == .init(total: 24_682_416, available: 23_952_996, swapTotal: 0, swapFree: 0))
        #expect(HostSample.Amounts(parsingMeminfo: "MemTotal: 5 kB\n".bytes) == nil)
        everyDamage(of: text.bytes) { _ = HostSample.Amounts(parsingMeminfo: $0) }
        everyDamage(of: text.bytes) { _ = CounterFiles.readAll($0) }
    }

    @Test(
        arguments: [
            ("765 403 375 5 0 123 0\n", 403, 375), ("1 2 3\n", 2, 3),
        ] as [(String, UInt64, UInt64)])
    func statm(text: String, resident: UInt64, shared: UInt64) throws {
        let memory = try #require(ProcessMemory(parsing: text.bytes))
        #expect(memory.resident == resident && memory.shared == shared)
    }

    @Test(arguments: ["", "\n", "1 2\n", "1 2 3", "a b c\n", "1 -2 3\n"])
    func noStatm(_ text: String) { #expect(ProcessMemory(parsing: text.bytes) == nil) }

    /// The tree of version 2 with its controllers, version 1 beside an empty version 2, and both halves.
    @Test func controllersOfEveryKindOfHierarchy() throws {
        let hybrid = try Fixture.bytes("mountinfo")
        let former = CgroupControllers(mountinfo: hybrid) { _ in Array("hugetlb\n".utf8) }
        #expect(former.summary == "memory by version 1, cpu by version 1, io by version 1")
        #expect(former.memoryEvents(of: "/a") == nil && former.hasMemory && !former.hasUnifiedMemory)
        let both = CgroupControllers(mountinfo: hybrid) { path in
            path == "/sys/fs/cgroup/unified/cgroup.controllers" ? Array("cpu memory\n".utf8) : nil
        }
        #expect(both.summary == "memory by version 2, cpu by version 2, io by version 1")
        #expect(both.memoryEvents(of: "/a") == "/sys/fs/cgroup/unified/a/memory.events")
        let none = CgroupControllers(mountinfo: "".bytes) { _ in nil }
        #expect(none.summary == "no controller is mounted" && !none.hasMemory)
        #expect(none.usage(of: "/a", id: .unknown, isFull: true) == CgroupUsage(cgroup: .unknown))
    }

    @Test func readsWhatAUnitHolds() throws {
        let folder = try TemporaryFolder(["a.service/"])
        for (name, text) in [
            ("cgroup.controllers", "cpu memory io\n"), ("a.service/memory.current", "4096\n"),
            ("a.service/memory.max", "max\n"),
            ("a.service/memory.events", "low 0\nhigh 1\nmax 2\noom 3\noom_kill 4\n"),
            ("a.service/cpu.stat", "usage_usec 77\nuser_usec 1\nnr_throttled 2\nthrottled_usec 8\n"),
            ("a.service/io.stat", "8:0 rbytes=1 wbytes=2\n"),
            ("a.service/memory.pressure", "some avg10=1.50 avg60=0.00 avg300=0.00 total=9\n"),
            ("a.service/io.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=6\n"),
        ] { try folder.write(text.utf8, to: name) }
        let mounts = "1 2 0:1 / \(folder.path) rw - cgroup2 cgroup2 rw\n"
        let controllers = CgroupControllers(mountinfo: mounts.bytes) { FileText.read($0, limit: 4096) }
        let id = CgroupID(rawValue: 5)
        let usage = controllers.usage(of: "/a.service", id: id, isFull: true)
        #expect(
            usage
                == CgroupUsage(
                    cgroup: id, memory: 4096, limit: nil, events: .init(high: 1, max: 2, oom: 3, oomKill: 4), cpu: 77,
                    throttled: 8, io: .init(read: 1, written: 2),
                    memoryStall: Stall(some10: 150, full10: 0, someTotal: 9, fullTotal: 0),
                    ioStall: Stall(some10: 0, full10: 0, someTotal: 6, fullTotal: 0)))
        try folder.write("8192\n".utf8, to: "a.service/memory.max")
        let brief = controllers.usage(of: "/a.service", id: id, isFull: false)
        #expect(brief.limit == 8192 && brief.io == nil && brief.memoryStall == nil)
    }

    @Test func listsUnitsAndNothingBelowThem() throws {
        let folder = try TemporaryFolder([
            "system.slice/web.service/worker/", "user.slice/user-1000.slice/user@1000.service/app.slice/x.service/",
            "user.slice/user-1000.slice/session-3.scope/", "plain/", "init.scope/",
        ])
        let hierarchy = CgroupHierarchy(mountPoint: folder.path)
        let all = hierarchy.unitCgroups(limit: 100)
        #expect(
            all.isComplete
                && all.units.map(\.path) == [
                    "/init.scope", "/system.slice", "/system.slice/web.service", "/user.slice",
                    "/user.slice/user-1000.slice",
                    "/user.slice/user-1000.slice/session-3.scope", "/user.slice/user-1000.slice/user@1000.service",
                    "/user.slice/user-1000.slice/user@1000.service/app.slice",
                    "/user.slice/user-1000.slice/user@1000.service/app.slice/x.service",
                ])
        let some = hierarchy.unitCgroups(limit: 3)
        #expect(some.units.count == 3 && !some.isComplete)
    }
}

@Suite struct SampleReadingTests {
    @Test func ownMemoryIsFound() throws {
        var scan = UsageScan(ProcFS())
        let (usages, _) = try scan.look(for: .seconds(5))
        let own = try #require(usages.first { $0.process.pid == getpid() })
        #expect(own.anonymousKiB > 1024 && own.cpu > 0)
        #expect(own.process == ProcFS().key(of: getpid()))
    }

    /// Whatever the budget, the next look goes on where this one stopped.
    @Test func aSmallBudgetIsKeptTo() throws {
        var scan = UsageScan(ProcFS())
        let before = ProcFS.threadTime()
        _ = try scan.look(for: Interval(nanoseconds: 0))
        #expect(ProcFS.threadTime().nanoseconds - before.nanoseconds < 2_000_000_000)
        for _ in 0..<1000 where try scan.look(for: .milliseconds(1)).unvisited > 0 {}
        #expect(try scan.look(for: .milliseconds(50)).usages.contains { $0.process.pid == getpid() })
    }

    @Test func hostHasMemory() throws {
        let amounts = try #require(ProcFS().hostSample(.rest).amounts)
        #expect(amounts.total > amounts.available && amounts.available > 0)
    }

    @Test func changedFilesAreTold() throws {
        let folder = try TemporaryFolder([])
        try folder.write("1".utf8, to: "a")
        try folder.write("1".utf8, to: "b")
        let watch = try FileWatch()
        watch.watch([folder.path + "/a", folder.path + "/b", folder.path + "/none"])
        #expect(watch.count == 2 && watch.changes().isEmpty)
        try folder.append("2", to: "a")
        #expect(watch.changes() == [folder.path + "/a"])
        watch.watch([folder.path + "/b"])
        try folder.append("3", to: "a")
        #expect(watch.changes().isEmpty && watch.count == 1)
    }
}

extension TemporaryFolder {
    fileprivate func append(_ text: String, to name: String) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path + "/" + name))
        try file.seekToEnd()
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }
}
