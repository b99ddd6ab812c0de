import EventModel
import Redaction

extension Redactor {
    /// The event without its secrets; nil where it has none. The only strings that others choose are those of an image.
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
        default: return nil
        }
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
