import EventModel

/// Finds the definition that an exec image is an instance of. Hosts execute the same few programs all day, so what the
/// paths say is remembered; argv is looked at each time.
struct DefinitionMatcher: Sendable {
    private let definitions: [AgentDefinition]
    private let withArgv: [Int]
    /// First bytes that an argv must have for any pattern to match; nil where a pattern takes any beginning.
    private let argvStarts: Set<UInt8>?
    private let withScript: [Int]
    private let scriptStarts: Set<UInt8>?
    private let withUnits: [Int]
    /// Definitions whose exe or path patterns match, by paths.
    private var known: [Paths: [Int]] = [:]

    private struct Paths: Hashable {
        var exe: String?
        var path: String
    }

    /// When so many different programs were met, it starts over.
    private static let limit = 2048

    init(_ definitions: [AgentDefinition]) {
        self.definitions = definitions
        withArgv = definitions.indices.filter { !definitions[$0].argv.isEmpty }
        argvStarts = Self.starts(definitions.flatMap(\.argv))
        withScript = definitions.indices.filter { !definitions[$0].script.isEmpty }
        scriptStarts = Self.starts(definitions.flatMap(\.script))
        withUnits = definitions.indices.filter { !definitions[$0].units.isEmpty }
    }

    private static func starts(_ globs: [Glob]) -> Set<UInt8>? {
        let starts = globs.map(\.firstByte)
        return starts.contains(nil) ? nil : Set(starts.compactMap { $0 })
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
        if let found = known[paths] { return found }
        let found = definitions.indices.filter { index in
            definitions[index].exe.contains { $0.matches(image.exe ?? "") }
                || definitions[index].path.contains { $0.matches(image.path) }
        }
        if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
        known[paths] = found
        return found
    }

    private func definitionsByUnit(_ unit: String?) -> [Int] {
        guard let unit else { return [] }
        return withUnits.filter { definitions[$0].units.contains { $0.matches(unit) } }
    }

    private func definitionsByArgv(_ argv: ArgumentVector) -> [Int] {
        guard !withArgv.isEmpty, let first = argv.head.first, argvStarts?.contains(first) ?? true else { return [] }
        return argv.joinedBytes.withUnsafeBufferPointer { bytes in
            withArgv.filter { index in definitions[index].argv.contains { $0.matches(utf8: bytes) } }
        }
    }

    private func definitionsByScript(_ argv: ArgumentVector) -> [Int] {
        guard !withScript.isEmpty else { return [] }
        let program = argv.head.prefix { $0 != 0 }
        let name = program[(program.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? program.startIndex)...]
        guard let first = name.first, scriptStarts?.contains(first) ?? true else { return [] }
        let arguments = argv.head[program.endIndex...].split(separator: 0)
        guard let script = arguments.first(where: { $0.first != UInt8(ascii: "-") }) else { return [] }
        return (Array(name) + [0x20] + script).withUnsafeBufferPointer { bytes in
            withScript.filter { index in definitions[index].script.contains { $0.matches(utf8: bytes) } }
        }
    }
}
