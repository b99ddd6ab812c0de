import EventModel

// UNIX sockets, as a line and as fields.
extension EventLine {
    func details(_ change: UnixSocketChange) -> VisibleText {
        let step: VisibleText =
            switch change.step {
            case .listening: "listens on"
            case .nameless: "listens, no longer by the name"
            case .closed: "lets go of"
            }
        return "\(step) unix \(VisibleText(escaping: change.address.name, columns: 108))"
    }

    func members(_ change: UnixSocketChange) -> Members {
        [
            "step": .string(String(describing: change.step)), "name": .string(change.address.name),
            "place": .unsigned(change.address.place), "socket": .unsigned(change.socket),
            "changed": JSONValue(change.changedAt.map(times.json)),
        ]
    }
}
