import EventModel
import Redaction

extension Redactor {
    /// The event without its secrets; nil where it has none. Others choose the strings of an image, of what is logged
    /// or asked for, and the names of units and of their files.
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
        case .job(let change):
            guard let unit = redact(change.unit) else { return nil }
            redacted.body = .job(JobChange(unit: unit, id: change.id, type: change.type, step: change.step))
        case .cgroup(.made(let id, let parent, let name)):
            guard let name = redact(path: name) else { return nil }
            redacted.body = .cgroup(.made(id, parent: parent, name: name))
        case .managerMessage(let message):
            guard let message = redact(message) else { return nil }
            redacted.body = .managerMessage(message)
        case .unitFile(var change):
            guard let path = redact(path: change.path) else { return nil }
            change.path = path
            redacted.body = .unitFile(change)
        case .registration(var registration):
            guard let session = registration.session.flatMap({ redact(text: $0) }) else { return nil }
            registration.session = session
            redacted.body = .registration(registration)
        case .unixSocket(var change):
            guard let name = redact(path: change.address.name) else { return nil }
            change.address.name = name
            redacted.body = .unixSocket(change)
        case .oomVictim, .oomDump:
            guard let body = redactLimit(event.body) else { return nil }
            redacted.body = body
        default: return nil
        }
        return redacted
    }

    /// The name of the cgroup whose limit was reached: alike in both.
    private func redactLimit(_ body: Event.Body) -> Event.Body? {
        switch body {
        case .oomVictim(var oom):
            guard var limit = oom.scope.limit, let name = redact(path: limit.name) else { return nil }
            limit.name = name
            oom.scope = .cgroup(limit)
            return .oomVictim(oom)
        case .oomDump(var dump):
            guard case .cgroup(let own) = dump.scope, let name = redact(path: own) else { return nil }
            dump.scope = .cgroup(name: name)
            return .oomDump(dump)
        default: return nil
        }
    }

    /// Alike wherever a unit is named, so that what belongs together still has one name.
    private func redact(_ unit: UnitID) -> UnitID? {
        redact(path: unit.name).map { UnitID(manager: unit.manager, name: $0) }
    }

    private func redact(_ entry: JournalEntry) -> JournalEntry? {
        var redacted = entry
        redacted.message = redact(text: entry.message) ?? entry.message
        redacted.unit = entry.unit.map { redact($0) ?? $0 }
        redacted.identifier = entry.identifier.map { redact(text: $0) ?? $0 }
        redacted.fields = entry.fields.map { .init(name: $0.name, value: redact(text: $0.value) ?? $0.value) }
        return redacted == entry ? nil : redacted
    }

    private func redact(_ message: ManagerMessage) -> ManagerMessage? {
        var redacted = message
        redacted.arguments = message.arguments.map { argument in
            switch argument {
            case .text(let text): .text(redact(path: text) ?? text)
            case .list(let list): .list(list.map { redact(path: $0) ?? $0 })
            case .number, .flag: argument
            }
        }
        redacted.path = message.path.map { redact(object: $0) }
        for name in [\ManagerMessage.destination, \.sender, \.interface, \.member, \.errorName] {
            redacted[keyPath: name] = message[keyPath: name].map { redact(path: $0) ?? $0 }
        }
        return redacted == message ? nil : redacted
    }

    /// The name of a unit is escaped in its object's path, and looks like no secret there.
    private func redact(object path: String) -> String {
        if let unit = UnitPath.unit(at: path), let name = redact(path: unit) { return UnitPath.path(ofUnit: name) }
        return redact(path: path) ?? path
    }

    private func redact(_ state: UnitState) -> UnitState? {
        var redacted = state
        redacted.unit = redact(state.unit) ?? state.unit
        redacted.cgroup = state.cgroup.map { redact(path: $0) ?? $0 }
        redacted.files = state.files.map { redact(path: $0) ?? $0 }
        redacted.relations = state.relations.map { .init(kind: $0.kind, other: redact(path: $0.other) ?? $0.other) }
        return redacted == state ? nil : redacted
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
