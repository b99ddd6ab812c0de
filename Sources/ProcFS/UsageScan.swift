public import EventModel
import Glibc

/// What processes hold, by `/proc/PID/statm` and `stat`, within a budget of time: those that were large at the last look are
/// looked at first, then the others where it stopped the last time.
///
/// Resident and shared pages and CPU time; not swap, which `/proc` tells for a much higher price.
public struct UsageScan: Sendable {
    private let procfs: ProcFS
    private let pageKiB: UInt64
    /// Large ones that are looked at each time.
    private var large: [Int32: ProcessUsage] = [:]
    private var waiting: [Int32] = []
    /// Most large ones that are remembered.
    private static let capacity = 4096
    private static let floorKiB: UInt64 = 1024

    public init(_ procfs: ProcFS) {
        self.procfs = procfs
        pageKiB = UInt64(clamping: sysconf(Int32(_SC_PAGESIZE)) / 1024)
    }

    /// The large ones, and how many of all were not looked at this time.
    public mutating func look(for budget: Interval) throws(SystemCallError) -> (usages: [ProcessUsage], unvisited: Int)
    {
        let end = ProcFS.boottimeNow() + budget
        let directory = try Directory(path: procfs.root)
        for pid in Array(large.keys) { large[pid] = usage(of: pid, in: directory) }
        if waiting.isEmpty { waiting = try ProcPass(procfs, markers: []).pids().reversed() }
        // At least some, so that everybody comes to his turn.
        var least = 64
        while least > 0 || ProcFS.boottimeNow() < end, let pid = waiting.popLast() {
            least -= 1
            guard large[pid] == nil, large.count < Self.capacity else { continue }
            large[pid] = usage(of: pid, in: directory)
        }
        return (Array(large.values), waiting.count)
    }

    /// Nil for what is small, gone, or a kernel thread.
    private func usage(of pid: Int32, in directory: borrowing Directory) -> ProcessUsage? {
        guard let text = try? directory.contents(of: "\(pid)/statm", limit: 256).bytes,
            let memory = ProcessMemory(parsing: text[...]),
            memory.resident.multipliedReportingOverflow(by: pageKiB).partialValue >= Self.floorKiB,
            let stat = (try? ProcPass.stat(at: "\(pid)/stat", in: directory)) ?? nil
        else { return nil }
        let own = memory.resident > memory.shared ? memory.resident - memory.shared : 0
        return ProcessUsage(
            process: stat.key,
            anonymousKiB: UInt32(clamping: own.multipliedReportingOverflow(by: pageKiB).partialValue),
            fileKiB: UInt32(clamping: memory.shared.multipliedReportingOverflow(by: pageKiB).partialValue),
            cpu: stat.cpuTicks.multipliedReportingOverflow(by: 10_000).partialValue)
    }
}
