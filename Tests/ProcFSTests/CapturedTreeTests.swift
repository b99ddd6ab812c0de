import EventModel
import Testing

@testable import ProcFS

/// Trees made of files instead of the running system.
@Suite struct CapturedTreeTests {
    static func stat(_ pid: Int32, _ comm: String, parent: Int32, start: Int, flags: Int = 4_194_560, code: Int = 94)
        -> String
    {
        "\(pid) (\(comm)) S \(parent) 1 1 0 -1 \(flags) 1 2 3 4 5 6 7 8 20 0 1 0 \(start) 18 3 0 \(code) 95 77\n"
    }

    static func tree(_ stats: [(pid: Int32, text: String)]) throws -> (folder: TemporaryFolder, procfs: ProcFS) {
        let folder = try TemporaryFolder()
        for (pid, text) in stats { try folder.write(text.utf8, to: "\(pid)/stat") }
        return (folder, ProcFS(root: folder.path, cgroups: nil))
    }

    @Test func captured() throws {
        let (folder, procfs) = try Self.tree([(12013, Self.stat(12013, "sh", parent: 1, start: 5))])
        for name in ["stat", "status", "cgroup", "cmdline", "environ"] {
            try folder.write(try Fixture.bytes(name), to: "12015/\(name)")
        }
        try folder.link("12015/exe", to: "/usr/bin/python3.11 (deleted)")
        try folder.link("12015/cwd", to: "/tmp")
        let event = try #require(
            try procfs.process(12015, at: BootTime(nanoseconds: 7), markers: ["CLAUDECODE", "AI_*"]))
        #expect(event.process == ProcessKey(pid: 12015, start: BootTime(ticks: 267111)))
        #expect(event.time.nanoseconds == 7 && event.source == .procfs && event.cgroup == .unknown)
        let seen = try #require(event.seen)
        #expect(seen.comm == "a) R 1 (b\n" && seen.uid == 0 && seen.innerPID == 1 && !seen.isKernelThread)
        #expect(seen.parent == ProcessKey(pid: 12013, start: BootTime(ticks: 5)))
        let image = try #require(seen.image)
        #expect(image.exe == "/usr/bin/python3.11" && image.path == "/usr/bin/python3.11" && image.cwd == "/tmp")
        #expect(image.argv.words == ["python3", "/tmp/capture.py", "two words", ""])
        #expect(image.markers == [EnvironmentMarker(name: "CLAUDECODE", value: "1")])
    }

    @Test(arguments: [
        ("/opt/x\0-v\0", "/opt/x"), ("./x\0", "./x"), ("x\0/a\0", "/bin/exe"), ("", "/bin/exe"),
        ("/" + String(repeating: "a", count: 2000) + "\0", "/" + String(repeating: "a", count: 511)),
    ])
    func paths(cmdline: String, path: String) throws {
        let (folder, procfs) = try Self.tree([(7, Self.stat(7, "x", parent: 1, start: 5))])
        try folder.write(cmdline.utf8, to: "7/cmdline")
        try folder.link("7/exe", to: "/bin/exe")
        #expect(try procfs.process(7, at: .zero)?.seen?.image?.path == path)
    }

    @Test func nothingReadableButTheStat() throws {
        let (folder, procfs) = try Self.tree([(7, Self.stat(7, "x", parent: 1, start: 5))])
        let seen = try #require(try procfs.process(7, at: .zero)?.seen)
        #expect(seen.uid == .max && seen.parent == nil)
        #expect(seen.image == ExecImage(path: "x", argv: ArgumentVector(isUnreadable: true)))
        #expect(try procfs.process(8, at: .zero) == nil)
        withExtendedLifetime(folder) {}
    }

    @Test func kernelThreadHasNoImage() throws {
        let stat = Self.stat(2, "kthreadd", parent: 0, start: 5, flags: 2_129_984, code: 0)
        let (folder, procfs) = try Self.tree([(2, stat)])
        let seen = try #require(try procfs.process(2, at: .zero)?.seen)
        #expect(seen.isKernelThread && seen.image == nil && seen.parent == nil && seen.comm == "kthreadd")
        withExtendedLifetime(folder) {}
    }

    /// The pid of the parent may have gone to another, younger process.
    @Test func aYoungerProcessIsNoParent() throws {
        let (folder, procfs) = try Self.tree([
            (7, Self.stat(7, "child", parent: 8, start: 5)), (8, Self.stat(8, "younger", parent: 1, start: 6)),
        ])
        #expect(try procfs.process(7, at: .zero)?.seen?.parent == nil)
        #expect(try procfs.scan(at: .zero).events.about(7).first?.seen?.parent == nil)
        withExtendedLifetime(folder) {}
    }

    @Test func orderAndDamage() throws {
        let (folder, procfs) = try Self.tree([
            (1, Self.stat(1, "init", parent: 0, start: 0)), (3, Self.stat(3, "c", parent: 9, start: 3)),
            (9, Self.stat(9, "b", parent: 5, start: 2)), (5, Self.stat(5, "a", parent: 1, start: 1)),
            (20, Self.stat(20, "x", parent: 21, start: 1)), (21, Self.stat(21, "y", parent: 20, start: 1)),
            (30, Self.stat(30, "self", parent: 30, start: 1)), (40, "damaged"), (41, ""),
        ])
        try folder.write([], to: "42/")
        try folder.write([], to: "self/")
        try folder.write([], to: "99999999999/")
        let scan = try procfs.scan(at: .zero)
        #expect(scan.unreadable == 2)
        let order = scan.events.compactMap(\.process?.pid)
        #expect(order == [1, 5, 9, 3, 30, 20, 21])
        withExtendedLifetime(folder) {}
    }

    @Test func missingRoot() {
        #expect(throws: SystemCallError(call: "open", object: "/nonexistent", errno: 2)) {
            try ProcFS(root: "/nonexistent").scan(at: .zero)
        }
    }

    @Test func host() throws {
        let (folder, procfs) = try Self.tree([])
        try folder.write(try Fixture.bytes("boot_id"), to: "sys/kernel/random/boot_id")
        try folder.write(Self.stat(77, "culprit", parent: 1, start: 5).utf8, to: "self/stat")
        try folder.write(try Fixture.bytes("machine-id"), to: "etc/machine-id")
        let host = try ProcFS(root: folder.path, etc: folder.path + "/etc", cgroups: nil).host(version: "1.2")
        #expect(host.machineID == "0123456789abcdef0123456789abcdef")
        #expect(host.bootID == "1204657e-17ea-48d3-b6dd-4ce65d996f9c" && host.version == "1.2")
        #expect(host.collector == ProcessKey(pid: 77, start: BootTime(ticks: 5)))
        let elsewhere = ProcFS(root: folder.path, etc: "/nonexistent", cgroups: nil)
        #expect(try elsewhere.host(version: "").machineID == "")
        try folder.write("x\n".utf8, to: "sys/kernel/random/boot_id")
        #expect(throws: SystemCallError.self) { try procfs.host(version: "") }
    }

    /// Two polls of a tree that is changed in between: each way in which a process can come, change and go.
    @Test func polling() throws {
        let (folder, procfs) = try Self.tree([
            (1, Self.stat(1, "init", parent: 0, start: 0)), (2, Self.stat(2, "reused", parent: 1, start: 1)),
            (3, Self.stat(3, "quiet", parent: 1, start: 1)), (4, Self.stat(4, "execs", parent: 1, start: 1)),
        ])
        var poller = ProcessPoller(procfs)
        #expect(try poller.poll(at: .zero).compactMap { $0.seen?.comm } == ["init", "reused", "quiet", "execs"])
        #expect(try poller.poll(at: .zero) == [])
        try folder.write(Self.stat(2, "new", parent: 1, start: 9, code: 500).utf8, to: "2/stat")
        try folder.write(Self.stat(4, "execs", parent: 1, start: 1, code: 200).utf8, to: "4/stat")
        try folder.write(Self.stat(5, "forked", parent: 4, start: 9, code: 200).utf8, to: "5/stat")
        try folder.write(Self.stat(3, "renamed", parent: 1, start: 1).utf8, to: "3/stat")
        let events = try poller.poll(at: BootTime(nanoseconds: 1))
        let two = ProcessKey(pid: 2, start: BootTime(ticks: 9))
        #expect(events.first?.process == ProcessKey(pid: 2, start: BootTime(ticks: 1)))
        #expect(events.first?.exit == Exit(status: nil))
        #expect(events.map { $0.fork?.child.pid } == [nil, 2, nil, 5, nil])
        #expect(events.dropFirst(2).first?.process == two && events.dropFirst(2).first?.exec != nil)
        #expect(events.last?.process?.pid == 4 && events.last?.exec?.image.path == "execs")
        #expect(events.allSatisfy { $0.time.nanoseconds == 1 && $0.source == .procfs })
        #expect(try poller.poll(at: .zero) == [])
    }

    @Test func pollingWithALimit() throws {
        let (folder, procfs) = try Self.tree((1...9).map { ($0, Self.stat($0, "p", parent: $0 - 1, start: 1)) })
        var poller = ProcessPoller(procfs, limit: 5)
        #expect(try poller.poll(at: .zero).count == 5)
        #expect(poller.overflow == 4)
        #expect(try poller.poll(at: .zero).isEmpty)
        #expect(poller.overflow == 4)
        withExtendedLifetime(folder) {}
    }
}
