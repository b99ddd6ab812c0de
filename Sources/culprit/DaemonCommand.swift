import ArgumentParser
import Daemon
import EventModel
import Glibc
import Reporting

struct DaemonCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daemon", abstract: "Record always, keep incidents, answer the other commands; in the foreground.",
        discussion: "culprit.service runs it. SIGTERM ends it; its configuration is read at its start only.")

    @Option(help: "Where events come from: auto, bpf (fail rather than fall back), procfs.")
    var source = SourceOption.auto

    @OptionGroup var options: ConfigurationOptions

    func run() throws {
        let configuration = try options.load()
        let log = DaemonLog()
        let signals = try StopSignals(noticing: [SIGHUP])
        let session = try Self.start {
            try DaemonSession(
                configuration,
                directories: DaemonDirectories(configuration) { name in getenv(name).map { String(cString: $0) } },
                preference: source.preference, version: Version.text, log: log, notify: NotifySocket())
        }
        Self.holdOut(log)
        while !signals.wait(session.descriptors, milliseconds: session.patience) {
            if signals.takeNotices() {
                log.write(.notice, "SIGHUP: the configuration is read at the start only; restart to read it anew")
            }
            try session.turn()
        }
        try session.finish()
    }

    /// What makes it last where others take all memory and CPU time; it works without.
    private static func holdOut(_ log: DaemonLog) {
        let memory = ResidentMemory.lock()
        if memory != 0 {
            log.write(.notice, "memory is not locked (mlockall: errno \(memory)): LimitMEMLOCK=infinity allows it")
        }
        let priority = SessionPriority.followProcess()
        if priority != 0, priority != ENOENT {
            log.write(.notice, "the session has no raised priority (errno \(priority)): LimitNICE= allows it")
        }
    }

    private static func start(_ make: () throws -> DaemonSession) throws -> DaemonSession {
        do { return try make() } catch let error as DaemonSession.AlreadyRunning {
            throw Failure(
                code: .failed, what: "daemon", why: "another one has \(error.directory)",
                remedy: "culprit status shows it; culprit record needs no daemon")
        }
    }
}
