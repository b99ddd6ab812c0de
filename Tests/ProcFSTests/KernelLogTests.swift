import EventModel
import Glibc
import Testing

@testable import ProcFS

@Suite struct KernelLogTests {
    /// A parser that was given these lines, a record each, and what it made of them.
    private static func read(_ lines: [String], from first: UInt64 = 1) -> (dumps: [OOMDump], parser: OOMDumpParser) {
        read(lines.enumerated().map { "6,\(first + UInt64($0)),\(1000 + 10 * $0),-;\($1)\n".bytes })
    }

    private static func read(_ records: [ArraySlice<UInt8>]) -> (dumps: [OOMDump], parser: OOMDumpParser) {
        var parser = OOMDumpParser(pageKiB: 4)
        let dumps = records.compactMap { KernelLogRecord(parsing: $0) }.compactMap { parser.take($0) }
        return (dumps, parser)
    }

    private static let title = "Tasks state (memory values in pages):"
    private static let head =
        "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name"
    private static let formerHead =
        "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name"
    private static let row =
        "[  10699]     0 10699    19325    17280    16416      864         3   192512        5           200 a"
    private static func reason(_ constraint: String, _ rest: String = "global_oom,task_memcg=/a") -> String {
        "oom-kill:constraint=\(constraint),nodemask=(null),cpuset=/,mems_allowed=0,\(rest),task=a,pid=10699,uid=0"
    }
    private static let kill = "Out of memory: Killed process 10699 (a) total-vm:77300kB, anon-rss:65664kB"
    private static let cgroupKill = "Memory cgroup " + kill.replacing("Out", with: "out", maxReplacements: 1)
    private static let whole = [title, head, row, reason("CONSTRAINT_NONE"), kill]

    // MARK: Records

    @Test func record() throws {
        let record = try #require(
            KernelLogRecord(parsing: "6,10776,26275124082,-,caller=T1;a;b,c\n SUBSYSTEM=x\n".bytes))
        #expect(record.isOfKernel && record.sequence == 10776 && record.microseconds == 26_275_124_082)
        #expect(record.text.elementsEqual("a;b,c".utf8))
        // Written to /dev/kmsg by somebody.
        #expect(KernelLogRecord(parsing: "12,1,2,-;x\n".bytes)?.isOfKernel == false)
        #expect(KernelLogRecord(parsing: "7,1,2,-;\n".bytes)?.text.isEmpty == true)
        for text in ["", ";", "6,1;x", "6,1,;x", "a,1,2,-;x", "-6,1,2,-;x", "6,99999999999999999999,2,-;x", "6,1,2,-"] {
            #expect(KernelLogRecord(parsing: text.bytes) == nil, "\(text)")
        }
    }

    // MARK: Lists

    /// The limit of a cgroup with 44 processes, on Linux 6.18: see the fixtures' README.
    @Test func captured() throws {
        let lines = try Fixture.bytes("kmsg-cgroup").split(separator: .newline)
        let (dumps, parser) = Self.read(lines)
        let dump = try #require(dumps.first)
        #expect(dumps.count == 1 && parser.cut == 0 && !parser.isListing)
        #expect(dump.victimPID == 25079 && dump.scope == .cgroup(name: "s07-agent"))
        #expect(dump.entries.count == 44 && dump.unlisted == 0 && dump.hasKinds)
        #expect(dump.took.nanoseconds == 348_000)
        let largest = OOMDump.Entry(
            pid: 25232, anonymousKiB: 285_568, fileKiB: 5_884, sharedKiB: 0, swapKiB: 0, pageTableKiB: 620)
        #expect(dump.entries.first == largest)
        let victim = try #require(dump.entries.first { $0.pid == 25079 })
        #expect(victim.anonymousKiB == 34_304 && victim.oomScoreAdjustment == 500)
        #expect(dump.entries.map(\.heldKiB) == dump.entries.map(\.heldKiB).sorted(by: >))
        // All of it was read, or none of it counts.
        for count in 0..<lines.count { #expect(Self.read(Array(lines.prefix(count))).dumps.isEmpty) }
    }

    @Test func theMachine() {
        let entry = OOMDump.Entry(
            pid: 10699, anonymousKiB: 65_664, fileKiB: 3_456, sharedKiB: 12, swapKiB: 20, pageTableKiB: 188,
            oomScoreAdjustment: 200)
        let expected = OOMDump(
            victimPID: 10699, scope: .global, took: Interval(nanoseconds: 40_000), entries: [entry])
        #expect(Self.read(Self.whole).dumps == [expected])
        #expect(Self.read(Self.whole + Self.whole).dumps == [expected, expected])
    }

    /// Before 6.8: what is resident, of whatever kind.
    @Test func withoutKinds() {
        let row = "[  10699]     0 10699    19325    17280   192512        5           200 a"
        let (dumps, _) = Self.read([Self.title, Self.formerHead, row, Self.reason("CONSTRAINT_NONE"), Self.kill])
        let entry = OOMDump.Entry(
            pid: 10699, fileKiB: 69_120, swapKiB: 20, pageTableKiB: 188, oomScoreAdjustment: 200)
        #expect(dumps.first?.entries == [entry] && dumps.first?.hasKinds == false)
    }

    /// The task that still had the memory is named, where the first one of its process is gone.
    @Test func aThreadStandsForItsProcess() {
        let row = Self.row.replacing("[  10699]", with: "[  10700]")
        let kill = Self.kill.replacing("10699", with: "10700")
        let (dumps, _) = Self.read([Self.title, Self.head, row, Self.reason("CONSTRAINT_NONE"), kill])
        #expect(dumps.first?.victimPID == 10699 && dumps.first?.entries.map(\.pid) == [10699])
    }

    @Test func whatRanOut() {
        func scope(_ reason: String, _ kill: String) -> OOMDump.Scope? {
            Self.read([Self.title, Self.head, Self.row, reason, kill]).dumps.first?.scope
        }
        let named = Self.reason("CONSTRAINT_MEMCG", "oom_memcg=/a/b.slice/c\\x0ad\\x5c.service,task_memcg=/a/b.slice")
        #expect(scope(named, Self.cgroupKill) == .cgroup(name: "c\nd\\.service"))
        #expect(
            scope(Self.reason("CONSTRAINT_MEMCG", "oom_memcg=/,task_memcg=/a"), Self.cgroupKill) == .cgroup(name: ""))
        // Where the two lines do not agree, where not everybody is listed, and where a name could say anything.
        #expect(scope(named, Self.kill) == nil && scope(Self.reason("CONSTRAINT_NONE"), Self.cgroupKill) == nil)
        for reason in [
            Self.reason("CONSTRAINT_CPUSET"), Self.reason("CONSTRAINT_MEMORY_POLICY"), Self.reason(""), "",
            "oom-kill:constraint=", "oom-kill:constraint=CONSTRAINT_MEMCG",
            Self.reason("CONSTRAINT_MEMCG", "oom_memcg=/x,oom_memcg=/y,task_memcg=/a"),
            Self.reason("CONSTRAINT_MEMCG", "oom_memcg=/x,task_memcg=/y,task_memcg=/a"),
            Self.reason("CONSTRAINT_MEMCG", "task_memcg=/y,oom_memcg=/x"),
        ] {
            #expect(scope(reason, Self.cgroupKill) == nil && scope(reason, Self.kill) == nil, "\(reason)")
        }
    }

    @Test func otherLinesAmongThem() {
        let lines = Self.whole.flatMap { ["usb 1-1: new device", $0, "[drm] something", "[ 12 ] else ]"] }
        #expect(Self.read(lines).dumps.map(\.entries.count) == [1])
        // Anybody who may write to /dev/kmsg can write the same: the kernel tells them apart.
        let written = Self.whole.enumerated().map { "14,\($0 + 1),5,-;\($1)\n".bytes }
        #expect(Self.read(written).dumps.isEmpty)
        // A kill without a list, as behind ten within five seconds; and a list without a kill.
        #expect(Self.read([Self.reason("CONSTRAINT_NONE"), Self.kill]).dumps.isEmpty)
        #expect(Self.read([Self.title, Self.head, Self.row] + Self.whole).dumps.map(\.entries.count) == [1])
    }

    /// The name comes last, is its owner's choice, and is not looked at.
    @Test(arguments: [
        "", "a b c", "[  10700]     0 10700", "1 2 3 4 5 6", "\\x0a6,1,1,-;Tasks", "oom-kill:const", "]", "-1",
    ]) func hostileNames(name: String) {
        let row = Self.row.dropLast() + name
        let (dumps, _) = Self.read([Self.title, Self.head, String(row), Self.reason("CONSTRAINT_NONE"), Self.kill])
        #expect(dumps.first?.entries.map(\.pid) == [10699])
        #expect(dumps.first?.entries.first?.anonymousKiB == 65_664)
    }

    @Test(arguments: [
        ("16416", "x"), ("16416", "99999999999999999999"), (" 10699 ", " 0 "), (" 10699 ", " -3 "),
        (" 10699 ", " 4294967296 "), ("200 a", "99999 a"), ("[  10699]", "[10699]"), ("[  10699]", "[       ]"),
        ("[  10699]", "[  1x699]"), (row, "[  10699]"), (row, "["), (row, ""),
    ]) func malformedRows(part: String, other: String) {
        let row = Self.row.replacing(part, with: other)
        let (dumps, _) = Self.read([Self.title, Self.head, row, Self.reason("CONSTRAINT_NONE"), Self.kill])
        #expect(dumps.map(\.entries.isEmpty) == [true])
    }

    /// More than there is room for is as much as there is.
    @Test func hugeNumbers() {
        let row = Self.row.replacing("16416", with: "18446744073709551615").replacing("192512", with: "-1")
        #expect(
            Self.read([Self.title, Self.head, row, Self.reason("CONSTRAINT_NONE"), Self.kill]).dumps.first?.entries
                == [])
        let large = Self.row.replacing("16416", with: "18446744073709551615")
        let (dumps, _) = Self.read([Self.title, Self.head, large, Self.reason("CONSTRAINT_NONE"), Self.kill])
        #expect(dumps.first?.entries.first?.anonymousKiB == .max)
    }

    // MARK: Losses and caps

    /// The kernel writes over what was not read: a list with a hole is none, and is counted.
    @Test func aHoleInAList() {
        for hole in 1..<Self.whole.count {
            var parser = OOMDumpParser(pageKiB: 4)
            var dumps: [OOMDump] = []
            for (number, line) in Self.whole.enumerated() {
                let sequence = number + (number >= hole ? 7 : 0)
                guard let record = KernelLogRecord(parsing: "6,\(sequence),\(number),-;\(line)\n".bytes) else {
                    continue
                }
                if let dump = parser.take(record) { dumps.append(dump) }
            }
            #expect(dumps.isEmpty && parser.cut == 1 && !parser.isListing)
        }
    }

    @Test func keepsTheLargest() throws {
        let count = 3 * ProcessSamples.capacity + 17
        // In an order in which the largest come neither first nor last.
        let rows = (0..<count).map { number in
            let pages = (number * 7919) % count
            return
                "[\(padded(number + 1))]     0 \(number + 1)    9    9    \(pages)      1         0   4096        0      0 a"
        }
        let dump = try #require(
            Self.read([Self.title, Self.head] + rows + [Self.reason("CONSTRAINT_NONE"), Self.kill]).dumps.first)
        #expect(dump.entries.count == ProcessSamples.capacity)
        #expect(dump.entries.map(\.heldKiB) == (0..<ProcessSamples.capacity).map { UInt64(4 * (count - 1 - $0)) })
        #expect(dump.unlisted == UInt32(count - ProcessSamples.capacity))
        let all = dump.entries.reduce(dump.unlistedKiB) { $0 + $1.heldKiB }
        #expect(all == (0..<UInt64(count)).reduce(0) { $0 + 4 * $1 })
    }

    private func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: " ", count: 7 - digits.count) + digits
    }

    @Test func aProcessIsListedOnce() {
        let (dumps, _) = Self.read(
            [Self.title, Self.head, Self.row, Self.row, Self.reason("CONSTRAINT_NONE"), Self.kill])
        #expect(dumps.first?.entries.count == 1)
    }

    @Test func damage() {
        let text = Self.whole.enumerated().map { "6,\($0),5,-;\($1)" }.joined(separator: "\n").bytes
        everyDamage(of: text) { _ = Self.read($0.split(separator: .newline)) }
    }

    // MARK: Here

    @Test func statuses() {
        let procfs = ProcFS()
        let refused = KernelLog.status(
            procfs, .failure(SystemCallError(call: "open", object: "/dev/kmsg", errno: EPERM)))
        #expect(refused.name == "kernel-log" && refused.state == .missing && !refused.why.isEmpty)
        #expect(refused.why.contains("CAP_SYSLOG") == procfs.isInInitialPIDNamespace)
        #expect(throws: SystemCallError.self) { try KernelLog(path: "/nonexistent") }
    }

    /// From now on, and without waiting.
    @Test func theLogOfThisHost() throws {
        guard case .success(let log) = KernelLog.opened() else { return }
        var records: [KernelLogRecord] = []
        log.read(most: 64, for: .seconds(1)) { records.append($0) }
        #expect(records.count <= 64)
        for (one, next) in zip(records, records.dropFirst()) { #expect(one.sequence < next.sequence) }
    }
}
