import AgentRecognition
import EventModel
import IncidentDetection
import Yams

/// Walks the YAML of one file against what a configuration may hold. Every key is either known or an error.
struct ConfigurationReader {
    var file: String

    /// A file beyond this is no configuration.
    static let limit = 1 << 20

    func read(_ yaml: String, into configuration: inout Configuration) throws(ConfigurationError) {
        guard yaml.utf8.count <= Self.limit else { throw ConfigurationError(file: file, why: "larger than 1 MiB") }
        for document in try documents(yaml) {
            try readDocument(document, into: &configuration)
        }
    }

    private func documents(_ yaml: String) throws(ConfigurationError) -> [Node] {
        do {
            // Not `compose_all`: its sequence ends at an error without throwing it, and a file would be half read.
            let parser = try Parser(yaml: yaml)
            var nodes: [Node] = []
            while let node = try parser.nextRoot() { nodes.append(node) }
            return nodes
        } catch let error as YamlError {
            throw Self.notYAML(error, file)
        } catch {
            throw ConfigurationError(file: file, why: "not YAML: \(error)")
        }
    }

    private static func notYAML(_ error: YamlError, _ file: String) -> ConfigurationError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            ConfigurationError(file: file, line: mark.line, why: "not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            ConfigurationError(
                file: file, line: context.mark.line,
                why: "a key stands twice: \(duplicates.map { "\($0)" }.joined(separator: ", "))")
        default:
            ConfigurationError(file: file, why: "not YAML: \(error)")
        }
    }

    private func readDocument(_ document: Node, into configuration: inout Configuration) throws(ConfigurationError) {
        let top = YAMLSection(file: file, path: "", node: document)
        for entry in try top.entries() {
            switch entry.key {
            case "state_dir": configuration.stateDirectory = try entry.absolutePath()
            case "runtime_dir": configuration.runtimeDirectory = try entry.absolutePath()
            case "recorder": try readRecorder(entry, into: &configuration)
            case "incidents": try readIncidents(entry, into: &configuration)
            case "watch": try readWatch(entry, into: &configuration)
            case "agents": for item in try entry.items() { try readAgent(item, into: &configuration) }
            case "redact": try readRedact(entry, into: &configuration)
            default:
                throw entry.unknown(["state_dir", "runtime_dir", "recorder", "incidents", "watch", "agents", "redact"])
            }
        }
    }

    private func readRecorder(_ section: YAMLSection, into configuration: inout Configuration)
        throws(ConfigurationError)
    {
        for entry in try section.entries() {
            switch entry.key {
            case "size": configuration.recorderSize = try entry.size()
            default: throw entry.unknown(["size"])
            }
        }
    }

    private func readIncidents(_ section: YAMLSection, into configuration: inout Configuration)
        throws(ConfigurationError)
    {
        for entry in try section.entries() {
            switch entry.key {
            case "keep": configuration.incidentsKept = try entry.count(1...1_000_000)
            case "settle": configuration.settle = try entry.duration()
            default: throw entry.unknown(["keep", "settle"])
            }
        }
    }

    private func readWatch(_ section: YAMLSection, into configuration: inout Configuration) throws(ConfigurationError) {
        for entry in try section.entries() {
            switch entry.key {
            case "units": configuration.watchedUnits = try entry.unitPatterns()
            case "processes": for item in try entry.items() { try readProcess(item, into: &configuration) }
            default: throw entry.unknown(["units", "processes"])
            }
        }
    }

    private func readProcess(_ section: YAMLSection, into configuration: inout Configuration) throws(ConfigurationError)
    {
        var watch = ProcessWatch(name: "")
        for entry in try section.entries() {
            switch entry.key {
            case "name": watch.name = try entry.text()
            case "exe": watch.exe = try entry.glob()
            case "argv": watch.argv = try entry.glob()
            default: throw entry.unknown(["name", "exe", "argv"])
            }
        }
        guard !watch.name.isEmpty else { throw section.error("a process needs a name") }
        guard watch.exe != nil || watch.argv != nil else { throw section.error("\(watch.name) needs exe or argv") }
        configuration.watchedProcesses.append(watch)
    }

    private func readAgent(_ section: YAMLSection, into configuration: inout Configuration) throws(ConfigurationError) {
        let agent = try AgentReader.read(section)
        configuration.replaceAgent(agent)
        let variables = AgentRegistry(definitions: configuration.agents).markerNames.count
        guard variables <= Configuration.mostVariables else {
            throw section.error(
                "all agents together have \(variables) variables, of which \(Configuration.mostVariables) fit")
        }
    }

    private func readRedact(_ section: YAMLSection, into configuration: inout Configuration) throws(ConfigurationError)
    {
        for entry in try section.entries() {
            switch entry.key {
            case "env": configuration.redactedNames = try entry.globs()
            case "patterns": configuration.redactedPatterns = try entry.globs()
            default: throw entry.unknown(["env", "patterns"])
            }
        }
    }
}
