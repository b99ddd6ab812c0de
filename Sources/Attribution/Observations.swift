import EventModel
import IncidentDetection
import ProcessTracking

extension Finding.Observation {
    /// A signal on its way to the subject.
    static func signal(_ event: Event, _ signal: SignalSent, _ disruption: DisruptionCase) -> Self {
        Finding.Observation(
            at: event.time, source: event.source, kind: "signal", text: text(event, signal, disruption),
            process: event.process,
            data: [
                "signal": .integer(Int64(signal.signal.rawValue)),
                "code": .text(signal.code.name),
                "result": .text(name(signal.result)),
                "disposition": .text(name(signal.disposition)),
                "sender_uid": .integer(Int64(signal.senderUID)),
                "claimed_pid": .integer(Int64(signal.claimedPID)),
                "target_pid": .integer(Int64(signal.target.pid)),
            ])
    }

    private static func text(_ event: Event, _ signal: SignalSent, _ disruption: DisruptionCase) -> String {
        let target = disruption.name(signal.target, at: event.time)
        let by = disruption.name(event.process, at: event.time)
        let what =
            switch signal.origin {
            case .kernel: "the kernel sent \(signal.signal.name) (\(signal.code.name)) to \(target)"
            case .onBehalf: "the kernel sent \(signal.signal.name) to \(target) on behalf of \(by)"
            case .parentDeath: "\(by), the parent, died: \(signal.signal.name) to \(target), as it had asked for"
            case .process, .outside: "\(by) sent \(signal.signal.name) to \(target)"
            }
        let forged =
            signal.claimedPID != 0 && event.process.map { $0.pid != signal.claimedPID } ?? false
            && signal.code == .queue
        return what + (forged ? "; it claims to be pid \(signal.claimedPID), which is not so" : "") + effect(signal)
    }

    private static func effect(_ signal: SignalSent) -> String {
        if signal.result == .ignored || signal.disposition == .ignored { return "; ignored" }
        if signal.result == .alreadyPending { return "; one was pending already" }
        return signal.disposition == .handler ? "; it has a handler for that" : ""
    }

    private static func name(_ result: SignalSent.Result) -> String { String(describing: result) }
    private static func name(_ disposition: SignalSent.Disposition) -> String { String(describing: disposition) }

    /// The disruption itself.
    static func end(of disruption: DisruptionCase) -> Self {
        let status = disruption.disruption.status
        let how =
            switch (status?.signal, status?.code) {
            case (let signal?, _): "was ended by \(signal.name)" + (status?.coreDumped == true ? ", core dumped" : "")
            case (_, let code?): "exited with code \(code)"
            default: "is gone"
            }
        let who =
            disruption.victim.map { "\(disruption.name($0)), the main process of \(disruption.subject.name), \(how)" }
            ?? (disruption.disruption.kind == .failedToStart
                ? "\(disruption.subject.name) did not come up" : "\(disruption.subject.name) \(how)")
        var data: [String: Evidence.Value] = [:]
        if let signal = status?.signal { data["signal"] = .integer(Int64(signal.rawValue)) }
        if let code = status?.code { data["exit_code"] = .integer(Int64(code)) }
        return Finding.Observation(
            at: disruption.disruption.at, source: disruption.endSource, kind: "exit",
            text: who,
            process: disruption.victim, data: data)
    }
}

extension DisruptionCase {
    /// Who saw the end: the kernel programs where they record exits.
    var endSource: Source { isActive("bpf:exit") ? .bpf : .procfs }
}
