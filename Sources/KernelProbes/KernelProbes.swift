import CEventABI
import CProbeLoader
public import EventModel
import Glibc

/// The kernel programs, loaded and attached: where events come from, on a kernel that allows it.
///
/// Records are handed out in the order of CLOCK_BOOTTIME, as bytes in the layout of `event.h`. One thread at a time may use it.
public final class KernelProbes {
    let handle: OpaquePointer
    private let flood = RecordBatch(capacity: 1 << 20)
    private let decisive = RecordBatch(capacity: 1 << 18)
    private var order: [RecordBatch.Position] = []
    /// Records of the decisive ring that were handed out so far. It is small: while many come, nothing else may take time.
    public private(set) var decisiveCount: UInt64 = 0
    private var lossesBefore: [Loss.Kind: UInt64] = [:]

    /// Loads and attaches what this kernel takes. `markers` are names of environment variables that may be recorded, each
    /// shorter than 32 bytes; `cgroupRoot` is the mount point of the unified hierarchy, where there is one.
    public init(markers: [String], cgroupRoot: String?) throws(ProbesUnavailable) {
        var settings = Self.settings()
        var opened: OpaquePointer?
        var why = [CChar](repeating: 0, count: Int(CULPRIT_WHY_MAX.rawValue))
        let names = markers.filter { $0.utf8.count < Int(CULPRIT_MARKER_NAME_MAX.rawValue) }
        let error = Self.withCStrings(names) { names in
            Self.withOmissions { omissions in
                culprit_probes_open(&settings, names.baseAddress, names.count, cgroupRoot, omissions, &opened, &why)
            }
        }
        guard error == 0, let opened else {
            throw ProbesUnavailable(errno: -error, why: Self.string(why))
        }
        handle = opened
        order.reserveCapacity(4096)
    }

    deinit { culprit_probes_close(handle) }

    /// Becomes readable when much waits or something decisive happened; otherwise look several times a second.
    public var descriptor: Int32 { culprit_probes_descriptor(handle) }

    /// Hands out, in order, every record up to `watermark`; later ones are kept, since an earlier one may still be on its
    /// way from another CPU. A watermark a few milliseconds ago is right. Comes back after a while even when more happens
    /// than can be taken: the caller has other things to look after.
    public func drain(upTo watermark: BootTime, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        for _ in 0..<Self.roundsAtOnce {
            try fillBatches()
            // A full batch must be emptied, whatever the time: up to its last record, so that the order of both holds.
            let limit = [flood, decisive].filter(\.isFull).map(\.latest).min()
            try deliver(upTo: limit ?? watermark, body)
            if limit == nil { return }
        }
    }

    /// 16 MiB of the flood: four times what its ring holds.
    private static let roundsAtOnce = 16

    private func fillBatches() throws(SystemCallError) {
        var flood = culprit_batch(bytes: self.flood.bytes, capacity: self.flood.capacity, used: self.flood.used)
        var decisive = culprit_batch(
            bytes: self.decisive.bytes, capacity: self.decisive.capacity, used: self.decisive.used)
        let error = culprit_probes_drain(handle, &flood, &decisive)
        self.flood.used = flood.used
        self.decisive.used = decisive.used
        guard error == 0 else {
            throw SystemCallError(call: "ring_buffer__consume", object: "BPF rings", errno: -error)
        }
    }

    /// Decisive records that are held back, in the order of arrival.
    func waitingDecisive(_ body: (UnsafeRawBufferPointer) -> Void) { decisive.forEachRecord(body) }

    private func deliver(upTo limit: BootTime, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        order.removeAll(keepingCapacity: true)
        flood.list(upTo: limit, lane: 0, into: &order)
        let fromFlood = order.count
        decisive.list(upTo: limit, lane: 1, into: &order)
        decisiveCount &+= UInt64(order.count - fromFlood)
        order.sort { $0.time < $1.time }
        for position in order {
            try body(position.lane == 0 ? flood[position] : decisive[position])
        }
        flood.keep(after: limit)
        decisive.keep(after: limit)
    }

    /// Events lost since the last call, by what they would have been; empty when none were.
    public func newLosses() throws(SystemCallError) -> [Loss] {
        var counts = [UInt64](repeating: 0, count: Self.counted.count)
        let error = culprit_probes_losses(handle, &counts)
        guard error == 0 else { throw SystemCallError(call: "bpf_map_lookup_elem", object: "losses", errno: -error) }
        var totals: [Loss.Kind: UInt64] = [:]
        for (kind, count) in zip(Self.counted, counts) { totals[kind, default: 0] += count }
        for probe in probes { totals[Loss.Kind(source: probe.kind, why: .reentered), default: 0] += probe.missed }
        defer { lossesBefore = totals }
        return totals.compactMap { kind, total in
            let new = total - min(total, lossesBefore[kind] ?? 0)
            return new > 0 ? Loss(kind: kind, count: new) : nil
        }
        .sorted { $0.kind.source < $1.kind.source }
    }

    /// Events of one kind that were not recorded.
    public struct Loss: Hashable, Sendable {
        public var kind: Kind
        public var count: UInt64

        public struct Kind: Hashable, Sendable {
            public var source: String
            public var why: Reason
        }

        public enum Reason: String, Hashable, Sendable {
            case ringFull = "the ring was full: more happened at once than it holds"
            case reentered = "the kernel did not run the program, because it was running already"
            case unread = "something was sent to or by a manager or a bus in a way whose bytes cannot be read"
        }
    }

    /// In the order of `enum culprit_program`.
    private static let counted =
        ["fork", "exec", "exit", "signal", "oom", "socket", "cgroup", "manager-call"].map {
            Loss.Kind(source: "bpf:" + $0, why: .ringFull)
        } + [Loss.Kind(source: "bpf:manager-call", why: .unread)]

    /// Whether `usage` works on this kernel.
    public private(set) lazy var hasUsage = statuses.contains { $0.name == "bpf:usage" && $0.state == .active }

    /// Whether `unixListeners` works on this kernel.
    public private(set) lazy var hasUnixListeners = statuses.contains { $0.name == "bpf:unix" && $0.state == .active }

    /// Each kind of event, whether it is recorded, and by which hook or why not.
    public var statuses: [SourceStatus] { ProbeState.statuses(of: probes) }

    private var probes: [ProbeState] {
        var list: UnsafePointer<culprit_probe>?
        let count = culprit_probes_list(handle, &list)
        return UnsafeBufferPointer(start: list, count: count).map { probe in
            ProbeState(
                program: String(cString: probe.name), hook: String(cString: probe.hook),
                isAttached: probe.attached != 0, missed: probe.missed,
                why: withUnsafeBytes(of: probe.why) { Self.string(Array($0.bindMemory(to: CChar.self))) })
        }
    }
}

/// BPF cannot be used here, and why.
public struct ProbesUnavailable: Error, Hashable, Sendable {
    public var errno: Int32
    public var why: String

    public var isPermission: Bool { errno == EPERM || errno == EACCES }
}

extension KernelProbes {
    /// Inode of the initial pid namespace, a constant of the kernel's (PROC_PID_INIT_INO).
    private static let initialNamespace: UInt64 = 0xEFFF_FFFC

    private static func settings() -> culprit_settings {
        var status = stat()
        let found = stat("/proc/self/ns/pid", &status) == 0
        let isInitial = !found || status.st_ino == initialNamespace
        return culprit_settings(
            in_initial_namespace: isInitial ? 1 : 0, namespace_inode: UInt32(truncatingIfNeeded: status.st_ino),
            page_kib: UInt32(clamping: sysconf(Int32(_SC_PAGESIZE)) / 1024), reserved: 0)
    }

    private static func string(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Set to anything but the empty text or 0, it leaves the program of manager calls out: so a test sees what is known
    /// without it. Every report says that it was.
    public static let hidingVariable = "CULPRIT_HIDE_MANAGER_CALLS"

    /// What the environment of this process says is not to be loaded.
    private static func withOmissions<R>(_ body: (UnsafePointer<culprit_omission>?) -> R) -> R {
        guard let value = getenv(hidingVariable), !["", "0"].contains(String(cString: value)) else { return body(nil) }
        let texts = ["handle_manager_call", "handle_manager_call_unix", "switched off by " + hidingVariable]
        return withCStrings(texts) { texts in
            body([
                culprit_omission(name: texts[0], why: texts[2]), culprit_omission(name: texts[1], why: texts[2]),
                culprit_omission(),
            ])
        }
    }

    private static func withCStrings<R>(
        _ strings: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> R
    ) -> R {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return copies.map { UnsafePointer($0) }.withUnsafeBufferPointer(body)
    }
}
