import ArgumentParser
import Attribution
import ControlSocket
import EventModel
import IncidentDetection
import Reporting

struct IncidentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "incidents", abstract: "The disruptions that were seen.",
        subcommands: [List.self, Show.self, Annotate.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "One line for each, oldest first.")

        @Option(parsing: .unconditional, help: "Only those at or after this time: today, '10 min ago', -1h, RFC 3339.")
        var since: String?

        @Option(parsing: .unconditional, help: "Only those at or before this time.")
        var until: String?

        @Option(help: "Only those of units or processes that match this pattern.")
        var unit: String?

        @Option(help: "Only those that this agent caused.")
        var agent: String?

        @Option(help: "table or json.")
        var format = Format.table

        @OptionGroup var input: InputOptions

        enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

        func run() throws {
            let wanted = try Filter(since: since, until: until, subject: unit, agent: agent)
            let source = try IncidentSource(input)
            let entries = source.entries.filter { wanted.accepts($0.summary) }
            switch format {
            case .table:
                Terminal.result(
                    TextList.render(
                        entries.map(\.summary), style: Style(colour: Terminal.hasColour, width: Terminal.width)))
            case .json: Terminal.result(JSONValue.array(entries.map(\.json)).pretty)
            }
            try source.complain()
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "One incident, whole.")

        @Argument(help: "Its id, or the beginning of one.")
        var id: String

        @Option(help: "text or json.")
        var format = OutputFormat.text

        @OptionGroup var input: InputOptions

        func run() throws {
            var report = ReportCommand()
            report.id = id
            report.format = format
            report.output = nil
            report.input = input
            try report.run()
        }
    }

    struct Annotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "annotate", abstract: "Adds a person's words to an incident; the daemon keeps them.")

        @Argument(help: "Its id, the beginning of one, or latest.")
        var id: String

        @Argument(help: "What there is to say: one argument, at most 4096 bytes.")
        var text: String

        @OptionGroup var options: ConfigurationOptions

        func run() throws {
            let daemon = DaemonAccess(try options.load())
            guard let reply = try daemon.ask(.annotate(id: id, text: text)) else { throw daemon.notRunning }
            let (id, revision) = (reply["id"]?.text ?? id, reply["revision"]?.number(Int.self) ?? 0)
            Terminal.message("culprit: incident \(Visible.line(id)) is annotated; it is revision \(revision) now")
        }
    }

    /// What a list is narrowed to.
    struct Filter {
        var since: WallTime?
        var until: WallTime?
        var subject: UnitPattern?
        var agent: String?

        init(since: String?, until: String?, subject: String?, agent: String?) throws {
            let now = TimeExpression.now()
            self.since = try since.map { try TimeExpression.moment($0, option: "--since", now: now) }
            self.until = try until.map { try TimeExpression.moment($0, option: "--until", now: now) }
            self.subject = try subject.map { try Patterns.units($0, option: "--unit") }
            self.agent = agent
        }

        func accepts(_ incident: IncidentSummary) -> Bool {
            let at = incident.wallTime
            return (since.map { at >= $0 } ?? true) && (until.map { at <= $0 } ?? true)
                && (subject.map { $0.matches(incident.subject) } ?? true)
                && (agent.map { $0 == incident.agent?.name } ?? true)
        }
    }
}

/// Patterns given on the command line.
enum Patterns {
    static func units(_ pattern: String, option: String) throws -> UnitPattern {
        do { return try UnitPattern(pattern) } catch {
            throw ValidationError("\(option) \(pattern): \(error.why)")
        }
    }

    static func glob(_ pattern: String, option: String) throws -> Glob {
        do { return try Glob(pattern) } catch {
            throw ValidationError("\(option) \(pattern): \(error.why)")
        }
    }
}

extension UnitPattern {
    /// A unit of that manager and name; without a manager in the pattern, any subject of that name.
    func matches(_ subject: Subject) -> Bool {
        guard let unit = subject.unit else { return managers == .any && glob.matches(subject.name) }
        return matches(unit)
    }
}
