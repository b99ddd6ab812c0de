public import EventModel
public import ProcessTracking

extension AgentRegistry {
    /// A session is known by what its agent starts: the agent's own children have the variable of the one in force.
    /// What is further down may have been started in an earlier one, and only says something where nothing else has.
    mutating func label(
        _ tag: Int32, with session: String?, _ process: TrackedProcess, at time: BootTime, table: ProcessTable
    ) {
        guard let session, let membership = memberships[tag] else { return }
        guard process.key != membership.root, let creator = process.creator.flatMap({ table[$0] }) else {
            if membership.sessions.spans.isEmpty { begin(session, of: tag, holder: membership.root, at: time) }
            return
        }
        if membership.sessions.inForce(of: creator.key, at: time) == session { return }
        let isAgent = creator.key == membership.root || membership.sessions.isHeld(by: creator.key)
        if isAgent || creator.image(at: process.key.start).map({ isProgram($0, of: membership.agent) }) == true {
            begin(session, of: tag, holder: creator.key, at: time)
        } else if membership.sessions.spans.isEmpty {
            begin(session, of: tag, holder: membership.root, at: time)
        }
    }

    private mutating func begin(_ session: String, of tag: Int32, holder: ProcessKey, at time: BootTime) {
        memberships[tag]?.sessions.begin(session, holder: holder, at: time)
    }

    /// The session in force when that process acted: by the variable that it or the nearest above it was given, or by
    /// what its agent was working for at that time. Nil where none is known.
    public func session(of key: ProcessKey, at time: BootTime, in table: ProcessTable) -> String? {
        guard let membership = memberships[table.tag(of: key) ?? 0] else { return nil }
        var moment = time
        var next: ProcessKey? = key
        var steps = 0
        while let current = next, let process = table[current], steps < Self.deepestSession {
            if membership.sessions.isHeld(by: current) { return membership.sessions.inForce(of: current, at: moment) }
            if current == membership.root { break }
            if let image = process.image(at: moment), let id = reader.session(of: membership.agent, in: image.markers) {
                return id
            }
            moment = process.key.start
            next = process.creator
            steps += 1
        }
        return membership.sessions.inForce(at: time)
    }

    private static let deepestSession = 256
}
