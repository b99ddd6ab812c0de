public import Configuration
public import EventModel
import Glibc

/// Where the daemon keeps its state and its socket, and for whom.
public struct DaemonDirectories: Sendable {
    public var state: String
    public var runtime: String
    /// Who may read both and connect: the group `culprit`, where there is one.
    public var group: UInt32?

    public init(state: String, runtime: String, group: UInt32?) {
        self.state = state
        self.runtime = runtime
        self.group = group
    }

    /// The configured ones; where the configuration leaves a default, the one that the service manager made.
    public init(_ configuration: borrowing Configuration, environment: (String) -> String?) {
        func directory(_ configured: String, _ standard: String, _ variable: String) -> String {
            guard configured == standard, let given = environment(variable)?.split(separator: ":").first else {
                return configured
            }
            return given.hasPrefix("/") ? String(given) : configured
        }
        let standard = Configuration()
        state = directory(configuration.stateDirectory, standard.stateDirectory, "STATE_DIRECTORY")
        runtime = directory(configuration.runtimeDirectory, standard.runtimeDirectory, "RUNTIME_DIRECTORY")
        group = getgrnam("culprit").map { $0.pointee.gr_gid }
    }

    public var socket: String { "\(runtime)/culprit.sock" }
    public var incidents: String { "\(state)/incidents.db" }
    public var aliveMark: String { "\(state)/alive" }

    /// Makes both, 0750 root:culprit. The parent of each has to be there.
    public func make() throws(SystemCallError) {
        for path in [state, runtime] {
            guard mkdir(path, 0o750) == 0 || errno == EEXIST else {
                throw SystemCallError(call: "mkdir", object: path, errno: errno)
            }
            let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { throw SystemCallError(call: "open", object: path, errno: errno) }
            defer { close(descriptor) }
            // The manager makes it with the unit's mode and root's group.
            if let group, fchown(descriptor, UInt32.max, group) != 0 {
                throw SystemCallError(call: "chown", object: path, errno: errno)
            }
            guard fchmod(descriptor, 0o750) == 0 else {
                throw SystemCallError(call: "chmod", object: path, errno: errno)
            }
        }
    }
}

/// A directory belongs to one daemon at a time: a lock that ends with the process, however it ends.
struct InstanceLock: ~Copyable {
    private let descriptor: Int32

    /// Nil where another process has it.
    init?(directory: String) throws(SystemCallError) {
        let path = "\(directory)/daemon.lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0o600)
        guard descriptor >= 0 else { throw SystemCallError(call: "open", object: path, errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error = errno
            close(descriptor)
            guard error == EWOULDBLOCK else { throw SystemCallError(call: "flock", object: path, errno: error) }
            return nil
        }
    }

    deinit { close(descriptor) }
}
