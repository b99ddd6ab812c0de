import EventModel
import IncidentDetection
import ProcessTracking

/// The call itself was not seen, but a program that makes such calls was started just before the manager acted, with the
/// subject in its command line, and no other can have been it.
enum ClientRule: Rule {
    static let id = "manager-request.client"

    static func examine(_ disruption: DisruptionCase) -> Finding? {
        guard let stop = disruption.unitStop, !disruption.endedOtherwise(before: stop),
            disruption.request(for: stop) == nil, disruption.rootJob(of: stop) == nil,
            disruption.recordedSince.map({ $0 <= stop.at }) ?? true
        else { return nil }
        let clients = disruption.clients(before: stop)
        let fitting = clients.filter { $0.fit != .maybe }
        guard let client = fitting.first else { return nil }
        let rivals = clients.filter { disruption.party(of: $0.process.key) != disruption.party(of: client.process.key) }
        // Where calls are seen and this one was not, something is amiss; and another may have come before the recording.
        let isCovered = disruption.recordedSince.map { $0 <= stop.at - Client.reach } ?? true
        let isAlone = rivals.isEmpty && !disruption.seesManagerCalls && isCovered
        return Finding(
            rule: id, mechanism: mechanism(client, disruption), actor: client.process.key, actedAt: client.at,
            confidence: isAlone ? .likely : .possible, allowsForMissingCalls: true, act: act(client, disruption),
            evidence: [observation(client, disruption)] + stop.evidence + [.end(of: disruption)],
            alternatives: rivals.prefix(8).map {
                disruption.alternative(
                    $0.process.key,
                    "\(disruption.name($0.process.key, at: $0.at)) may have asked for it as well (\($0.command.deed)); "
                        + "the calls themselves were not recorded")
            },
            suspects: rivals.map(\.process.key))
    }

    private static func mechanism(_ client: Client, _ disruption: DisruptionCase) -> Mechanism {
        switch client.fit {
        case .byRelation: .dependency
        case .byHost: .hostShutdown
        case .byName, .maybe: disruption.owner(of: client.process.key).isScheduled ? .scheduled : .managerRequest
        }
    }

    private static func act(_ client: Client, _ disruption: DisruptionCase) -> String {
        "was started to \(client.command.deed) just before the manager stopped \(disruption.subject.name); "
            + "its call to the manager was not recorded"
    }

    private static func observation(_ client: Client, _ disruption: DisruptionCase) -> Finding.Observation {
        Finding.Observation(
            at: client.at, source: client.process.seenBy, kind: "exec",
            text: "\(disruption.name(client.process.key, at: client.at)) started, to \(client.command.deed)",
            process: client.process.key)
    }
}

/// A process that may have made the call.
struct Client {
    /// So long before the manager acts its client may have been started.
    static let reach = Interval.seconds(2)

    enum Fit: Equatable { case byName, byRelation, byHost, maybe }

    var process: TrackedProcess
    var command: ClientCommand
    var at: BootTime
    var fit: Fit
}

extension DisruptionCase {
    /// Those that were started within reach of the stop, in order.
    func clients(before stop: UnitStop) -> [Client] {
        table.all.compactMap { process -> Client? in
            guard let since = process.imageSince, since <= stop.at, since > stop.began,
                since.distance(to: stop.at) <= Client.reach,
                let image = process.image?.value, let command = ClientCommand(image),
                isFor(stop.unit.manager, command, process), let fit = fit(command, stop)
            else { return nil }
            return Client(process: process, command: command, at: since, fit: hasFailed(process) ? .maybe : fit)
        }.sorted { ($0.at, $0.process.key.pid) < ($1.at, $1.process.key.pid) }
    }

    /// It may have been refused, or only something else that it asked for was.
    private func hasFailed(_ process: TrackedProcess) -> Bool {
        guard let code = process.exit?.status?.code, code != 0 else { return false }
        return disruption.kind != .failedToStart && disruption.kind != .failed
    }

    private func isFor(_ manager: ManagerScope, _ command: ClientCommand, _ process: TrackedProcess) -> Bool {
        guard command.effect != .endsAll, command.effect != .endsLogin else { return true }
        guard let uid = manager.uid else { return !command.isForUser }
        return command.isForUser && (command.uid ?? process.uid ?? uid) == uid || command.uid == uid
            || (command.isForUser && process.uid == 0)
    }

    private func fit(_ command: ClientCommand, _ stop: UnitStop) -> Client.Fit? {
        let names = command.units.contains { $0 == stop.unit.name || (try? Glob($0).matches(stop.unit.name)) == true }
        switch command.effect {
        case .ends where names, .kills where names: return .byName
        case .endsAll: return isHostEnding(stop) ? .byHost : .maybe
        case .endsLogin: return stop.unit.manager == .system ? .maybe : .byName
        case .unclear: return .maybe
        default: break
        }
        let propagation = StopPropagation(units: units)
        guard command.effect != .kills else { return nil }
        let reaches = command.units.contains { name in
            command.effect == .starts
                ? propagation.way(from: stop.unit, toStartOf: name) != nil
                : propagation.way(from: stop.unit, toStopOf: name) != nil
        }
        return reaches ? .byRelation : nil
    }

    /// A job that stops nearly everything was seen.
    private func isHostEnding(_ stop: UnitStop) -> Bool {
        HostTargets.all.contains { !jobs[UnitID(manager: stop.unit.manager, name: $0)].isEmpty }
    }
}
