import EventModel
public import Reporting

// On the way from the daemon to its client.
extension AgentSessions {
    var wrapped: JSONValue {
        [
            "wall_offset": .string(String(list.wallOffset.nanoseconds)), "omitted": .integer(Int64(list.omitted)),
            "sessions": AgentSessionJSON.document(list),
            "members": .array(
                members.map { keys in
                    .array(keys.flatMap { [.integer(Int64($0.pid)), .unsigned($0.start.nanoseconds)] })
                }),
        ]
    }

    /// What `wrapped` made; nil where it is something else.
    public init?(_ wrapped: JSONValue) {
        guard let offset = wrapped["wall_offset"]?.text.flatMap({ Int64($0) }), let sessions = wrapped["sessions"],
            let list = try? AgentSessionJSON.list(
                sessions, wallOffset: WallOffset(nanoseconds: offset), omitted: wrapped["omitted"]?.number() ?? 0)
        else { return nil }
        self.init(list: list, members: (wrapped["members"]?.items ?? []).map(Self.keys))
    }

    private static func keys(_ flat: JSONValue) -> [ProcessKey] {
        let numbers = flat.items ?? []
        return stride(from: 0, to: numbers.count - 1, by: 2).compactMap { index in
            guard let pid: Int32 = numbers[index].number(), let start: UInt64 = numbers[index + 1].number() else {
                return nil
            }
            return ProcessKey(pid: pid, start: BootTime(nanoseconds: start))
        }
    }
}
