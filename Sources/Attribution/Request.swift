import EventModel
import IncidentDetection

/// Somebody's request that a manager acted on, and how it is known.
struct Request {
    /// The process that asked; nil where only what passed the call on was seen.
    var caller: ProcessKey?
    var at: BootTime
    /// `asked the system manager to restart prod.service`
    var deed: String
    /// Of the call that it began with; nil where only a command was seen.
    var verb: ManagerCall.Verb?
    /// The most that a verdict about it can claim.
    var confidence: Confidence
    var evidence: [Finding.Observation]
    var rules: [String] = []
    /// Others who asked for the same, or may have.
    var rivals: [Rival] = []

    struct Rival {
        var process: ProcessKey?
        var whyNot: String
    }
}

extension DisruptionCase {
    /// Who asked for the job of that stop: by its number where it is known, else by the unit's name.
    func request(for stop: UnitStop) -> Request? {
        let answered = calls.all.filter {
            isInTime($0, stop) && $0.at > stop.began && !$0.isRefused && $0.request.manager == stop.unit.manager
        }
        if let job = stop.job {
            let exact = answered.filter { $0.jobs.contains(job) && $0.request.verb.endsUnit }
            if !exact.isEmpty { return request(exact, confidence: stop.isJobSeen ? .proven : .likely) }
        } else {
            let named = answered.filter { $0.names(stop.unit) && $0.request.verb.endsUnit && !$0.jobs.isEmpty }
            if let last = named.last { return request([last], confidence: .likely) }
        }
        let open = answered.filter {
            $0.answer == .unseen && $0.names(stop.unit) && $0.request.verb.endsUnit
                && $0.at.distance(to: stop.at) <= Self.prompt
        }
        guard !open.isEmpty else { return nil }
        return request(open, confidence: parties(of: open).count > 1 ? .possible : .likely)
    }

    /// The record of the call may come a little after what it led to; what comes later asked for something else.
    func isInTime(_ call: ManagerCalls.Call, _ stop: UnitStop) -> Bool {
        min(call.at, call.answeredAt ?? call.at) <= stop.at + Self.sendDelay
    }

    private func parties(of calls: [ManagerCalls.Call]) -> Set<Party> { Set(calls.map { party(of: $0.caller) }) }

    /// Of several calls that got the same job, the first made it.
    func request(_ calls: [ManagerCalls.Call], confidence: Confidence) -> Request? {
        guard let first = calls.min(by: { ($0.answeredAt ?? $0.at) < ($1.answeredAt ?? $1.at) }) else { return nil }
        let others = calls.filter { $0 != first && party(of: $0.caller) != party(of: first.caller) }
        var request = Request(
            caller: first.caller, at: first.at, deed: first.deed, verb: first.request.verb,
            confidence: others.isEmpty ? confidence : min(confidence, .likely),
            evidence: [.call(first, self)] + others.prefix(4).map { .call($0, self) },
            rules: first.caller == nil ? ["call.passed-on"] : [],
            rivals: others.prefix(8).map { .init(process: $0.caller, whyNot: secondCall($0, after: first)) })
        if managers.isLogind(first.caller) { follow(first, into: &request) }
        return request
    }

    private func secondCall(_ call: ManagerCalls.Call, after first: ManagerCalls.Call) -> String {
        "\(name(call.caller, at: call.at)) \(call.deed) as well, \(milliseconds(first.at, call.at)) later, "
            + "and got the job that was there already"
    }

    func milliseconds(_ a: BootTime, _ b: BootTime) -> String { "\(a.distance(to: b).nanoseconds / 1_000_000) ms" }
}
