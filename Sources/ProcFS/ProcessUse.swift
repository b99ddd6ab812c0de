public import EventModel
import Glibc

/// What one process takes at this moment, by `/proc/PID/status` and `/proc/PID/stat`.
public struct ProcessUse: Hashable, Sendable {
    /// Bytes.
    public var resident: UInt64
    public var swapped: UInt64
    /// Its own time on a CPU and that of the children it has waited for.
    public var cpu: Interval
}

extension ProcFS {
    /// Of each process that is still there, by the key that was asked for; a later holder of the pid is left out.
    public func use(of processes: [ProcessKey]) -> [ProcessKey: ProcessUse] {
        guard let proc = try? Directory(path: root) else { return [:] }
        let ticksPerSecond = UInt64(clamping: max(1, sysconf(Int32(_SC_CLK_TCK))))
        var found: [ProcessKey: ProcessUse] = [:]
        for key in processes {
            guard let process = try? Directory("\(key.pid)", in: proc),
                let text = try? process.contents(of: "stat", limit: 4096),
                let stat = ProcessStat(parsing: text.bytes[...]),
                stat.startTicks == key.start.ticks,
                let status = try? process.contents(of: "status", limit: 64 * 1024)
            else { continue }
            let ticks = ProcessUse.cpuTicks(inStat: text.bytes[...])
            let (resident, swapped) = ProcessUse.memory(inStatus: status.bytes[...])
            let (nanoseconds, overflow) = ticks.multipliedReportingOverflow(by: 1_000_000_000 / ticksPerSecond)
            found[key] = ProcessUse(
                resident: resident, swapped: swapped, cpu: Interval(nanoseconds: overflow ? .max : nanoseconds))
        }
        return found
    }
}

extension ProcessUse {
    /// utime, stime, cutime and cstime of proc_pid_stat(5), added up; 0 where they are not there.
    static func cpuTicks(inStat text: ArraySlice<UInt8>) -> UInt64 {
        guard let close = text.lastIndex(of: UInt8(ascii: ")")) else { return 0 }
        let fields = text[(close + 1)...].split(separator: .space)
        // The state is the third field of the file and the first here.
        guard fields.count > 15 else { return 0 }
        return fields[11...14].reduce(0) { sum, field in sum &+ (ArraySlice(field).decimal(UInt64.self) ?? 0) }
    }

    /// `VmRSS:` and `VmSwap:` in bytes; a kernel thread and one that has ended have neither.
    static func memory(inStatus text: ArraySlice<UInt8>) -> (resident: UInt64, swapped: UInt64) {
        var (resident, swapped): (UInt64, UInt64) = (0, 0)
        var rest = text
        while let line = rest.next(until: .newline) {
            guard line.starts(with: "Vm".utf8), let colon = line.firstIndex(of: .colon) else { continue }
            let kibibytes: UInt64? = line[(colon + 1)...].words.first?.decimal()
            let bytes = (kibibytes ?? 0).multipliedReportingOverflow(by: 1024)
            switch line[..<colon].text {
            case "VmRSS": resident = bytes.overflow ? .max : bytes.partialValue
            case "VmSwap": swapped = bytes.overflow ? .max : bytes.partialValue
            default: continue
            }
        }
        return (resident, swapped)
    }
}
