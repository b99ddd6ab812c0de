public import EventModel

extension IncidentJSON {
    /// A person's words on an incident.
    public struct Note: Hashable, Sendable {
        public var at: WallTime
        public var uid: UInt32
        public var text: String

        public init(at: WallTime, uid: UInt32, text: String) {
            self.at = at
            self.uid = uid
            self.text = text
        }
    }

    /// A document, or an entry of a list, as it is now: it was written once, and this is what may change afterwards. Notes
    /// go into the timeline, where it has one.
    public static func amend(
        _ document: JSONValue, revision: Int, related: [String], recoveredAt: WallTime?, notes: [Note] = []
    ) -> JSONValue {
        var amended = document.setting("revision", to: JSONValue(revision))
        if amended["related"] != nil { amended = amended.setting("related", to: JSONValue(strings: related)) }
        if let disruption = amended["disruption"] {
            let time = JSONValue(recoveredAt.map { .string($0.rfc3339) })
            amended = amended.setting("disruption", to: disruption.setting("recovered_at", to: time))
        }
        guard !notes.isEmpty, let timeline = amended["timeline"]?.items else { return amended }
        return amended.setting("timeline", to: .array(insert(notes, into: timeline)))
    }

    /// Behind everything that was before them. Times of one form sort as their texts do.
    private static func insert(_ notes: [Note], into timeline: [JSONValue]) -> [JSONValue] {
        var timeline = timeline
        for (number, note) in notes.enumerated() {
            let time = note.at.rfc3339
            let entry: JSONValue = [
                "id": .string("a\(number + 1)"), "at": .string(time), "source": .string(Source.annotation.name),
                "kind": "note", "text": .string(note.text), "process": .null, "rule": .null,
                "data": ["uid": JSONValue(note.uid)],
            ]
            let place = timeline.lastIndex { ($0["at"]?.text ?? "") <= time }.map { $0 + 1 } ?? 0
            timeline.insert(entry, at: place)
        }
        return timeline
    }

    /// An entry of a list with what became of handing the incident on.
    public static func amend(
        _ entry: JSONValue, exports: [(target: String, state: String, at: WallTime, detail: String)]
    )
        -> JSONValue
    {
        entry.setting(
            "exports",
            to: .array(
                exports.map { export in
                    [
                        "target": .string(export.target), "state": .string(export.state),
                        "at": .string(export.at.rfc3339), "detail": .string(export.detail),
                    ]
                }))
    }
}

extension JSONValue: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
}
