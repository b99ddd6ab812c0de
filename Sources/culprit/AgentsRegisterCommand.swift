import ArgumentParser
import ControlSocket
import EventModel
import Glibc
import Reporting

struct AgentsRegisterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "For an agent's hooks: tells the daemon which session the agent above works for.",
        discussion: """
            Reads what the hook is given (Claude Code, Codex, Gemini CLI and others write JSON to stdin; Codex's notify \
            passes it as the last argument). Of that, the session's id and the event's name are used, and nothing is \
            printed. Never holds an agent up: it exits with 0 within about a second, whatever happens, unless --strict.
            """)

    @Option(help: "What the agent is called, where nothing else tells: the process that runs this command is it.")
    var agent: String?

    @Option(help: "The session's id, instead of the hook's.")
    var session: String?

    @Flag(help: "Fail with an exit code when it was not registered.")
    var strict = false

    @OptionGroup var options: ConfigurationOptions

    @Argument(help: "The hook's JSON, instead of stdin.")
    var json: String?

    /// Of all that it may wait for, in milliseconds: stdin, and each step with the daemon.
    private static let (inputPatience, daemonPatience): (Int32, UInt64) = (400, 500)

    /// Whether these words of the command line are of a call that never fails.
    static func isLenient(_ arguments: [String]) -> Bool {
        Array(arguments.dropFirst().prefix(2)) == ["agents", "register"] && !arguments.contains("--strict")
    }

    func validate() throws {
        if let agent, !Registration.isName(agent) { throw ValidationError("--agent: '\(agent)' is no plain name") }
        if let session, !Registration.isSession(session) {
            throw ValidationError("--session: '\(session)' is no plain word of at most 128 bytes")
        }
    }

    func run() throws {
        // Whatever hangs, the agent does not.
        signal(SIGALRM) { _ in _exit(0) }
        if !strict { alarm(2) }
        let input =
            json.map { Array($0.utf8) }
            ?? StandardInput.read(
                limit: SessionHook.longest, patience: session == nil ? Self.inputPatience : 20)
        let hook = SessionHook(parsing: input)
        guard let id = session ?? hook?.session ?? (agent == nil ? nil : "") else {
            throw Failure(
                code: .failed, what: "register", why: "stdin holds no session's id",
                remedy: "call it from a hook, or with --session ID")
        }
        let claim = AgentClaim(
            agent: agent, session: id.isEmpty ? nil : id, isOver: hook?.isEnd ?? false, hook: hook?.event ?? "")
        let daemon = DaemonAccess(try options.load())
        let patience: Interval = strict ? .seconds(5) : .milliseconds(Self.daemonPatience)
        guard try daemon.ask(.register(claim), patience: patience) != nil else {
            throw daemon.notRunning
        }
    }
}
