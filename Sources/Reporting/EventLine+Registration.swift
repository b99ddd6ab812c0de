import EventModel

// What an agent says of itself.
extension EventLine {
    func details(_ registration: Registration) -> VisibleText {
        let agent: VisibleText = registration.agent.map { " is \(VisibleText(escaping: $0, columns: 32))" } ?? ""
        let session: VisibleText =
            registration.session.map { " session \(VisibleText(escaping: $0, columns: 48))" } ?? ""
        return "\(process(registration.root))\(agent)\(session)\(registration.isOver ? " is over" : "")"
    }

    func members(_ registration: Registration) -> Members {
        [
            "root": processJSON(registration.root), "agent": JSONValue(registration.agent),
            "session_id": JSONValue(registration.session), "over": .flag(registration.isOver),
            "hook": .string(registration.hook),
        ]
    }
}
