import ControlSocket
import EventModel
import Synchronization

/// What clients ask of the process table, on its way to the thread that owns it.
final class Questions: Sendable {
    enum Subject: Sendable {
        case agents(includingEnded: Bool)
        case sessions(AgentSessions.Selection)
        case port(UInt16)
    }

    /// Rung when there is one.
    let bell: Bell
    private let waiting = Mutex<[(client: ClientID, subject: Subject)]>([])

    init() throws(SystemCallError) { bell = try Bell() }

    func ask(_ subject: Subject, for client: ClientID) {
        waiting.withLock { $0.append((client, subject)) }
        bell.ring()
    }

    func next() -> (client: ClientID, subject: Subject)? {
        waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    /// Its client has gone.
    func withdraw(_ client: ClientID) { waiting.withLock { $0.removeAll { $0.client == client } } }
}
