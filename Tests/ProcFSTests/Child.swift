import EventModel
import Glibc
import Testing

/// A real child process with a socket as its input and output, so that a test knows by its answers what it has done.
final class Child {
    let pid: Int32
    private let socket: Int32
    private var isReaped = false

    /// Starts `path`; the words of `argv` are all it gets, and of `environment` too.
    init(_ path: String, _ argv: [String], environment: [String] = ["PATH=/usr/bin:/bin"]) throws {
        // Closed on exec from the start: a child of another test would keep the end of input from coming.
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        var (words, variables) = (argv.map { strdup($0) } + [nil], environment.map { strdup($0) } + [nil])
        defer { for word in words + variables { free(word) } }
        var pid: Int32 = 0
        let error = posix_spawn(&pid, path, &actions, nil, &words, &variables)
        (self.pid, socket) = (pid, ends[0])
        isReaped = error != 0
        try #require(error == 0, "posix_spawn of \(path): errno \(error)")
    }

    /// `/bin/sh -c SCRIPT`
    convenience init(script: String) throws { try self.init("/bin/sh", ["sh", "-c", script]) }

    func tell(_ text: String) throws {
        let count = text.utf8.count
        try #require(write(socket, text, count) == count)
    }

    /// The next line it says.
    func line() throws -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while byte != UInt8(ascii: "\n") {
            try #require(read(socket, &byte, 1) == 1, "the child said nothing more")
            line.append(byte)
        }
        return String(decoding: line.dropLast(), as: UTF8.self)
    }

    /// Lets it read the end of its input.
    func closeInput() { shutdown(socket, Int32(SHUT_WR)) }

    /// Returns once it has ended, and leaves it a zombie.
    func awaitEnd() {
        var info = siginfo_t()
        while waitid(P_PID, UInt32(bitPattern: pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    }

    /// Waits for its end and lets it go; its status.
    @discardableResult
    func reap() -> EventModel.ExitStatus {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        isReaped = true
        return EventModel.ExitStatus(rawValue: UInt32(bitPattern: status))
    }

    deinit {
        if !isReaped {
            kill(pid, SIGKILL)
            reap()
        }
        close(socket)
    }
}

extension [Event] {
    /// Those in which `pid` acts, is seen, or is made.
    func about(_ pid: Int32) -> [Event] {
        filter { event in
            if case .fork(let fork) = event.body { return fork.child.pid == pid }
            return event.process?.pid == pid
        }
    }
}

extension Event {
    var seen: ProcessSeen? { if case .seen(let seen) = body { seen } else { nil } }
    var fork: Fork? { if case .fork(let fork) = body { fork } else { nil } }
    var exec: Exec? { if case .exec(let exec) = body { exec } else { nil } }
    var exit: Exit? { if case .exit(let exit) = body { exit } else { nil } }
}
