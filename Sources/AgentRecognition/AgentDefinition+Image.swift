public import EventModel

extension AgentDefinition {
    /// Whether that is this agent's own program, rather than something that the agent has started.
    public func isProgram(_ image: ExecImage) -> Bool {
        if exe.contains(where: { $0.matches(image.exe ?? "") }) || path.contains(where: { $0.matches(image.path) }) {
            return true
        }
        let words = image.argv.words
        if argv.contains(where: { $0.matches(words.joined(separator: " ")) }) { return true }
        guard !script.isEmpty, let first = words.first,
            let file = words.dropFirst().first(where: { !$0.hasPrefix("-") })
        else { return false }
        let name = first.split(separator: "/").last.map(String.init) ?? first
        return script.contains { $0.matches("\(name) \(file)") }
    }
}
