public import EventModel

/// A process of a tagged tree, in few words.
public struct TaggedProcess: Hashable, Sendable {
    public var key: ProcessKey
    public var tag: Int32
}

extension ProcessTable {
    /// The living processes that carry a tag, by their start. Entries are large: nothing else of them is copied.
    public var livingMembers: [TaggedProcess] {
        var members: [TaggedProcess] = []
        for index in entries.indices
        where entries[index].tag != 0 && !entries[index].isVacant && entries[index].exit == nil {
            members.append(TaggedProcess(key: entries[index].key, tag: entries[index].tag))
        }
        return members.sorted { ($0.key.start, $0.key.pid) < ($1.key.start, $1.key.pid) }
    }
}
