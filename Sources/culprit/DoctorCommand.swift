import ArgumentParser
import EventModel
import Glibc
import KernelProbes
import ProcFS
import Reporting
import SystemdState

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "What this host allows, the state of each probe and why, and what to do about it.")

    @Option(help: "text or json.")
    var format = OutputFormat.text

    func run() throws {
        let report = try Self.examine()
        switch format {
        case .text:
            Terminal.result(DoctorText.render(report, style: Style(colour: Terminal.hasColour, width: Terminal.width)))
        case .json: Terminal.result(DoctorJSON.document(report).pretty)
        }
    }

    private static func examine() throws -> DoctorReport {
        let procfs = ProcFS()
        let host = try procfs.host(version: Version.text)
        var sources: [SourceStatus]
        var advice: [String] = []
        do {
            let root = procfs.cgroups.flatMap { $0.isUnified ? $0.mountPoint : nil }
            sources = try KernelProbes(markers: [], cgroupRoot: root).statuses
            advice += Self.advice(on: sources)
        } catch {
            sources = [SourceStatus(name: "bpf", state: .missing, why: error.why)]
            advice.append(
                error.isPermission
                    ? "Run it as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN: without the kernel programs no signal's "
                        + "sender is known."
                    : "Without the kernel programs, commands fall back to /proc: no signals, OOM kills or addresses are seen."
            )
        }
        sources += Self.otherSources(procfs)
        let managers = try SystemdSource.examine(boot: host.bootID)
        sources += managers
        advice += Self.advice(onManagers: managers)
        return DoctorReport(host: facts(host, procfs), sources: sources, advice: advice)
    }

    private static func advice(on sources: [SourceStatus]) -> [String] {
        sources.filter { $0.state != .active }.map { status in
            switch status.name {
            case "bpf:bind": "Refused binds are not seen: mount the unified cgroup hierarchy (mount -t cgroup2)."
            case "bpf:manager-call":
                "Who asks a manager to stop or restart a unit is not seen, and can only be guessed (it takes Linux 5.16)."
            case "bpf:tasks": "What ran before is read from /proc alone, its start known to 10 ms."
            default: "\(status.name) is not recorded; every report will say so."
            }
        }
    }

    private static func advice(onManagers sources: [SourceStatus]) -> [String] {
        sources.filter { $0.state != .active }.compactMap { status in
            switch (status.name, status.state) {
            case ("journal", .degraded):
                "Install libsystemd (libsystemd0): the journal is then read whole, and at once."
            case ("journal", _): "What managers log is not recorded: a unit's history has holes."
            case ("systemd", .degraded):
                "Units are looked at by turns, or in part: see the state of systemd above; libsystemd0 shows every change."
            case ("systemd", _): "Units are not seen, and cannot be subjects: only watch.processes are."
            default: "\(status.name): \(status.why)."
            }
        }
    }

    private static func otherSources(_ procfs: ProcFS) -> [SourceStatus] {
        var sources: [SourceStatus] = []
        do throws(SystemCallError) {
            _ = try ProcConnector()
            sources.append(
                SourceStatus(name: "proc-connector", state: .active, why: "the fall-back where BPF is refused"))
        } catch {
            sources.append(
                SourceStatus(
                    name: "proc-connector", state: .missing,
                    why: "\(error.call): \(String(cString: strerror(error.errno)))"))
        }
        let visible = access("/proc/1/environ", R_OK) == 0
        sources.append(
            SourceStatus(
                name: "procfs", state: visible ? .active : .degraded,
                why: visible ? "all processes can be read" : "only this user's processes can be read in full"))
        sources.append(KernelLog.status(procfs, KernelLog.opened()))
        return sources
    }

    private static func facts(_ host: Host, _ procfs: ProcFS) -> [DoctorReport.Fact] {
        let hierarchy =
            procfs.cgroups.map { "\($0.isUnified ? "unified" : "version 1"), at \($0.mountPoint)" } ?? "none mounted"
        let namespace = procfs.isInInitialPIDNamespace ? "the initial one" : "a nested one"
        return [
            .init(name: "host", value: host.name), .init(name: "kernel", value: host.kernel),
            .init(name: "boot", value: host.bootID), .init(name: "user", value: "uid \(geteuid())"),
            .init(
                name: "type information",
                value: access("/sys/kernel/btf/vmlinux", R_OK) == 0 ? "/sys/kernel/btf/vmlinux" : "none"),
            .init(name: "cgroups", value: hierarchy), .init(name: "pid namespace", value: namespace),
            .init(
                name: "pressure",
                value: access("/proc/pressure/memory", R_OK) == 0 ? "/proc/pressure" : "not in this kernel"),
        ]
    }
}
