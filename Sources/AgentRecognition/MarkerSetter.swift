import EventModel
import ProcessTracking

/// Who put a marker into the environment of a process that is in no agent's tree. Agents give markers to what they start,
/// so a program that sets one may be an agent that nobody has described; but a shell that somebody types into, a login, a
/// unit's `Environment=` or a terminal multiplexer hands down what was left in it, and nothing says for whom.
enum MarkerSetter: Hashable, Sendable {
    /// A program that is none of the others.
    case program
    /// A person's shell or login.
    case person
    /// A service manager, by the unit's or its own environment.
    case manager
    case scheduler
    case multiplexer
    /// What was above it is not known: an orphan, or the collector came later.
    case unseen

    /// Whether the marker makes it a root of an agent's tree.
    var speaksForAgent: Bool { self == .program || self == .unseen }

    private static let multiplexers: Set<String> = ["tmux", "screen", "zellij", "dtach", "abduco", "dvtm", "byobu"]
    private static let logins: Set<String> = [
        "sshd", "sshd-session", "login", "gdm-session-worker", "lightdm", "sddm-helper", "greetd", "agetty",
    ]
    private static let schedulers: Set<String> = ["cron", "crond", "anacron", "atd", "fcron"]
    /// They start what they are told to, and pass on what they were given.
    private static let transparent: Set<String> = [
        "sudo", "doas", "su", "runuser", "env", "nohup", "setsid", "setpriv", "nice", "ionice", "chrt", "timeout",
        "stdbuf", "script", "unshare", "nsenter", "chroot", "time", "xargs",
    ]
    /// Beside systemd: what starts a container's processes, or a container's own first process.
    private static let managers: Set<String> = [
        "systemd", "containerd-shim", "containerd-shim-runc-v2", "conmon", "runc", "crun", "docker-init", "tini",
        "dumb-init", "catatonit", "supervisord", "runsv", "s6-supervise",
    ]
    private static let deepest = 16

    /// `inService`: whether the process's cgroup is that of a service.
    static func of(_ process: TrackedProcess, table: ProcessTable, inService: Bool) -> MarkerSetter {
        if let image = process.image?.value, multiplexers.contains(name(image)) { return .multiplexer }
        if let before = process.previousImage, let setter = setter(before), setter != .unseen { return setter }
        var current = process
        for _ in 0..<deepest {
            guard let key = current.creator, let creator = table[key] else { return .unseen }
            if isManager(creator) {
                // Found below the manager, it may as well be an orphan that the manager took in.
                return current.edgeSource == .bpf || inService ? .manager : .unseen
            }
            guard let image = creator.image(at: current.key.start) else { return .unseen }
            if let setter = setter(image) { return setter }
            current = creator
        }
        return .unseen
    }

    /// Nil for what only passes on what it was given.
    private static func setter(_ image: ExecImage) -> MarkerSetter? {
        let name = name(image)
        if multiplexers.contains(name) { return .multiplexer }
        if logins.contains(name) { return .person }
        if schedulers.contains(name) { return .scheduler }
        if CommandWords.isInteractiveShell(image.argv.head, name: name) { return .person }
        if transparent.contains(name) || CommandWords.isShellLine(image.argv.head, name: name) { return nil }
        return .program
    }

    private static func isManager(_ process: TrackedProcess) -> Bool {
        process.key.pid == 1 || managers.contains(process.image.map { name($0.value) } ?? process.comm)
    }

    private static func name(_ image: ExecImage) -> String {
        let path = image.exe ?? image.path
        return path.split(separator: "/").last.map(String.init) ?? path
    }
}
