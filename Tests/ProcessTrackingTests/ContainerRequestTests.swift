import EventModel
import Testing

@testable import ProcessTracking

/// An engine as Docker is one: its client asks over a socket, containerd's shim starts runc, and that puts what it has
/// forked into the container's cgroup.
private final class EngineHost {
    var table = ProcessTable(capacity: 1 << 20)
    var cgroups = CgroupTree()
    var tracker = RequestTracker()
    let shim = key(2), agent = key(3), person = key(4)
    /// After every event.
    var isChecked = true
    private var now: UInt64 = 1000
    private var nextPID: Int32 = 100
    private var nextCgroup: UInt64 = 10

    static let web = String(repeating: "ab", count: 32)
    static let other = String(repeating: "cd", count: 32)

    init() {
        made(1, 0, "")
        made(2, 1, "system.slice")
        made(3, 2, "containerd.service")
        for process in [shim, agent, person] { take(fork(key(1), process)) }
        move(shim, to: 3)
        table.setTag(7, for: agent, at: time(5))
    }

    func take(_ event: Event) {
        cgroups.apply(event)
        table.apply(event)
        tracker.apply(event, &table, cgroups)
        if isChecked { #expect(table.violations() == []) }
    }

    private func made(_ id: UInt64, _ parent: UInt64, _ name: String) {
        take(
            Event(
                time: time(now), source: .bpf,
                body: .cgroup(.made(CgroupID(rawValue: id), parent: CgroupID(rawValue: parent), name: name))))
    }

    func move(_ process: ProcessKey, to cgroup: UInt64) {
        now += 1
        take(
            Event(
                time: time(now), source: .bpf, process: process, cgroup: CgroupID(rawValue: cgroup),
                body: .cgroup(.moved)))
    }

    func child(of parent: ProcessKey) -> ProcessKey {
        (now, nextPID) = (now + 1, nextPID + 1)
        let child = ProcessKey(pid: nextPID, start: time(now))
        take(
            Event(
                time: child.start, source: .bpf, process: parent, cgroup: table.cgroup(of: parent) ?? .unknown,
                body: .fork(Fork(child: child, childParentPID: parent.pid, uid: 0))))
        return child
    }

    func wait(_ milliseconds: UInt64) { now += milliseconds }

    @discardableResult
    func ask(_ parent: ProcessKey, _ verb: String, _ reference: String) -> ProcessKey {
        let client = child(of: parent)
        now += 1
        let message = ManagerMessage(
            kind: .call, serial: 0, address: "/run/docker.sock", interface: ManagerMessage.engineInterface,
            member: verb, arguments: [.text(reference)])
        take(Event(time: time(now), source: .bpf, process: client, body: .managerMessage(message)))
        take(exit(client, at: time(now + 1)))
        now += 10
        return client
    }

    /// A new run of the container; gives its directory.
    func directory(_ id: String) -> UInt64 {
        nextCgroup += 1
        made(nextCgroup, 2, "docker-\(id).scope")
        return nextCgroup
    }

    /// What runc makes there: it becomes what the container runs.
    func begin(in cgroup: UInt64) -> (outermost: ProcessKey, process: ProcessKey) {
        let runc = child(of: shim)
        let outermost = child(of: runc)
        move(outermost, to: cgroup)
        let process = child(of: outermost)
        take(exit(outermost, at: time(now + 1)))
        return (outermost, process)
    }
}

@Suite struct ContainerRequestTests {
    @Test func whatAnAgentHadStartedIsTheAgents() {
        let host = EngineHost()
        let client = host.ask(host.agent, "start", EngineHost.web)
        let (outermost, process) = host.begin(in: host.directory(EngineHost.web))
        let edge = host.table.request(of: outermost)
        #expect(edge?.requester == client && edge?.certainty == .named)
        #expect(edge?.via == "start of the container \(EngineHost.web)")
        #expect(host.table.tag(of: process) == 7)
        let child = host.child(of: process)
        #expect(host.table.tag(of: child) == 7)
    }

    @Test func anotherContainerIsNotMeant() {
        let host = EngineHost()
        host.ask(host.agent, "start", EngineHost.web)
        let (outermost, process) = host.begin(in: host.directory(EngineHost.other))
        #expect(host.table.request(of: outermost) == nil && host.table.tag(of: process) == 0)
    }

    @Test func ofTwoPartiesEachHasItsOwn() {
        let host = EngineHost()
        host.ask(host.agent, "start", EngineHost.web)
        host.ask(host.person, "start", EngineHost.other)
        let theirs = host.begin(in: host.directory(EngineHost.other)).process
        let its = host.begin(in: host.directory(EngineHost.web)).process
        #expect(host.table.tag(of: theirs) == 0 && host.table.tag(of: its) == 7)
    }

    /// A name is nobody's id: the only one who asked is meant, and of two nobody is told.
    @Test func aNameIsTakenForTheContainerThatBegins() {
        let host = EngineHost()
        let client = host.ask(host.agent, "start", "web")
        let first = host.begin(in: host.directory(EngineHost.web)).outermost
        #expect(host.table.request(of: first)?.requester == client)
        #expect(host.table.request(of: first)?.certainty == .inferred)
        host.ask(host.agent, "start", "cache")
        host.ask(host.person, "start", "web")
        let second = host.begin(in: host.directory(EngineHost.other)).outermost
        #expect(host.table.request(of: second)?.certainty == .open && host.table.tag(of: second) == 0)
    }

    /// `--restart=always`: nobody asks again.
    @Test func whatTheEngineStartsAgainIsStillTheirs() {
        let host = EngineHost()
        let client = host.ask(host.agent, "start", EngineHost.web)
        _ = host.begin(in: host.directory(EngineHost.web))
        host.wait(3_600_000)
        let again = host.begin(in: host.directory(EngineHost.web))
        #expect(host.table.request(of: again.outermost)?.requester == client)
        host.ask(host.person, "restart", EngineHost.web)
        let later = host.begin(in: host.directory(EngineHost.web))
        #expect(host.table.tag(of: later.process) == 0)
        #expect(host.table.request(of: later.outermost)?.requester != client)
    }

    @Test func whoeverExecutesSomethingInAContainerOwnsThatAlone() {
        let host = EngineHost()
        host.ask(host.person, "start", EngineHost.web)
        let cgroup = host.directory(EngineHost.web)
        let theirs = host.begin(in: cgroup).process
        host.ask(host.agent, "exec", EngineHost.web)
        let its = host.begin(in: cgroup).process
        #expect(host.table.tag(of: theirs) == 0 && host.table.tag(of: its) == 7)
        // A health check, say: nobody asked.
        let engines = host.begin(in: cgroup).outermost
        #expect(host.table.request(of: engines) == nil)
        host.ask(host.agent, "exec", EngineHost.web)
        host.ask(host.person, "exec", EngineHost.web)
        let unclear = host.begin(in: cgroup).outermost
        #expect(host.table.request(of: unclear)?.certainty == .open)
    }

    /// A manager in a container moves what it has forked.
    @Test func whatIsMadeInsideIsNoNewWork() {
        let host = EngineHost()
        host.ask(host.person, "start", EngineHost.web)
        let cgroup = host.directory(EngineHost.web)
        let process = host.begin(in: cgroup).process
        host.ask(host.agent, "exec", EngineHost.web)
        let inner = host.child(of: process)
        host.move(inner, to: cgroup)
        #expect(host.table.request(of: inner) == nil && host.table.tag(of: inner) == 0)
    }

    @Test func whatCameTooLateWasAskedForByNobody() {
        let host = EngineHost()
        host.ask(host.agent, "start", EngineHost.web)
        host.wait(31_000)
        let late = host.begin(in: host.directory(EngineHost.web)).outermost
        #expect(host.table.request(of: late) == nil)
    }

    @Test func requestsAndContainersAreBounded() {
        let host = EngineHost()
        host.isChecked = false
        for number in 0..<1500 {
            let id = String(number, radix: 16)
            let whole = String(repeating: "0", count: 64 - id.count) + id
            host.ask(host.agent, "start", whole)
            if number % 4 > 0 { _ = host.begin(in: host.directory(whole)) }
        }
        #expect(host.table.retained.values.reduce(0, +) <= 1024 + 64)
        #expect(host.table.violations() == [])
    }

    private static let containers = ["docker-ID.scope", "ID", "libpod-ID", "libpod-conmon-ID.scope"]
    private static let others = ["docker-abcd.scope", "xID", "", "session-1.scope", "IDg", "docker-ID.slice"]

    @Test func idsOfDirectories() {
        func id(_ name: String) -> String? {
            let parts = name.split(separator: "ID", omittingEmptySubsequences: false)
            return ContainerID(cgroupName: parts.joined(separator: EngineHost.web))?.text
        }
        for name in Self.containers { #expect(id(name) == EngineHost.web) }
        for name in Self.others { #expect(id(name) == nil) }
        #expect(ContainerID(cgroupName: EngineHost.web.uppercased()) == nil)
    }
}
