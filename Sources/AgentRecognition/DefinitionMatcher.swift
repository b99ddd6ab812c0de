import EventModel

/// Finds the definition that an exec image is an instance of. Hosts execute the same few programs all day, so what the
/// paths say is remembered; argv is looked at each time.
struct DefinitionMatcher: Sendable {
    private let definitions: [AgentDefinition]
    private let withArgv: [Int]
    private let argvStarts: Beginnings
    private let withScript: [Int]
    private let scriptStarts: Beginnings
    private let withUnits: [Int]
    /// Definitions whose exe or path patterns match, by paths.
    private var known: [Paths: [Int]] = [:]
    /// The latest of `known`: a build or a loop in a shell executes the same program many times in a row.
    private var latest: (paths: Paths, found: [Int])?

    private struct Paths: Hashable {
        var exe: String?
        var path: String
    }

    /// When so many different programs were met, it starts over.
    private static let limit = 2048

    init(_ definitions: [AgentDefinition]) {
        self.definitions = definitions
        withArgv = definitions.indices.filter { !definitions[$0].argv.isEmpty }
        argvStarts = Beginnings(of: definitions.flatMap(\.argv))
        withScript = definitions.indices.filter { !definitions[$0].script.isEmpty }
        scriptStarts = Beginnings(of: definitions.flatMap(\.script))
        withUnits = definitions.indices.filter { !definitions[$0].units.isEmpty }
    }

    /// The first definition that matches, and by what. Nil for what is no agent itself.
    mutating func match(_ image: ExecImage, unit: @autoclosure () -> String?) -> (
        definition: AgentDefinition, grounds: Set<Ground>
    )? {
        let byPath = definitionsByPath(image)
        let byArgv = definitionsByArgv(image.argv) + definitionsByScript(image.argv)
        let byUnit = withUnits.isEmpty ? [] : definitionsByUnit(unit())
        guard let first = (byPath + byArgv + byUnit).min() else { return nil }
        var grounds: Set<Ground> = []
        if byPath.contains(first) { grounds.insert(.exe) }
        if byArgv.contains(first) { grounds.insert(.argv) }
        if byUnit.contains(first) { grounds.insert(.unit) }
        return (definitions[first], grounds)
    }

    private mutating func definitionsByPath(_ image: ExecImage) -> [Int] {
        let paths = Paths(exe: image.exe, path: image.path)
        if let latest, latest.paths == paths { return latest.found }
        let found = known[paths] ?? search(image)
        if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
        known[paths] = found
        latest = (paths, found)
        return found
    }

    private func search(_ image: ExecImage) -> [Int] {
        definitions.indices.filter { index in
            definitions[index].exe.contains { $0.matches(image.exe ?? "") }
                || definitions[index].path.contains { $0.matches(image.path) }
        }
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

    private func definitionsByScript(_ argv: ArgumentVector) -> [Int] {
        guard !withScript.isEmpty else { return [] }
        guard let name = interpreterName(argv.head) else { return [] }
        let arguments = argv.head[name.upperBound...].split(separator: 0)
        guard let script = arguments.first(where: { $0.first != UInt8(ascii: "-") }) else { return [] }
        return (argv.head[name] + [0x20] + script).withUnsafeBufferPointer { bytes in
            withScript.filter { index in definitions[index].script.contains { $0.matches(utf8: bytes) } }
        }
    }

    /// Where the program's name lies in its argv, without the folders; nil where no pattern begins like it, which is the
    /// case for nearly every exec and shall cost no more than a look.
    private func interpreterName(_ argv: [UInt8]) -> Range<Int>? {
        argv.withUnsafeBufferPointer { bytes in
            var start = 0
            var end = 0
            while end < bytes.count, bytes[end] != 0 {
                if bytes[end] == UInt8(ascii: "/") { start = end + 1 }
                end += 1
            }
            let name = UnsafeBufferPointer(rebasing: bytes[start..<end])
            return !name.isEmpty && scriptStarts.allow(name, followedBy: 0x20) ? start..<end : nil
        }
    }
}

/// What a text must begin with for any of some patterns to match.
private struct Beginnings: Sendable {
    private let prefixes: Set<[UInt8]>

    init(of globs: [Glob]) { prefixes = Set(globs.map(\.literalPrefix)) }

    /// Whether a text that begins with these bytes, and then has `next`, may match.
    func allow(_ bytes: UnsafeBufferPointer<UInt8>, followedBy next: UInt8) -> Bool {
        prefixes.contains { prefix in
            let common = min(prefix.count, bytes.count)
            return (0..<common).allSatisfy { prefix[$0] == bytes[$0] }
                && (prefix.count <= bytes.count || prefix[bytes.count] == next)
        }
    }
}
