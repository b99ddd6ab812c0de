import EventModel
import Synchronization

/// How other threads reach the server: late answers, news for those who watch, and the end.
public final class ControlMailbox: Sendable {
    /// Rung when something is in it.
    let bell: Bell
    private let state = Mutex(State())

    private struct State {
        var replies: [(ClientID, ControlReply)] = []
        var isOver = false
    }

    init() throws(SystemCallError) { bell = try Bell() }

    public func reply(_ reply: ControlReply, to client: ClientID) {
        state.withLock { $0.replies.append((client, reply)) }
        wake()
    }

    /// There are lines for somebody who watches.
    public func wake() { bell.ring() }

    /// `ControlServer.run` comes back.
    public func end() {
        state.withLock { $0.isOver = true }
        wake()
    }

    var isOver: Bool { state.withLock { $0.isOver } }

    func take() -> [(ClientID, ControlReply)] {
        bell.silence()
        return state.withLock { state in
            defer { state.replies = [] }
            return state.replies
        }
    }
}
