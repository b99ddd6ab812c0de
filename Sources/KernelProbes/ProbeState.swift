import EventModel

/// One program of `bpf/`, as the loader left it.
struct ProbeState {
    var program: String
    var hook: String
    var isAttached: Bool
    /// Times the kernel passed it over because it was running already.
    var missed: UInt64
    var why: String

    /// Programs by the kind of event they record. Of `alternatives` one suffices; of the others all are needed.
    private static let kinds: [(name: String, programs: [String], alternatives: Bool)] = [
        ("bpf:fork", ["handle_fork"], false),
        ("bpf:exec", ["handle_exec"], false),
        ("bpf:exit", ["handle_exit"], false),
        ("bpf:signal", ["handle_signal"], false),
        ("bpf:oom", ["handle_oom_victim", "handle_oom_victim_number"], true),
        ("bpf:bind", ["handle_bind4", "handle_bind6", "handle_bound4", "handle_bound6"], false),
        ("bpf:listen", ["handle_listen"], false),
        ("bpf:cgroup", ["handle_cgroup_mkdir", "handle_cgroup_rmdir", "handle_cgroup_attach"], false),
        ("bpf:manager-call", ["handle_manager_call", "handle_manager_call_unix"], true),
        ("bpf:tasks", ["handle_task"], false),
        ("bpf:usage", ["handle_usage"], false),
        ("bpf:unix", ["handle_unix_listener"], false),
    ]

    /// The kind of event that this program records; of a helper program, its own name.
    var kind: String { Self.kinds.first { $0.programs.contains(program) }?.name ?? "bpf:\(program)" }

    static func statuses(of programs: [ProbeState]) -> [SourceStatus] {
        kinds.map { kind in
            let members = programs.filter { kind.programs.contains($0.program) }
            let attached = members.filter(\.isAttached)
            let hooks = attached.map(\.hook).joined(separator: ", ")
            let reasons = members.filter { !$0.isAttached }.map { "\($0.hook): \($0.why)" }.joined(separator: "; ")
            if attached.isEmpty {
                return SourceStatus(
                    name: kind.name, state: .missing, why: reasons.isEmpty ? "no such program" : reasons)
            }
            if attached.count == members.count || kind.alternatives {
                return SourceStatus(name: kind.name, state: .active, why: hooks)
            }
            return SourceStatus(name: kind.name, state: .degraded, why: reasons)
        }
    }
}
