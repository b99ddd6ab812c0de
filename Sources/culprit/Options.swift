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

    @OptionGroup var configuration: ConfigurationOptions
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}
