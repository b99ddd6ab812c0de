import AgentRecognition
import EventModel
import ProcessTracking
import Testing

@Suite struct LedgerTests {
    private var host = TestHost()
    private var ledger = AgentLedger()
    private var root: ProcessKey
    private var stranger: ProcessKey

    init() {
        root = host.start(TestHost.pid1, "/bin/agent", env: ["AI_AGENT": "tester"])
        stranger = host.start(TestHost.pid1, "/bin/prod")
    }

    private var account: AgentLedger.Account? { host.membership(root).flatMap { ledger[$0.tag] } }

    private mutating func take(_ process: ProcessKey?, _ body: Event.Body) {
        let event = Event(time: host.tick(), source: .bpf, process: process, body: body)
        host.take(event)
        ledger.apply(event, table: host.table, agents: host.agents)
    }

    private mutating func child(of parent: ProcessKey, _ pid: Int32) -> ProcessKey {
        let child = ProcessKey(pid: pid, start: host.tick())
        take(parent, .fork(Fork(child: child, childParentPID: parent.pid, uid: 0)))
        return child
    }

    private func signal(_ target: ProcessKey, _ origin: SignalSent.Origin = .process) -> Event.Body {
        .signal(SignalSent(target: target, targetThread: target.pid, signal: .kill, code: .user, origin: origin))
    }

    private func call(_ member: String, _ unit: String?, serial: UInt32, peer: ProcessKey? = TestHost.pid1)
        -> Event.Body
    {
        .managerMessage(
            ManagerMessage(
                kind: .call, serial: serial, socket: 7, peerSocket: 8, peer: peer, address: "/run/systemd/private",
                destination: "org.freedesktop.systemd1", path: "/org/freedesktop/systemd1",
                interface: "org.freedesktop.systemd1.Manager", member: member,
                arguments: unit.map { [.text($0), .text("replace")] } ?? []))
    }

    @Test mutating func forksOfTheTreeCount() {
        let first = child(of: root, 900)
        _ = child(of: first, 901)
        _ = child(of: stranger, 902)
        #expect(account?.forks == 2)
        #expect(host.membership(root).map { host.table.census.ever($0.tag) } == 3)
        #expect(host.table.livingMembers.map(\.key.pid) == [root.pid, 900, 901])
    }

    @Test mutating func onlySignalsToOthersCount() {
        let own = child(of: root, 900)
        take(own, signal(root))
        take(root, signal(own))
        take(stranger, signal(root))
        take(root, signal(stranger, .kernel))
        #expect(account?.signals == [])
        take(own, signal(stranger))
        take(own, signal(stranger))
        #expect(account?.signals.map(\.count) == [2])
        #expect(account?.signals.first?.comm == "prod" && account?.signals.first?.target == stranger)
    }

    @Test mutating func anInnerAgentIsOfItsOuterOne() {
        let inner = child(of: root, 900)
        host.exec(inner, host.image("codex", exe: "/u/node_modules/@openai/codex/vendor/x/codex/codex"))
        #expect(host.names(inner).count == 2)
        take(root, signal(inner))
        #expect(account?.signals == [])
        take(inner, signal(root))
        #expect(host.membership(inner).flatMap { ledger[$0.tag] }?.signals.count == 1)
    }

    @Test mutating func requestsCountByUnitAndVerb() {
        take(root, call("RestartUnit", "prod.service", serial: 1))
        take(root, call("RestartUnit", "prod.service", serial: 2))
        take(root, call("Reload", nil, serial: 3))
        take(root, call("StopUnit", "own.service", serial: 4, peer: root))
        take(stranger, call("StopUnit", "prod.service", serial: 5))
        #expect(account?.requests.map(\.unit) == ["prod.service", nil])
        #expect(account?.requests.map(\.count) == [2, 1])
        #expect(account?.requests.map(\.verb) == [.restart, .reloadManager])
    }

    private func refusal(of serial: UInt32, socket: UInt64 = 7) -> Event.Body {
        .managerMessage(
            ManagerMessage(kind: .error, serial: 9, replySerial: serial, socket: 8, peerSocket: socket, errorName: "x"))
    }

    @Test mutating func aRefusalIsNoted() {
        take(root, call("RestartUnit", "prod.service", serial: 1))
        take(TestHost.pid1, refusal(of: 1))
        #expect(account?.requests.map(\.refused) == [1])
    }

    /// The caller's processor was taken away between the send and its end.
    @Test mutating func aRefusalMayComeBeforeItsCall() {
        take(TestHost.pid1, refusal(of: 1))
        take(TestHost.pid1, refusal(of: 2, socket: 6))
        take(root, call("RestartUnit", "prod.service", serial: 1))
        take(root, call("RestartUnit", "prod.service", serial: 2))
        #expect(account?.requests.map(\.count) == [2] && account?.requests.map(\.refused) == [1])
    }

    @Test mutating func whatIsRefusedToOthersIsNotKeptForEver() {
        take(TestHost.pid1, refusal(of: 1))
        for serial in 1000..<2000 { take(TestHost.pid1, refusal(of: UInt32(serial))) }
        take(root, call("RestartUnit", "prod.service", serial: 1))
        #expect(account?.requests.map(\.refused) == [0])
    }

    @Test mutating func listsHaveAnEnd() {
        for pid in 0..<40 { take(root, signal(ProcessKey(pid: 5000 + Int32(pid), start: host.tick()))) }
        for number in 0..<40 { take(root, call("StopUnit", "u\(number).service", serial: UInt32(number))) }
        #expect(account?.signals.count == AgentLedger.listCapacity && account?.furtherSignals == 24)
        #expect(account?.requests.count == AgentLedger.listCapacity && account?.furtherRequests == 24)
    }

    @Test mutating func accountsHaveAnEndAndTheLivingStay() {
        _ = child(of: root, 900)
        for number in 0..<(AgentLedger.capacity * 2) {
            let pid = Int32(10_000 + number * 2)
            let agent = host.start(TestHost.pid1, "/bin/agent", env: ["AI_AGENT": "a\(number)"], pid: pid)
            _ = child(of: agent, pid + 1)
            host.exit(ProcessKey(pid: pid + 1, start: host.table.living(pid: pid + 1)?.key.start ?? .zero))
            host.exit(agent)
        }
        let kept = host.agents.all.filter { ledger[$0.tag] != nil }.count
        #expect(kept <= AgentLedger.capacity && kept > AgentLedger.capacity / 2)
        #expect(account?.forks == 1)
    }
}
