import EventModel
import IncidentDetection
import ProcessTracking

// What logind asks of the manager, it asks for somebody, or because a session is over.
extension DisruptionCase {
    /// So long logind waits for those who delay a shutdown (InhibitDelayMaxSec=), and before it stops the manager of a
    /// user who has left (UserStopDelaySec=), with a margin.
    private static let loginDelay = Interval.seconds(15)

    /// Puts whoever asked logind in its place; where nobody did, it acts for the machine.
    func follow(_ call: ManagerCalls.Call, into request: inout Request) {
        let asked = calls.all.filter {
            $0.at <= call.at + Self.sendDelay && $0.at.distance(to: call.at) <= Self.loginDelay && !$0.isRefused
                && !managers.isLogind($0.caller) && leads($0.request, to: call.request)
        }
        guard let first = asked.first else {
            request.confidence = min(request.confidence, .likely)
            if !leave(call, into: &request) { request.rules.append("logind.itself") }
            return
        }
        let others = asked.filter { party(of: $0.caller) != party(of: first.caller) }
        request.caller = first.caller
        request.at = first.at
        request.deed = first.deed
        request.verb = first.request.verb
        request.confidence = others.isEmpty ? request.confidence : .possible
        request.evidence.insert(.call(first, self), at: 0)
        request.rules.append("logind.asked")
        request.rivals += others.prefix(8).map {
            .init(process: $0.caller, whyNot: "\(name($0.caller, at: $0.at)) \($0.deed) as well")
        }
    }

    /// A user whose last session is over: whoever ended that session's first process, or the one who left.
    private func leave(_ call: ManagerCalls.Call, into request: inout Request) -> Bool {
        guard let uid = call.request.units.first.flatMap(Self.user), let first = lastToLeave(uid, before: call.at),
            let exit = first.exit
        else { return false }
        let sent = signals(to: first.key, until: exit.at).last {
            $0.signal.tookEffect && $0.signal.origin.hasSender && $0.signal.signal == exit.status?.signal
        }
        request.caller = sent?.sender ?? first.key
        request.at = sent?.event.time ?? exit.at
        request.deed =
            sent == nil ? "left, and user \(uid) had no session any more" : "ended the last session of user \(uid)"
        request.evidence.insert(
            sent.map { .signal($0.event, $0.signal, self) }
                ?? Finding.Observation(
                    at: exit.at, source: first.seenBy, kind: "exit",
                    text: "\(name(first.key, at: exit.at)), the first of a session of user \(uid), ended",
                    process: first.key), at: 0)
        request.rules.append("logind.logout")
        return true
    }

    private static func user(_ unit: String) -> UInt32? {
        guard unit.hasPrefix("user@"), unit.hasSuffix(".service") else { return nil }
        return UInt32(unit.dropFirst("user@".count).dropLast(".service".count))
    }

    /// The first process of the session that ended last.
    private func lastToLeave(_ uid: UInt32, before time: BootTime) -> TrackedProcess? {
        let folder = "/user-\(uid).slice/session-"
        return table.all.filter { process in
            guard let exit = process.exit, exit.at <= time + Self.sendDelay, process.uid == uid,
                !Self.sessionOpeners.contains(process.comm),
                exit.at.distance(to: time) <= Self.loginDelay
            else { return false }
            return cgroups.path(of: process.cgroup)?.contains(folder) == true
                && owner(of: process.key).chain.first?.key == process.key
        }.max { ($0.exit?.at ?? .zero) < ($1.exit?.at ?? .zero) }
    }

    /// Whether that is how logind does what it was asked.
    private func leads(_ asked: ManagerCall, to done: ManagerCall) -> Bool {
        let unit = done.units.first ?? ""
        switch asked.verb {
        case .terminateSession, .killSession, .terminateSeat, .terminateUser, .killUser:
            guard done.verb == .stop || done.verb == .kill || unit == "exit.target" else { return false }
            if let user = asked.user {
                return unit.contains("user-\(user).") || unit.contains("user@\(user).") || unit.hasPrefix("session-")
            }
            if let session = asked.session, unit.hasPrefix("session-") {
                return unit == "session-\(session).scope" || session.isEmpty
            }
            return ["session-", "user@", "user-"].contains { unit.hasPrefix($0) }
        default:
            return asked.verb.isOfHost
                && (done.verb.isOfHost || HostTargets.all.contains(unit) || HostTargets.ofSleep.contains(unit))
        }
    }
}

/// Targets that end the whole host, or one manager: a stop of nearly everything belongs to their start.
enum HostTargets {
    static let all: Set<String> = [
        "poweroff.target", "reboot.target", "halt.target", "kexec.target", "soft-reboot.target", "shutdown.target",
        "exit.target", "ctrl-alt-del.target", "runlevel0.target", "runlevel6.target",
    ]
    /// They stop only what says that it conflicts with them.
    static let ofSleep: Set<String> = [
        "sleep.target", "suspend.target", "hibernate.target", "hybrid-sleep.target", "suspend-then-hibernate.target",
    ]
}
