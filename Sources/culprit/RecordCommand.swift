import ArgumentParser
import Attribution
import Collector
import Configuration
import EventModel
import FlightRecorder
import Glibc

struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Capture to a file until CMD ends, the time is over, or Ctrl-C.",
        discussion: """
            The file is read with --from by every other command, here or elsewhere, without privilege. Exits as CMD does. \
            Ctrl-C and SIGTERM are handed on to CMD, and its end is waited for; a second one kills it. When T has passed, \
            CMD is asked to end with SIGTERM, and the exit code is 0.
            """)

    @Option(name: .shortAndLong, help: "Write here (default: culprit-TIME.culprit in this directory).")
    var output: String?

    @Option(help: "Stop after this time, such as 30s, 5min.")
    var duration: String?

    @Option(help: "Where events come from: auto, bpf (fail rather than fall back), procfs.")
    var source = SourceOption.auto

    @OptionGroup var options: ConfigurationOptions

    @Argument(parsing: .postTerminator, help: "Run this, and stop when it ends.")
    var command: [String] = []

    func run() throws {
        let configuration = try options.load()
        let limit = try duration.map { try TimeExpression.duration($0, option: "--duration") }
        let signals = try StopSignals()
        var session = try RecordingSession(configuration, path: output ?? Self.defaultName(), source: source.preference)
        session.announce()
        let child = command.isEmpty ? nil : try RecordedCommand(command)
        do {
            try session.run(until: limit, command: child, signals: signals)
            try session.finish()
        } catch {
            child?.abandon()
            throw error
        }
        try child?.passOn()
    }

    private static func defaultName() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return "culprit-\(WallTime(nanoseconds: Int64(now.tv_sec) * 1_000_000_000).compact.prefix(15)).culprit"
    }
}

/// Which tier is wanted, as an option.
enum SourceOption: String, ExpressibleByArgument, CaseIterable {
    case auto, bpf, procfs

    var preference: Capture.Preference {
        switch self {
        case .auto: .automatic
        case .bpf: .bpf
        case .procfs: .procfs
        }
    }
}
