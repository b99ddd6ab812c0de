import ArgumentParser
import Configuration
import EventModel
import Glibc

/// Options that several commands share.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .customLong("config"), help: "Read this configuration instead of /etc/culprit/culprit.yaml and culprit.d."
    )
    var file: String?

    /// What is in force: a file that was named must be there, the default one need not.
    func load() throws -> Configuration {
        var configuration = Configuration()
        for path in try paths() {
            guard let text = try TextFile.read(path, limit: 1 << 20) else {
                throw ConfigurationError(file: path, why: "there is no such file")
            }
            try configuration.add(yaml: text, file: path)
        }
        return configuration
    }

    private func paths() throws -> [String] {
        if let file { return [file] }
        let main = Configuration.defaultPath
        let directory = "/etc/culprit/culprit.d"
        let parts = TextFile.names(in: directory).filter { $0.hasSuffix(".yaml") }.sorted().map { "\(directory)/\($0)" }
        return (access(main, F_OK) == 0 ? [main] : []) + parts
    }
}

/// Where a reading command reads from.
struct InputOptions: ParsableArguments {
    @Option(name: .customLong("from"), help: "Read this recording or snapshot instead of the daemon's state.")
    var file: String?

    /// The recording to read. There is no daemon to ask instead yet.
    func recording() throws -> String {
        if let file { return file }
        throw Failure(
            code: .unavailable, what: "daemon",
            why: "it cannot be reached: nothing listens at /run/culprit/culprit.sock",
            remedy: "name a recording with --from FILE; culprit record makes one")
    }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

extension InputOptions {
    static func from(_ file: String?) -> InputOptions {
        var options = InputOptions()
        options.file = file
        return options
    }
}
