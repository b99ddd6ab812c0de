import EventModel

/// Panes that clients of a terminal multiplexer ask its server for (`tmux new-window CMD`): the server makes one while the
/// client waits for it. What is typed into a pane leaves no such trace, see `TerminalCommand.mayType`.
struct TerminalClients: Sendable {
    private struct Client: Sendable {
        var process: ProcessKey
        var command: TerminalCommand
        var uid: UInt32
        var at: BootTime
    }

    /// A server makes a pane within this; a client that is there for longer is attached, or waits for something else.
    private static let patience = Interval.seconds(2)
    private static let clientsKept = 64

    private var clients: [Client] = []

    /// The program executed something: perhaps a client.
    mutating func executed(_ exec: Exec, by process: ProcessKey, at time: BootTime) {
        guard TerminalCommand.program(exec.image.comm) != nil, let command = TerminalCommand(exec.image),
            command.makesPane, !command.mayWait
        else { return }
        clients.removeAll { $0.at.distance(to: time) > Self.patience }
        clients.append(Client(process: process, command: command, uid: exec.uid, at: time))
        if clients.count > Self.clientsKept { clients.removeFirst() }
    }

    /// Who asked for the pane that a server has just made; nil where that is the server's own tree, or where it may have
    /// been one of several parties.
    func request(for pane: ProcessKey, madeBy server: ProcessKey, uid: UInt32, _ table: ProcessTable) -> RequestEdge? {
        guard !clients.isEmpty, let maker = table[server], !maker.isRequested,
            let program = TerminalCommand.program(maker.comm)
        else {
            return nil
        }
        let waiting = clients.filter { client in
            client.command.program == program && client.uid == uid && client.process != server
                && client.at <= pane.start && client.at.distance(to: pane.start) <= Self.patience
                && table[client.process]?.isAlive == true
        }
        guard let last = waiting.last, let tag = table.tag(of: last.process), tag != maker.tag,
            waiting.allSatisfy({ table.tag(of: $0.process) == tag })
        else { return nil }
        return RequestEdge(
            requester: last.process, via: "\(program) \(last.command.name)", at: last.at, certainty: .inferred, tag: tag
        )
    }
}
