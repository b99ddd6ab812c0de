import CEventABI
import CProbeLoader
import EventCoding
public import EventModel
import Glibc

// Walks over the kernel's own list of tasks.
extension KernelProbes {
    /// What runs now, as `struct culprit_task` records. Call it once, after the probes are attached.
    public func runningTasks() throws(SystemCallError) -> [UInt8] {
        var bytes: [UInt8] = []
        try read(culprit_probes_open_tasks(handle), "iter/task") { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// What every process holds and has used now, at most `limit` of them; how many were beyond. `scope` is a cgroup of the
    /// memory controller: entries say whether they are in it.
    public func usage(scope: CgroupID?, limit: Int) throws(SystemCallError) -> (usages: [ProcessUsage], beyond: Int) {
        var usages: [ProcessUsage] = []
        var places: [Int32: Int] = [:]
        var beyond = 0
        try read(culprit_probes_open_usage(handle, scope?.rawValue ?? 0), "iter/task") { piece in
            beyond += EventDecoder.readUsages(piece, into: &usages, places: &places, limit: limit)
        }
        return (usages, beyond)
    }

    /// The UNIX sockets that listen now in this network namespace, at most `limit` of them; how many were beyond.
    public func unixListeners(limit: Int) throws(SystemCallError) -> (listeners: [UnixListener], beyond: Int) {
        var listeners: [UnixListener] = []
        var beyond = 0
        try read(culprit_probes_open_unix_listeners(handle), "iter/unix") { piece in
            beyond += EventDecoder.readUnixListeners(piece, into: &listeners, limit: limit)
        }
        return (listeners, beyond)
    }

    /// Hands out what an iterator gives, in pieces of whole entries.
    private func read(
        _ descriptor: Int32, _ object: String, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(SystemCallError) {
        guard descriptor >= 0 else {
            throw SystemCallError(call: "bpf_iter_create", object: object, errno: -descriptor)
        }
        defer { close(descriptor) }
        var chunk = [UInt8](repeating: 0, count: 1 << 15)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count > 0 {
                chunk.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            } else if count == 0 {
                return
            } else if errno != EINTR && errno != EAGAIN {
                throw SystemCallError(call: "read", object: object, errno: errno)
            }
        }
    }

    /// The latest victim of the OOM killer among the records that came out of the ring and are not handed out yet: when, and
    /// within which cgroup of the memory controller; nil where there is none after `time`.
    public func waitingVictim(after time: BootTime) -> (at: BootTime, scope: CgroupID?)? {
        var found: (at: BootTime, scope: CgroupID?)?
        waitingDecisive { record in
            guard let header = EventDecoder.header(record), header.type == UInt16(CULPRIT_OOM_VICTIM.rawValue),
                header.time > time, header.time >= found?.at ?? .zero, let event = try? EventDecoder.decode(record),
                case .oomVictim(let victim) = event.body
            else { return }
            found = (header.time, victim.scope.cgroup)
        }
        return found
    }
}
