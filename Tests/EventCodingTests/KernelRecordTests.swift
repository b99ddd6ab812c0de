import CEventABI
import EventCoding
import EventModel
import Testing

/// Records as the kernel programs write them: made from the C structures, not by the encoder.
@Suite struct KernelRecordTests {
    private func header(_ type: culprit_type, flags: UInt32 = 0, size: Int) -> culprit_header {
        culprit_header(
            size: UInt32(size), type: UInt16(type.rawValue), flags: UInt16(flags), time_ns: 7, start_ns: 8, pid: 9,
            tid: 10, cgroup: 11)
    }

    private func bytes<Layout: BitwiseCopyable>(_ layout: Layout, tail: [UInt8] = []) -> [UInt8] {
        let padding = [UInt8](repeating: 0, count: (8 - tail.count % 8) % 8)
        return withUnsafeBytes(of: layout) { Array($0) } + tail + padding
    }

    @Test func sizesAreThoseOfTheWire() {
        #expect(MemoryLayout<culprit_header>.size == 40 && RecordHeader.minimumSize == 40)
        #expect(MemoryLayout<culprit_fork>.size == 64)
        #expect(MemoryLayout<culprit_exec>.size == 72)
        #expect(MemoryLayout<culprit_exit>.size == 48)
        #expect(MemoryLayout<culprit_signal>.size == 72)
        #expect(MemoryLayout<culprit_oom_victim>.size == 104)
        #expect(MemoryLayout<culprit_socket>.size == 72)
        #expect(MemoryLayout<culprit_cgroup>.size == 56)
        #expect(MemoryLayout<culprit_task>.size == 80)
        #expect(MemoryLayout<culprit_header>.offset(of: \.time_ns) == 8)
        #expect(UserRecordType.host.rawValue == UInt16(CULPRIT_FIRST_USER_TYPE.rawValue))
    }

    @Test func exec() throws {
        let path = Array("./run.sh".utf8)
        let exe = Array("bash\0bin\0usr\0".utf8)
        let argv = Array("sh\0-c\0".utf8)
        let environment = Array("AI_AGENT=x\0CLAUDECODE=1\0".utf8)
        var raw = culprit_exec()
        raw.header = header(CULPRIT_EXEC, flags: CULPRIT_EXEC_ENV_UNREADABLE.rawValue, size: 72 + 56)
        raw.ppid = 1
        raw.uid = 1000
        raw.old_tid = 12
        raw.argv_total = UInt32(argv.count)
        raw.argv_head_len = UInt16(argv.count)
        raw.path_len = UInt16(path.count)
        raw.exe_len = UInt16(exe.count)
        raw.env_len = UInt16(environment.count)
        let event = try decoded(bytes(raw, tail: path + exe + argv + environment))
        let image = ExecImage(
            path: "./run.sh", exe: "/usr/bin/bash", argv: ArgumentVector(words: ["sh", "-c"]),
            markers: [
                EnvironmentMarker(name: "AI_AGENT", value: "x"), EnvironmentMarker(name: "CLAUDECODE", value: "1"),
            ])
        #expect(event.process == ProcessKey(pid: 9, start: BootTime(nanoseconds: 8)))
        #expect(event.thread == 10)
        #expect(event.source == .bpf)
        #expect(
            event.body
                == .exec(Exec(image: image, parentPID: 1, uid: 1000, formerThread: 12, environmentIncomplete: true)))
    }

    @Test func aTaskThatWasRunning() throws {
        var raw = culprit_task()
        raw.header = header(CULPRIT_TASK, flags: CULPRIT_TASK_KERNEL_THREAD.rawValue, size: 80)
        raw.parent_start_ns = 5
        raw.ppid = 2
        raw.uid = 0
        withUnsafeMutableBytes(of: &raw.comm) { $0.copyBytes(from: "kworker/0:1".utf8) }
        let expected = ProcessSeen(
            parent: ProcessKey(pid: 2, start: BootTime(nanoseconds: 5)), uid: 0, comm: "kworker/0:1",
            isKernelThread: true)
        #expect(try decoded(bytes(raw)).body == .seen(expected))
        withUnsafeMutableBytes(of: &raw.comm) { $0.copyBytes(from: Array(repeating: UInt8(ascii: "x"), count: 16)) }
        raw.ppid = 0
        guard case .seen(let seen) = try decoded(bytes(raw)).body else { return }
        #expect(seen.comm == String(repeating: "x", count: 16))
        #expect(seen.parent == nil)
    }

    /// Flags, si_code, and whose act that is.
    static let origins: [(UInt32, Int32, SignalSent.Origin)] = [
        (0, 0, .process), (0, -1, .process), (0, -6, .process), (0, -3, .process), (1, 0, .process),
        (0, 1, .kernel), (0, 0x80, .kernel), (0, -2, .kernel), (0, -4, .kernel), (0, -5, .kernel),
        (4, 0x80, .kernel), (4, 0, .kernel), (2, 0, .onBehalf), (8, 0, .process), (2 | 8, 0, .parentDeath),
        (16, 0, .outside), (16 | 2 | 8, 0, .outside), (16 | 4, 0x80, .kernel), (16, 0x80, .kernel),
        (32, -2, .process), (32, 0x80, .process), (32 | 16, -2, .outside),
    ]

    @Test(arguments: origins) func whoseActASignalWas(flags: UInt32, code: Int32, origin: SignalSent.Origin) throws {
        var raw = culprit_signal()
        raw.header = header(CULPRIT_SIGNAL, flags: flags, size: 72)
        raw.code = code
        raw.number = 15
        raw.result = 77
        raw.disposition = 200
        guard case .signal(let signal) = try decoded(bytes(raw)).body else { return }
        #expect(signal.origin == origin)
        #expect(signal.signal == .terminate)
        #expect(signal.result == .unknown)
        #expect(signal.disposition == .unknown)
    }

    @Test func socketsOfAllSteps() throws {
        let steps: [(culprit_type, SocketChange.Step)] = [
            (CULPRIT_BIND_ATTEMPT, .attempt), (CULPRIT_BOUND, .bound), (CULPRIT_LISTEN, .listening),
            (CULPRIT_UNLISTEN, .closed),
        ]
        for (type, step) in steps {
            var raw = culprit_socket()
            raw.header = header(type, flags: CULPRIT_FROM_PROCFS.rawValue, size: 72)
            withUnsafeMutableBytes(of: &raw.address) { $0.copyBytes(from: [127, 0, 0, 1, 9, 9]) }
            raw.family = 2
            raw.port = 8080
            raw.protocol = 6
            let event = try decoded(bytes(raw))
            guard case .socket(let change) = event.body else { return }
            #expect(event.source == .procfs)
            #expect(change.step == step)
            #expect(change.endpoint.description == "127.0.0.1:8080")
        }
    }
}

@Suite struct UsageTableTests {
    private func entry(_ pid: UInt32, cpu: UInt64, wait: UInt64 = 0, flags: UInt32 = 0, kib: UInt32 = 0) -> [UInt8] {
        let raw = culprit_process_usage(
            start_ns: 7, cpu_ns: cpu, wait_ns: wait, pid: pid, flags: flags, anon_kib: kib, file_kib: 0, shmem_kib: 0,
            swap_kib: 0,
            page_table_kib: 0, oom_score_adj: -1000)
        return withUnsafeBytes(of: raw) { Array($0) }
    }

    @Test func threadsAddToTheirProcess() {
        let bytes =
            entry(5, cpu: 1_000, flags: 1, kib: 8) + entry(5, cpu: 2_500, flags: 2) + entry(9, cpu: 99, flags: 2)
            + entry(6, cpu: 0) + entry(5, cpu: 1, kib: 99) + [1, 2, 3]
        var (usages, places): ([ProcessUsage], [Int32: Int]) = ([], [:])
        let beyond = bytes.withUnsafeBytes { EventDecoder.readUsages($0, into: &usages, places: &places, limit: 10) }
        #expect(beyond == 0 && usages.map(\.process.pid) == [5, 6])
        #expect(usages[0].cpu == 3 && usages[0].isInScope && usages[0].anonymousKiB == 8)
        #expect(usages[0].oomScoreAdjustment == -1000 && !usages[1].isInScope)
    }

    /// Where the kernel tells it.
    @Test func whatThreadsWaitedAddsUp() {
        let bytes =
            entry(5, cpu: 0, wait: 7_000_000, flags: 4) + entry(5, cpu: 0, wait: 5_999_999, flags: 6)
            + entry(6, cpu: 0, wait: 9_000_000)
        var (usages, places): ([ProcessUsage], [Int32: Int]) = ([], [:])
        _ = bytes.withUnsafeBytes { EventDecoder.readUsages($0, into: &usages, places: &places, limit: 10) }
        #expect(usages.map(\.waited) == [12, nil])
    }

    @Test func noMoreThanTheLimit() {
        var (usages, places): ([ProcessUsage], [Int32: Int]) = ([], [:])
        let bytes = (UInt32(1)...20).flatMap { entry($0, cpu: 0) }
        let beyond = bytes.withUnsafeBytes { EventDecoder.readUsages($0, into: &usages, places: &places, limit: 5) }
        #expect(beyond == 15 && usages.count == 5)
    }
}
