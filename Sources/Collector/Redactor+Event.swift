import EventModel
import Redaction

extension Redactor {
    /// The event without its secrets; nil where it has none. Others choose the strings of an image, of what is logged
    /// or asked for, and the names of unit files.
    func redact(_ event: Event) -> Event? {
        var redacted = event
        switch event.body {
        case .exec(var exec):
            guard let image = redact(exec.image) else { return nil }
            exec.image = image
            redacted.body = .exec(exec)
        case .seen(var seen):
            guard let image = seen.image.flatMap({ redact($0) }) else { return nil }
            seen.image = image
            redacted.body = .seen(seen)
        case .journal(let entry):
            guard let entry = redact(entry) else { return nil }
            redacted.body = .journal(entry)
        case .unit(let state):
            guard let state = redact(state) else { return nil }
            redacted.body = .unit(state)
        case .managerMessage(let message):
            guard let message = redact(message) else { return nil }
            redacted.body = .managerMessage(message)
        case .registration(var registration):
            guard let session = registration.session.flatMap({ redact(text: $0) }) else { return nil }
            registration.session = session
            redacted.body = .registration(registration)
        default: return nil
        }
        return redacted
    }

    private func redact(_ entry: JournalEntry) -> JournalEntry? {
        var redacted = entry
        redacted.message = redact(text: entry.message) ?? entry.message
        redacted.identifier = entry.identifier.map { redact(text: $0) ?? $0 }
        redacted.fields = entry.fields.map { .init(name: $0.name, value: redact(text: $0.value) ?? $0.value) }
        return redacted == entry ? nil : redacted
    }

    private func redact(_ message: ManagerMessage) -> ManagerMessage? {
        var redacted = message
        redacted.arguments = message.arguments.map { argument in
            switch argument {
            case .text(let text): .text(redact(text: text) ?? text)
            case .list(let list): .list(list.map { redact(text: $0) ?? $0 })
            case .number, .flag: argument
            }
        }
        return redacted == message ? nil : redacted
    }

    private func redact(_ state: UnitState) -> UnitState? {
        let files = state.files.map { redact(path: $0) }
        guard files.contains(where: { $0 != nil }) else { return nil }
        var redacted = state
        redacted.files = zip(files, state.files).map { $0 ?? $1 }
        return redacted
    }

    private func redact(_ image: ExecImage) -> ExecImage? {
        let argv = redact(image.argv)
        let path = redact(path: image.path)
        let markers = image.markers.map { redact($0) }
        guard argv != nil || path != nil || markers.contains(where: { $0 != nil }) else { return nil }
        var redacted = image
        redacted.argv = argv ?? image.argv
        redacted.path = path ?? image.path
        redacted.markers = zip(markers, image.markers).map { $0 ?? $1 }
        return redacted
    }
}
