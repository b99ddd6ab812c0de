import AgentRecognition
import EventModel
import IncidentDetection
import ProcessTracking

// The server of a terminal multiplexer makes every pane, whoever asked for it, and whoever types into it.
extension DisruptionCase {
    /// So soon after its client has gone a pane is made.
    private static let madeWithin = Interval.seconds(5)

    /// Below a server that another party's client was at, too: whose work it is, is not known. Keys are not recorded, and
    /// neither are the requests on a server's socket.
    func sharedTerminalTree(_ actor: ProcessKey) -> TreeOwner? {
        let lineage = table.forkLineage(of: actor)
        guard let depth = lineage.firstIndex(where: isServer), depth > 0 else { return nil }
        // That somebody asked for it, and who is not known, is said of the request.
        guard !lineage[...depth].contains(where: { table.request(of: $0.key).map { $0.requester == nil } ?? false })
        else { return nil }
        let own = lineage[..<depth]
        guard let pane = own.last, own.allSatisfy({ $0.tag == pane.tag }) else { return nil }
        let isTyped = own.contains(where: wasTypedInto)
        let client = table.all.first { other in
            other.key != lineage[depth].key && party(other.tag) != party(pane.tag)
                && couldBeAt(pane, of: lineage[depth], other, isTyped: isTyped)
        }
        guard let client else { return nil }
        return TreeOwner(
            outcome: .unknown, chain: lineage[...depth].reversed(), isBackFilled: false,
            phrase: "it runs in a terminal of \(name(lineage[depth].key)), which \(name(client.key)) of "
                + "\(agents[client.tag].map { "\($0.agent)'s tree" } ?? "no agent's tree") used as well, so whose work it "
                + "is, is not known")
    }

    /// The outermost agent, which owns all below it; 0 is everybody else.
    private func party(_ tag: Int32) -> Int32 { agents.chain(from: tag).last?.tag ?? tag }

    /// It was made by a client, which goes on by itself, and runs no program of its own.
    private func isServer(_ process: TrackedProcess) -> Bool {
        guard TerminalCommand.program(process.comm) != nil else { return false }
        return process.imageSince == nil || command(of: process) == nil
    }

    private func command(of process: TrackedProcess) -> TerminalCommand? {
        process.image.flatMap {
            TerminalCommand($0.value, title: process.seenBy == .bpf ? nil : process.fallbackComm)
        }
    }

    /// By any of the programs that it was, since a shell executes its last command in its own place.
    private func wasTypedInto(_ process: TrackedProcess) -> Bool {
        [process.image?.value, process.previousImage].contains { $0?.isTypedInto == true }
    }

    private func couldBeAt(
        _ pane: TrackedProcess, of server: TrackedProcess, _ client: TrackedProcess, isTyped: Bool
    ) -> Bool {
        guard client.uid == server.uid || client.uid == 0, client.imageSince != nil || client.seenBy != .bpf,
            let command = command(of: client),
            command.program == TerminalCommand.program(server.comm)
        else { return false }
        let end = client.exit?.at
        if isTyped, command.mayType, client.key.start <= disruption.at, end.map({ $0 >= pane.key.start }) ?? true {
            return true
        }
        // Where it was told whose pane this is, it is no other's.
        guard command.makesPane, table.request(of: pane.key) == nil else { return false }
        return client.key.start <= pane.key.start && end.map { $0 + Self.madeWithin >= pane.key.start } ?? true
    }
}
