internal import EventModel
internal import Glibc

/// What a command prints, read without ever waiting for it. The command ends with this object.
final class ChildOutput {
    let descriptor: Int32
    private let pid: pid_t
    private(set) var hasEnded = false
    private var hasBeenReaped = false

    /// Starts it, found in the directories of PATH. `environment` is set beside what is there already.
    init(_ words: [String], environment: [String: String] = [:]) throws(SystemCallError) {
        let name = words.first ?? ""
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0, let reading = ends.first, let writing = ends.last else {
            throw SystemCallError(call: "pipe", object: name, errno: errno)
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(writing) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, writing, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables = Self.inherited(without: environment) + environment.map { strdup("\($0.key)=\($0.value)") }
        variables.append(nil)
        defer {
            for word in argv { free(word) }
            for variable in variables { free(variable) }
        }
        var started: pid_t = 0
        let error = posix_spawnp(&started, name, &actions, nil, argv, variables)
        guard error == 0 else {
            close(reading)
            throw SystemCallError(call: "posix_spawn", object: name, errno: error)
        }
        _ = fcntl(reading, F_SETFL, O_NONBLOCK)
        descriptor = reading
        pid = started
    }

    private static func inherited(without names: [String: String]) -> [UnsafeMutablePointer<CChar>?] {
        var kept: [UnsafeMutablePointer<CChar>?] = []
        var place = environ
        while let variable = place.pointee {
            let name = String(cString: variable).prefix { $0 != "=" }
            if names[String(name)] == nil { kept.append(strdup(variable)) }
            place += 1
        }
        return kept
    }

    deinit {
        close(descriptor)
        guard !hasBeenReaped else { return }
        kill(pid, SIGKILL)
        while waitpid(pid, nil, 0) < 0, errno == EINTR {}
    }

    /// Appends what is there, at most `limit` bytes; false where there is more.
    func read(into bytes: inout [UInt8], limit: Int) -> Bool {
        var room = limit
        var buffer = [UInt8](repeating: 0, count: 65536)
        while room > 0, !hasEnded {
            let count = Glibc.read(descriptor, &buffer, min(room, buffer.count))
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return true }
            guard count > 0 else {
                hasEnded = true
                reap()
                return true
            }
            bytes += buffer[..<count]
            room -= count
        }
        return hasEnded
    }

    /// It has closed its output; should it live on, `deinit` ends it.
    private func reap() { hasBeenReaped = waitpid(pid, nil, WNOHANG) == pid }
}
