public import EventModel
import Glibc

extension ProcFS {
    /// How short of memory, CPU and I/O the machine is now; what is not there is nil.
    public func hostSample(_ reason: SampleReason) -> HostSample {
        HostSample(
            reason: reason, cpu: stall("cpu"), memory: stall("memory"), io: stall("io"),
            amounts: FileText.read(root + "/meminfo", limit: 16 * 1024).flatMap {
                HostSample.Amounts(parsingMeminfo: $0[...])
            }, cpus: UInt32(exactly: sysconf(Int32(_SC_NPROCESSORS_ONLN))).flatMap { $0 > 0 ? $0 : nil })
    }

    private func stall(_ name: String) -> Stall? {
        FileText.read(root + "/pressure/" + name, limit: 4096).flatMap { Pressure(parsing: $0[...]) }.map { Stall($0) }
    }
}

/// What `/proc/PID/statm` says of a process (proc_pid_statm(5)), in pages.
public struct ProcessMemory: Hashable, Sendable {
    public var resident: UInt64
    /// Of files and shared memory, in `resident` as well.
    public var shared: UInt64

    public init?(parsing text: ArraySlice<UInt8>) {
        guard text.last == .newline else { return nil }
        let words = text.dropLast().words
        guard words.count >= 3, let resident = words[1].decimal(UInt64.self), let shared = words[2].decimal(UInt64.self)
        else { return nil }
        self.resident = resident
        self.shared = shared
    }
}
