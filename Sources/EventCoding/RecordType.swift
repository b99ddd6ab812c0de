internal import CEventABI

// Record types that the collector itself makes; the kernel's are in event.h.
//
// A user record is `struct culprit_header` (event.h: native byte order) and a body. In the body
//
//   u32, u64, i32, i64   little-endian, at whatever alignment they fall
//   str                  u32 length in bytes, then that many bytes of UTF-8, no NUL at the end
//   bytes                u32 length, then that many bytes
//
// The body starts with `u32 source` (Source.rawValue). The record ends with zeros up to a multiple of 8; a reader
// ignores what follows the last field it knows, so fields may be added at the end. header.flags are 0 unless stated.
//
//   HOST 64            str name, str machine id, str boot id, str kernel, i64 wall offset ns, u64 collector start ns,
//                      i32 collector pid, str version
//   CLOCK 65           i64 wall offset ns
//   SOURCE 66          u32 state (SourceStatus.State.rawValue), str name, str why
//   GAP 67             u64 from ns, u64 to ns, u64 lost, str source, str why
//   SEEN 68            u32 flags, u64 parent start ns, i32 parent pid, i32 inner pid, u32 uid, str comm; with
//                      HAS_IMAGE also str path, [str exe], [str cwd], u64 argv bytes in all, bytes argv head,
//                      bytes argv tail, u32 count of markers, and for each str name, str value
//       flags          1 kernel thread, 2 parent known, 4 inner pid known, 8 HAS_IMAGE, 16 exe known, 32 cwd known,
//                      64 argv unreadable
//   CONFIGURATION 69   str YAML
//   JOURNAL 70         u32 flags, u32 writer (0 other, 1 manager, 2 kernel, 3 component), u32 priority, i32 writer pid,
//                      str component, str message id, str message, str identifier, then, as flagged, scope of the
//                      writer, unit, str invocation; u32 count of fields, and for each str name, str value
//       flags          1 writer pid known, 2 message id, 4 identifier, 8 priority, 16 unit, 32 invocation
//   UNIT 71            unit, u32 flags, str load, str active, str sub, then, as flagged and in the order of the bits,
//                      str result, str invocation, (u64 start ns, i32 pid) of the main process, u32 wait status,
//                      u64 ended at ns, str restart policy, u32 job, u64 memory max, i32 oom_score_adj,
//                      u64 watchdog ns, str cgroup, str service type; then u32 restarts, u32 count of files, each str, u32 count of
//                      relations, each u32 kind, str other
//   JOB 72             unit, u32 id, u32 step (0 queued, 1 removed), u32 whether a type is known, str type, str result
//   MANAGER_MESSAGE 73 u32 kind, u32 flags, u32 serial, u32 reply serial, u64 socket, u64 peer socket, u64 peer start ns,
//                      i32 peer pid, str address, then, as flagged, str destination, str sender, str path,
//                      str interface, str member, str error name; u32 count of arguments, and for each u32 form
//                      (0 text, 1 number, 2 flag, 3 list), then str, i64, u32, or u32 count and each str
//       flags          1 reply serial, 2 peer, 4 cut, 8 destination, 16 sender, 32 path, 64 interface, 128 member,
//                      256 error name, 512 from the listener
//   REGISTRATION 85    u64 root start ns, i32 root pid, u32 flags, str agent, str session, str hook
//       flags          1 agent known, 2 session known, 4 the session is over
//   HOST_SAMPLE 90     u32 reason (SampleReason.rawValue), u32 flags, then, as flagged and in the order of the bits, stalls
//                      (cpu, memory, io), four u64 of KiB (total, available, swap in all, swap free), u32 CPUs
//       flags          1 cpu, 2 memory, 4 io, 8 the four amounts, 16 the CPUs
//       stall          u32 some and u32 full of the last 10 s in 1/100 %, u64 some and u64 full in us since boot
//   CGROUP_SAMPLES 91  u32 reason, u32 omitted, u32 count, and for each u64 cgroup, u32 flags, then, as flagged, u64 memory,
//                      u64 limit, u64 cpu us, 4 u64 of events (high, max, oom, oom_kill), u64 read, u64 written, three stalls,
//                      u64 throttled us
//       flags          1 memory, 2 limit, 4 cpu, 8 events, 16 io, 32 stall of memory, 64 of cpu, 128 of io, 256 throttled
//   PROCESS_SAMPLES 92 u32 reason, u32 whether there is a scope, u64 scope, u32 unlisted, u32 unvisited, u64 unlisted KiB,
//                      u32 count, and for each i32 pid, u64 start ns, u32 KiB each of anonymous, file, shared, swap and
//                      page tables, u64 cpu us, i16 oom_score_adj, u16 flags (1 in scope, 2 u32 ms waited follow)
//   PROCESS_HOLDINGS 94 u32 omitted, u32 count, and for each i32 pid, u64 start ns, u64 KiB resident, u64 KiB swapped out, u32
//                      each of descriptors, sockets, pipes, files and deleted files, u32 flags (1 there were more descriptors)
//   OOM_DUMP 93        i32 victim pid, u32 flags, u64 took ns, str name of the cgroup, u32 unlisted, u64 unlisted KiB,
//                      u32 count, and for each i32 pid, u32 KiB each of anonymous, file, shared, swap and page tables,
//                      i16 oom_score_adj, u16 0
//       flags          1 of a cgroup, 2 resident memory is told by kind
//   UNIT_FILE 86       u32 step (UnitFileChange.Step.rawValue), u32 whether of one manager, scope of it (else of the system),
//                      i32 writer pid, str path, u32 flags, then, as flagged, what the file says of memory, and what it said
//                      before; older records end behind the path
//       flags          1 it was read, 2 it is known what it said before
//       of memory      of MemoryMax=, MemoryLimit= and MemoryHigh= each u32 form (0 not there, 1 bytes, 2 unlimited, 3 a
//                      share), u64 bytes
//   UNIX_SOCKET 97     u32 step (UnixSocketChange.Step.rawValue), u32 whether a time is known, u64 socket, u64 place, u64 changed
//                      at ns, str name
//       scope          u32 1 and u32 uid for a user's manager, u32 0 and u32 0 for the system's
//       unit           scope, str name
//
// Text beyond `EventEncoder.longestText` (the YAML: beyond the largest record) is cut and ends in `…`.

/// Types from CULPRIT_FIRST_USER_TYPE on.
public enum UserRecordType: UInt16, Hashable, Sendable, CaseIterable {
    case host = 64
    case clock = 65
    case source = 66
    case gap = 67
    case seen = 68
    case configuration = 69
    case journal = 70
    case unit = 71
    case job = 72
    case managerMessage = 73
    case registration = 85
    case hostSample = 90
    case cgroupSamples = 91
    case processSamples = 92
    case processHoldings = 94
    case oomDump = 93
    case unitFile = 86
    case unixSocket = 97
}

/// Bits of a SEEN record.
struct SeenFlags: OptionSet {
    var rawValue: UInt32
    static let kernelThread = SeenFlags(rawValue: 1)
    static let parent = SeenFlags(rawValue: 2)
    static let innerPID = SeenFlags(rawValue: 4)
    static let image = SeenFlags(rawValue: 8)
    static let exe = SeenFlags(rawValue: 16)
    static let cwd = SeenFlags(rawValue: 32)
    static let argvUnreadable = SeenFlags(rawValue: 64)
}

/// Bits of a JOURNAL record.
struct JournalFlags: OptionSet {
    var rawValue: UInt32
    static let writerPID = JournalFlags(rawValue: 1)
    static let messageID = JournalFlags(rawValue: 2)
    static let identifier = JournalFlags(rawValue: 4)
    static let priority = JournalFlags(rawValue: 8)
    static let unit = JournalFlags(rawValue: 16)
    static let invocation = JournalFlags(rawValue: 32)
}

/// Bits of a UNIT record.
struct UnitFlags: OptionSet {
    var rawValue: UInt32
    static let result = UnitFlags(rawValue: 1)
    static let invocation = UnitFlags(rawValue: 2)
    static let main = UnitFlags(rawValue: 4)
    static let mainStatus = UnitFlags(rawValue: 8)
    static let mainEndedAt = UnitFlags(rawValue: 16)
    static let restartPolicy = UnitFlags(rawValue: 32)
    static let job = UnitFlags(rawValue: 64)
    static let memoryMax = UnitFlags(rawValue: 128)
    static let oomScoreAdjustment = UnitFlags(rawValue: 256)
    static let watchdog = UnitFlags(rawValue: 512)
    static let cgroup = UnitFlags(rawValue: 1024)
    static let type = UnitFlags(rawValue: 2048)
}

/// Bits of a UNIT_FILE record.
struct UnitFileFlags: OptionSet {
    var rawValue: UInt32
    static let settings = UnitFileFlags(rawValue: 1)
    static let settingsBefore = UnitFileFlags(rawValue: 2)
}

/// Bits of a HOST_SAMPLE record.
struct HostSampleFlags: OptionSet {
    var rawValue: UInt32
    static let cpu = HostSampleFlags(rawValue: 1)
    static let memory = HostSampleFlags(rawValue: 2)
    static let io = HostSampleFlags(rawValue: 4)
    static let amounts = HostSampleFlags(rawValue: 8)
    static let cpus = HostSampleFlags(rawValue: 16)
}

/// Bits of an entry of a CGROUP_SAMPLES record.
struct CgroupUsageFlags: OptionSet {
    var rawValue: UInt32
    static let memory = CgroupUsageFlags(rawValue: 1)
    static let limit = CgroupUsageFlags(rawValue: 2)
    static let cpu = CgroupUsageFlags(rawValue: 4)
    static let events = CgroupUsageFlags(rawValue: 8)
    static let io = CgroupUsageFlags(rawValue: 16)
    static let memoryStall = CgroupUsageFlags(rawValue: 32)
    static let cpuStall = CgroupUsageFlags(rawValue: 64)
    static let ioStall = CgroupUsageFlags(rawValue: 128)
    static let throttled = CgroupUsageFlags(rawValue: 256)
}

/// Bits of an OOM_DUMP record.
struct OOMDumpFlags: OptionSet {
    var rawValue: UInt32
    static let cgroup = OOMDumpFlags(rawValue: 1)
    static let kinds = OOMDumpFlags(rawValue: 2)
}

/// Bits of a MANAGER_MESSAGE record.
struct MessageFlags: OptionSet {
    var rawValue: UInt32
    static let replySerial = MessageFlags(rawValue: 1)
    static let peer = MessageFlags(rawValue: 2)
    static let cut = MessageFlags(rawValue: 4)
    static let destination = MessageFlags(rawValue: 8)
    static let sender = MessageFlags(rawValue: 16)
    static let path = MessageFlags(rawValue: 32)
    static let interface = MessageFlags(rawValue: 64)
    static let member = MessageFlags(rawValue: 128)
    static let errorName = MessageFlags(rawValue: 256)
    static let fromListener = MessageFlags(rawValue: 512)
}

/// `enum culprit_type` at the width it has on the wire; equality is what the decoder switches on.
struct KernelRecordType: RawRepresentable, Hashable {
    var rawValue: UInt16
    init(rawValue: UInt16) { self.rawValue = rawValue }
    private init(_ type: culprit_type) { rawValue = UInt16(truncatingIfNeeded: type.rawValue) }

    static var fork: Self { Self(CULPRIT_FORK) }
    static var exec: Self { Self(CULPRIT_EXEC) }
    static var exit: Self { Self(CULPRIT_EXIT) }
    static var signal: Self { Self(CULPRIT_SIGNAL) }
    static var oomVictim: Self { Self(CULPRIT_OOM_VICTIM) }
    static var bindAttempt: Self { Self(CULPRIT_BIND_ATTEMPT) }
    static var bound: Self { Self(CULPRIT_BOUND) }
    static var listen: Self { Self(CULPRIT_LISTEN) }
    static var unlisten: Self { Self(CULPRIT_UNLISTEN) }
    static var cgroupMade: Self { Self(CULPRIT_CGROUP_MADE) }
    static var cgroupRemoved: Self { Self(CULPRIT_CGROUP_REMOVED) }
    static var cgroupMoved: Self { Self(CULPRIT_CGROUP_MOVED) }
    static var task: Self { Self(CULPRIT_TASK) }
    /// Never in a recording; see `EventDecoder.managerMessages`.
    static var busBytes: Self { Self(CULPRIT_BUS_BYTES) }

    static let all: [Self] = [
        fork, exec, exit, signal, oomVictim, bindAttempt, bound, listen, unlisten, cgroupMade, cgroupRemoved,
        cgroupMoved, task, busBytes,
    ]
}

/// `enum culprit_flag` at the width it has in the header.
struct RecordFlags: OptionSet {
    var rawValue: UInt16
    init(rawValue: UInt16) { self.rawValue = rawValue }
    private init(_ flag: culprit_flag) { rawValue = UInt16(truncatingIfNeeded: flag.rawValue) }

    static var fromProcFS: Self { Self(CULPRIT_FROM_PROCFS) }
    static var forkSibling: Self { Self(CULPRIT_FORK_SIBLING) }
    static var argvCut: Self { Self(CULPRIT_EXEC_ARGV_CUT) }
    static var argvUnreadable: Self { Self(CULPRIT_EXEC_ARGV_UNREADABLE) }
    static var pathCut: Self { Self(CULPRIT_EXEC_PATH_CUT) }
    static var exeCut: Self { Self(CULPRIT_EXEC_EXE_CUT) }
    static var environmentCut: Self { Self(CULPRIT_EXEC_ENV_CUT) }
    static var environmentUnreadable: Self { Self(CULPRIT_EXEC_ENV_UNREADABLE) }
    static var statusUnknown: Self { Self(CULPRIT_EXIT_STATUS_UNKNOWN) }
    static var noInfo: Self { Self(CULPRIT_SIGNAL_NO_INFO) }
    static var kernelPrivate: Self { Self(CULPRIT_SIGNAL_PRIVATE) }
    static var senderExiting: Self { Self(CULPRIT_SIGNAL_SENDER_EXITING) }
    static var outside: Self { Self(CULPRIT_SIGNAL_OUTSIDE) }
    static var fromCall: Self { Self(CULPRIT_SIGNAL_FROM_CALL) }
    static var kernelThread: Self { Self(CULPRIT_TASK_KERNEL_THREAD) }
    static var fromListener: Self { Self(CULPRIT_BUS_FROM_LISTENER) }
}
