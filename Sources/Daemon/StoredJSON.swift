public import EventModel
public import IncidentStore
public import Reporting

/// What the store holds, as it is now: the JSON that was written once, with what has changed since.
public enum StoredJSON {
    /// The entry of a list; nil where the store holds no JSON.
    public static func entry(_ stored: StoredSummary) -> JSONValue? {
        guard let entry = try? JSONValue(parsing: stored.summary.utf8) else { return nil }
        let amended = amend(entry, stored.changes, notes: [])
        return IncidentJSON.amend(
            amended,
            exports: stored.changes.exports.map { ($0.target, $0.state, $0.at, $0.detail) })
    }

    /// The whole document; nil where the store holds no JSON.
    public static func document(_ stored: StoredDocument) -> JSONValue? {
        guard let document = try? JSONValue(parsing: stored.document.utf8) else { return nil }
        let notes = stored.changes.annotations.map { IncidentJSON.Note(at: $0.at, uid: $0.uid, text: $0.text) }
        return amend(document, stored.changes, notes: notes)
    }

    private static func amend(_ json: JSONValue, _ changes: IncidentChanges, notes: [IncidentJSON.Note]) -> JSONValue {
        IncidentJSON.amend(
            json, revision: changes.revision, related: changes.related, recoveredAt: changes.recoveredAt, notes: notes)
    }

    /// The supplement of either; null where the store holds no JSON.
    public static func supplement(_ text: String) -> JSONValue { (try? JSONValue(parsing: text.utf8)) ?? .null }

    /// A document or an entry with what is needed beside it; on its way to a client.
    public struct Wrapped {
        public var json: JSONValue
        public var supplement: JSONValue
        public var wallOffset: WallOffset

        public init(json: JSONValue, supplement: JSONValue, wallOffset: WallOffset) {
            self.json = json
            self.supplement = supplement
            self.wallOffset = wallOffset
        }
    }

    static func wrap(_ name: String, _ json: JSONValue, _ supplement: JSONValue, _ offset: WallOffset) -> JSONValue {
        .object([
            .init(name: name, value: json), .init(name: "supplement", value: supplement),
            .init(name: "wall_offset", value: .string(String(offset.nanoseconds))),
        ])
    }

    /// What `wrap` made.
    public static func unwrap(_ name: String, _ json: JSONValue) -> Wrapped? {
        guard let value = json[name], let offset = json["wall_offset"]?.text.flatMap({ Int64($0) }) else { return nil }
        return Wrapped(
            json: value, supplement: json["supplement"] ?? .null, wallOffset: WallOffset(nanoseconds: offset))
    }
}
