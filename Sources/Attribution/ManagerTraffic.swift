import EventModel
import ProcessTracking

/// The messages of the window by what links them.
struct ManagerTraffic {
    struct Send {
        var event: Event
        var message: ManagerMessage
    }

    /// What stays the same on every hop of one call.
    private struct CallContent: Hashable {
        var serial: UInt32
        var member: String?
        var path: String?
        var interface: String?
        var arguments: [ManagerMessage.Argument]
    }

    /// The connection and the serial that an answer is for.
    private struct AnswerKey: Hashable {
        var peerSocket: UInt64
        var serial: UInt32
    }

    private struct AnswerContent: Hashable {
        var serial: UInt32?
        var error: String?
        var arguments: [ManagerMessage.Argument]
    }

    let managers: ServiceManagers
    /// Calls that are alike; each group, and the groups, in the order of the sends.
    private(set) var callGroups: [[Send]] = []
    private var answers: [AnswerKey: [Send]] = [:]
    /// Those that a manager sent.
    private var managersAnswers: [AnswerContent: [Send]] = [:]

    init(_ events: [Event], _ managers: ServiceManagers) {
        self.managers = managers
        var places: [CallContent: Int] = [:]
        for event in events {
            guard case .managerMessage(let message) = event.body else { continue }
            let send = Send(event: event, message: message)
            switch message.kind {
            case .call: add(send, &places)
            case .reply, .error: addAnswer(send)
            case .signal: continue
            }
        }
    }

    private mutating func add(_ send: Send, _ places: inout [CallContent: Int]) {
        guard ManagerMethod.of(send.message) != nil else { return }
        let content = CallContent(
            serial: send.message.serial, member: send.message.member, path: send.message.path,
            interface: send.message.interface, arguments: send.message.arguments)
        if let place = places[content] {
            callGroups[place].append(send)
        } else {
            places[content] = callGroups.count
            callGroups.append([send])
        }
    }

    private mutating func addAnswer(_ send: Send) {
        guard let serial = send.message.replySerial else { return }
        answers[AnswerKey(peerSocket: send.message.peerSocket, serial: serial), default: []].append(send)
        if managers.scope(of: send.event.process) != nil {
            managersAnswers[Self.content(send.message), default: []].append(send)
        }
    }

    private static func content(_ message: ManagerMessage) -> AnswerContent {
        AnswerContent(serial: message.replySerial, error: message.errorName, arguments: message.arguments)
    }

    /// On the same connection, the nearest in time: inodes of sockets come again, if rarely.
    func answer(to call: Send) -> Send? {
        answers[AnswerKey(peerSocket: call.message.socket, serial: call.message.serial)]?
            .filter { $0.message.answers(call.message) && $0.event.process != call.event.process }
            .min { $0.event.time.distance(to: call.event.time) < $1.event.time.distance(to: call.event.time) }
    }

    /// Whether both got the same answer: then the one is the other, passed on.
    func isAnsweredAlike(_ call: Send, _ other: Send) -> Bool {
        guard let first = answer(to: call), let second = answer(to: other) else { return false }
        return Self.content(first.message) == Self.content(second.message)
    }

    /// What was sent by the very process that answered a like call: it stands between the caller and the manager.
    func isBridge(_ send: Send, in group: [Send]) -> Bool {
        guard group.count > 1, let process = send.event.process else { return false }
        return group.contains { other in
            other.event.process != process && !other.message.isForwarded
                && (answer(to: other)?.event.process == process || isKnownBridge(process, for: other))
        }
    }

    /// By its name, where it has not answered yet: the program that `systemctl -M` starts for its connection.
    private func isKnownBridge(_ process: ProcessKey, for origin: Send) -> Bool {
        guard origin.message.address.isEmpty, let bridge = managers.table[process] else { return false }
        return bridge.comm == "systemd-stdio-b"
    }

    /// Notes the answer, and which manager it is from: the one that sent it, or sent the same to whoever passed it on.
    func take(_ reply: Send, into call: inout ManagerCalls.Call) {
        let jobs = reply.message.jobs
        call.answer =
            reply.message.kind == .error
            ? .refused(reply.message.errorName ?? "") : jobs.isEmpty ? .done : .jobs(jobs)
        call.answeredAt = reply.event.time
        let author = managers.scope(of: reply.event.process) != nil ? reply : original(of: reply)
        guard let author, let scope = managers.scope(of: author.event.process) else { return }
        call.answeredBy = author.event.process
        call.answeredAt = min(author.event.time, reply.event.time)
        call.request.manager = scope
    }

    private func original(of reply: Send) -> Send? {
        managersAnswers[Self.content(reply.message)]?
            .filter { $0.event.time.distance(to: reply.event.time) <= .seconds(5) }
            .min { $0.event.time.distance(to: reply.event.time) < $1.event.time.distance(to: reply.event.time) }
    }
}
