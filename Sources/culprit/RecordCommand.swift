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
        discussion: "The file is read with --from by every other command, here or elsewhere, without privilege.")

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
        let child = command.isEmpty ? nil : try ChildProcess(command)
        try session.run(until: limit, child: child, signals: signals)
        try session.finish()
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
