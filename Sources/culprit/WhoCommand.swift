import ArgumentParser
import Attribution
import Collector
import ControlSocket
import Daemon
import EventModel
import IncidentDetection
import Reporting

struct WhoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "who", abstract: "One answer: who killed, restarted or blocked SUBJECT.")

    @Argument(help: "A unit or a pattern of units, a process name, a pid, or :PORT.")
    var subject: String

    @Option(
        parsing: .unconditional, help: "Only what happened at or after this time: today, '10 min ago', -1h, RFC 3339.")
    var since: String?

    @OptionGroup var input: InputOptions

    func run() throws {
        let filter = try IncidentsCommand.Filter(since: since, until: nil, subject: nil, agent: nil)
        if subject.hasPrefix(":") { return try answer(port: Self.port(subject)) }
        guard !subject.isEmpty else { throw ValidationError("SUBJECT is empty; name a process, a pid or :PORT") }
        let source = try IncidentSource(input, extraWatches: Self.watches(for: subject))
        guard let latest = source.entries.last(where: { isMeant($0) && filter.accepts($0.summary) }) else {
            throw source.notFound(
                "who \(subject)", why: "nothing of that name was disrupted in \(source.place)",
                remedy: input.file == nil
                    ? "culprit incidents list shows what was" : "culprit live --from FILE shows what happened")
        }
        let incident = try source.incident(of: latest).incident
        Terminal.result(TextAnswer.render(incident, style: Style(colour: Terminal.hasColour, width: Terminal.width)))
        try source.complain()
    }

    /// By the subject's name, by a unit pattern, or by the process that was a unit's: its end is the unit's incident.
    private func isMeant(_ entry: IncidentSource.Entry) -> Bool {
        let named = entry.summary.subject
        if named.name == Self.name(of: subject) { return true }
        if subject.contains("/") || named.kind == .unit, let pattern = try? UnitPattern(subject),
            pattern.matches(named)
        {
            return true
        }
        if let pid = Int32(subject) { return entry.pids.contains(pid) }
        return entry.names.contains(subject)
    }

    /// `who` asks about anything: what the configuration does not watch is watched for the sake of the question.
    private static func watches(for subject: String) -> [ProcessWatch] {
        if let pid = Int32(subject) { return [ProcessWatch(name: name(of: subject), pid: pid)] }
        guard let literal = try? Glob(String(subject.flatMap { "*?[\\".contains($0) ? ["\\", $0] : [$0] })) else {
            return []
        }
        return [ProcessWatch(name: subject, comm: literal)]
    }

    private static func name(of subject: String) -> String { Int32(subject) != nil ? "pid \(subject)" : subject }

    private static func port(_ subject: String) throws -> UInt16 {
        guard let port = UInt16(subject.dropFirst()) else {
            throw ValidationError("SUBJECT: '\(subject)' is no port; try :8080")
        }
        return port
    }

    private func answer(port: UInt16) throws {
        if let file = input.file { return try answer(port: port, file: file) }
        let daemon = DaemonAccess(try input.configuration.load())
        guard let reply = try daemon.ask(.port(port)) else { throw daemon.notRunning }
        guard let report = try? PortJSON.report(reply) else {
            throw Failure(code: .unavailable, what: "daemon", why: "it answers in another language")
        }
        guard !report.entries.isEmpty else {
            throw Failure(
                code: .noInput, what: "who :\(port)",
                why: "the daemon has not seen anybody take or ask for that port since it runs")
        }
        Terminal.result(PortText.render(report))
    }

    private func answer(port: UInt16, file: String) throws {
        let recording = try ReadRecording(path: file)
        let report = PortReport(port: port, recording.replay.pipeline)
        guard !report.entries.isEmpty else {
            throw ReadRecording.notFound(
                "who :\(port)", why: "nobody was seen to take or ask for that port in \(file)", remedy: "",
                damage: recording.damage)
        }
        Terminal.result(PortText.render(report))
        try recording.complain()
    }
}
