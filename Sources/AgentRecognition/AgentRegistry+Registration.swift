public import EventModel
public import ProcessTracking

extension AgentRegistry {
    /// An agent has said of itself what it is: `root` is its process. Without a name it is whatever it is known as.
    public mutating func register(
        root key: ProcessKey, agent: String?, session: String?, isOver: Bool = false, at time: BootTime,
        table: inout ProcessTable
    ) {
        guard let root = table[key] else { return }
        let current = memberships[root.tag]
        if let current, current.root == root.key || agent == nil || agent == current.agent {
            memberships[current.tag]?.grounds.insert(.registration)
        } else if let agent, !isOver {
            add(agent, grounds: [.registration], root: root, outer: root.tag, at: time, table: &table)
        }
        guard let tag = table.tag(of: root.key), memberships[tag] != nil else { return }
        if isOver {
            memberships[tag]?.sessions.end(session, holder: root.key, at: time)
        } else if let session {
            memberships[tag]?.sessions.begin(session, holder: root.key, at: time)
        }
    }
}
