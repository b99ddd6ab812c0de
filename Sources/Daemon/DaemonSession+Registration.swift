import AgentRecognition
import Collector
import ControlSocket
import EventModel
import ProcessTracking
import Reporting

extension DaemonSession {
    /// What the kernel programs have seen by then is in the table: records are held back by less.
    private static let seenBy = Interval.milliseconds(20)

    /// Looks at what processes said of their agents. What holds becomes a record like any other.
    func register(at now: BootTime) throws {
        guard !answers.claims.isEmpty else { return }
        for claim in answers.claims.take(saidBefore: now - Self.seenBy) {
            mailbox.reply(try reply(to: claim), to: claim.client)
        }
    }

    private func reply(to claim: Claims.Claim) throws -> ControlReply {
        let registration: Registration
        do throws(ControlError) { registration = try claim.registration(pipeline) } catch { return .error(error) }
        let caller = pipeline.table.known(claim.caller) ?? claim.caller
        let event = Event(time: claim.at, source: .collector, process: caller, body: .registration(registration))
        try capture.enter(event) { record, event in pipeline.consume(record, event) }
        let membership = pipeline.agents[pipeline.table.tag(of: registration.root) ?? 0]
        return .value([
            "agent": membership.map { .string($0.agent) } ?? .null,
            "pid": .integer(Int64(registration.root.pid)),
            "session": membership?.sessionID.map { .string($0) } ?? .null,
        ])
    }
}
