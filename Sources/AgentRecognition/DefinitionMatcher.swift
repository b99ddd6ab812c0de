import EventModel

/// Finds the definition that an exec image is an instance of. Hosts execute the same few programs all day, so what the
/// paths say is remembered; argv is looked at each time.
struct DefinitionMatcher: Sendable {
    struct Match {
        var definition: AgentDefinition
        var grounds: Set<Ground>
        /// It runs as a service that several sessions share.
        var isDaemon: Bool
    }

    private let definitions: [AgentDefinition]
    private let withArgv: [Int]
    private let argvStarts: Beginnings
    private let withScript: [Int]
    private let scriptStarts: Beginnings
    private let withTitle: [Int]
    private let withUnits: [Int]
    /// What the paths of a program say, by paths.
    private var known: [Paths: ByPaths] = [:]
    /// The latest of `known`: a build or a loop in a shell executes the same program many times in a row.
    private var latest: (paths: Paths, found: ByPaths)?

    private struct Paths: Hashable {
        var exe: String?
        var path: String
    }

    private struct ByPaths {
        /// Definitions whose `exe` matches.
        var executable: [Int] = []
        /// Those whose `path` does: none where the path turns out to be a script's.
        var invoked: [Int] = []
        var isInterpreter = false
    }

    /// When so many different programs were met, it starts over.
    private static let limit = 2048

    init(_ definitions: [AgentDefinition]) {
        self.definitions = definitions
        withArgv = definitions.indices.filter { !definitions[$0].argv.isEmpty }
        argvStarts = Beginnings(of: definitions.flatMap(\.argv))
        withScript = definitions.indices.filter { !definitions[$0].script.isEmpty }
        scriptStarts = Beginnings(of: definitions.flatMap(\.script))
        withTitle = definitions.indices.filter { !definitions[$0].title.isEmpty }
        withUnits = definitions.indices.filter { !definitions[$0].units.isEmpty }
    }

    /// The first definition that matches, and by what. Nil for what is no agent itself.
    mutating func match(_ image: ExecImage, unit: @autoclosure () -> String?) -> Match? {
        let paths = byPaths(image)
        let argv = definitionsByArgv(image.argv)
        let mayBeScript = !withScript.isEmpty && mayBeScript(image.argv.head)
        let units = withUnits.isEmpty ? [] : definitionsByUnit(unit())
        let titles = paths.isInterpreter && !withTitle.isEmpty ? definitionsByTitle(image.argv.head) : []
        guard
            mayBeScript || !paths.executable.isEmpty || !paths.invoked.isEmpty || !argv.isEmpty || !titles.isEmpty
                || !units.isEmpty
        else { return nil }
        let words = CommandWords(image.argv.head, path: image.path)
        let scripts = mayBeScript ? definitionsByScript(words) : []
        let isScript = !paths.invoked.isEmpty && CommandWords.isScript(image.argv.head, path: image.path)
        let named = Set((isScript ? [] : paths.invoked) + scripts)
        let sure = Set(paths.executable + argv + titles + units)
        let first = sure.union(named).sorted().first { index in
            let definition = definitions[index]
            guard !matches(definition.unless, words.arguments) else { return false }
            return sure.contains(index) || definition.arguments.isEmpty
                || matches(definition.arguments, words.arguments)
        }
        guard let first else { return nil }
        var grounds: Set<Ground> = []
        if paths.executable.contains(first) || (!isScript && paths.invoked.contains(first)) { grounds.insert(.exe) }
        if argv.contains(first) || scripts.contains(first) || titles.contains(first) { grounds.insert(.argv) }
        if units.contains(first) { grounds.insert(.unit) }
        return Match(
            definition: definitions[first], grounds: grounds,
            isDaemon: matches(definitions[first].daemon, words.arguments))
    }

    private func matches(_ globs: [Glob], _ text: [UInt8]) -> Bool {
        !globs.isEmpty && text.withUnsafeBufferPointer { bytes in globs.contains { $0.matches(utf8: bytes) } }
    }

    private mutating func byPaths(_ image: ExecImage) -> ByPaths {
        let paths = Paths(exe: image.exe, path: image.path)
        if let latest, latest.paths == paths { return latest.found }
        let found = known[paths] ?? search(image)
        if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
        known[paths] = found
        latest = (paths, found)
        return found
    }

    private func search(_ image: ExecImage) -> ByPaths {
        let exe = image.exe ?? ""
        return ByPaths(
            executable: definitions.indices.filter { definitions[$0].exe.contains { $0.matches(exe) } },
            invoked: definitions.indices.filter { definitions[$0].path.contains { $0.matches(image.path) } },
            isInterpreter: [.javascript, .python].contains(
                CommandWords.Family(exe.utf8.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? [])))
    }

    private func definitionsByUnit(_ unit: String?) -> [Int] {
        guard let unit else { return [] }
        return withUnits.filter { definitions[$0].units.contains { $0.matches(unit) } }
    }

    private func definitionsByArgv(_ argv: ArgumentVector) -> [Int] {
        guard !withArgv.isEmpty, !argv.head.isEmpty, mayMatch(argv) else { return [] }
        return argv.joinedBytes.withUnsafeBufferPointer { bytes in
            withArgv.filter { index in definitions[index].argv.contains { $0.matches(utf8: bytes) } }
        }
    }

    /// Words are joined by single spaces: until the first NUL the bytes are what a pattern sees.
    private func mayMatch(_ argv: ArgumentVector) -> Bool {
        argv.head.withUnsafeBufferPointer { bytes in
            let word = UnsafeBufferPointer(rebasing: bytes[..<(bytes.firstIndex(of: 0) ?? bytes.endIndex)])
            return argvStarts.allow(word, followedBy: 0x20)
        }
    }

    private func definitionsByScript(_ words: CommandWords) -> [Int] {
        guard !words.script.isEmpty else { return [] }
        return withScript.filter { matches(definitions[$0].script, words.script) }
    }

    private func definitionsByTitle(_ argv: [UInt8]) -> [Int] {
        let title = Array(argv.prefix { $0 != 0 })
        return withTitle.filter { matches(definitions[$0].title, title) }
    }

    /// Whether a pattern for scripts begins like the program's name without folders, which is not the case for nearly
    /// every exec and shall cost no more than a look.
    private func mayBeScript(_ argv: [UInt8]) -> Bool {
        argv.withUnsafeBufferPointer { bytes in
            var start = 0
            var end = 0
            while end < bytes.count, bytes[end] != 0 {
                if bytes[end] == UInt8(ascii: "/") { start = end + 1 }
                end += 1
            }
            let name = UnsafeBufferPointer(rebasing: bytes[start..<end])
            return !name.isEmpty && scriptStarts.allow(name, followedBy: 0x20)
        }
    }
}

/// What a text must begin with for any of some patterns to match.
private struct Beginnings: Sendable {
    private let prefixes: [[UInt8]]

    init(of globs: [Glob]) {
        prefixes = Set(globs.map { Self.distinctive($0.literalPrefix) }).sorted { $0.count < $1.count }
    }

    /// A word and the space behind it tell enough.
    private static func distinctive(_ prefix: [UInt8]) -> [UInt8] {
        prefix.firstIndex(of: 0x20).map { Array(prefix[...$0]) } ?? prefix
    }

    /// Whether a text that begins with these bytes, and then has `next`, may match.
    func allow(_ bytes: UnsafeBufferPointer<UInt8>, followedBy next: UInt8) -> Bool {
        prefixes.contains { prefix in
            let common = min(prefix.count, bytes.count)
            return (0..<common).allSatisfy { prefix[$0] == bytes[$0] }
                && (prefix.count <= bytes.count || prefix[bytes.count] == next)
        }
    }
}
