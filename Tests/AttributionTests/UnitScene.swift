import EventModel
import IncidentDetection
import ProcessTracking
import UnitTracking

@testable import Attribution

/// The same small host with a system manager and a user's, a bus daemon, logind, and the unit `prod.service`.
final class UnitScene: Scene {
    let userManager: ProcessKey
    let bus: ProcessKey
    let logind: ProcessKey
    private(set) var prod = ProcessKey(pid: 0, start: .zero)
    let unit: UnitID
    var facts: UnitFacts
    /// The main process whose end was judged last.
    private(set) var judgedMain = ProcessKey(pid: 0, start: .zero)
    private var nextSocket: UInt64 = 1000
    private var nextJob: UInt32 = 1200

    static let sourceNames = ["bpf:manager-call", "journal", "systemd"]
    private static let directories: [(id: UInt64, parent: UInt64, name: String)] = [
        (20, 1, "system.slice"), (21, 20, "prod.service"), (22, 20, "dbus.service"), (23, 20, "systemd-logind.service"),
        (24, 1, "user.slice"), (25, 24, "user-1000.slice"), (26, 25, "user@1000.service"), (27, 26, "init.scope"),
        (28, 26, "prod.service"), (29, 20, "base.service"), (30, 20, "apt-daily-upgrade.service"),
        (31, 20, "deploy.service"),
    ]

    init(user: Bool = false) throws {
        unit = UnitID(manager: user ? .user(1000) : .system, name: "prod.service")
        facts = UnitFacts(unit: unit)
        (userManager, bus, logind) = (Self.key(50), Self.key(51), Self.key(52))
        try super.init()
        sources += Self.sourceNames.map { SourceStatus(name: $0, state: .active, why: "") }
        for (id, parent, name) in Self.directories {
            take(
                Event(
                    time: .zero, source: .bpf,
                    body: .cgroup(.made(CgroupID(rawValue: id), parent: CgroupID(rawValue: parent), name: name))))
        }
        for (process, path, cgroup, uid) in [
            (userManager, "/lib/systemd/systemd", 27, 1000), (bus, "/usr/bin/dbus-daemon", 22, 100),
            (logind, "/lib/systemd/systemd-logind", 23, 0),
        ] as [(ProcessKey, String, UInt64, UInt32)] {
            take(
                Event(
                    time: tick(), source: .procfs, process: process, cgroup: CgroupID(rawValue: cgroup),
                    body: .seen(
                        ProcessSeen(
                            parent: pid1, uid: uid, comm: "",
                            image: ExecImage(path: path, exe: path)))))
        }
        startProd()
        wait(70_000)
    }

    private static func key(_ pid: Int32) -> ProcessKey {
        ProcessKey(pid: pid, start: BootTime(nanoseconds: UInt64(pid) * 10_000_000))
    }

    var manager: ProcessKey { unit.manager == .system ? pid1 : userManager }

    func startProd() {
        prod = start(manager, "/opt/prod", cgroup: unit.manager == .system ? 21 : 28)
    }

    func missing(_ names: String...) {
        sources = sources.map {
            names.contains($0.name) ? SourceStatus(name: $0.name, state: .missing, why: "off") : $0
        }
    }

    // MARK: Messages

    enum Answer {
        case job(UInt32)
        case refused
        case done
        case none
    }

    enum Road { case direct, bus, bridge }

    func newJob() -> UInt32 {
        nextJob += 1
        return nextJob
    }

    static func arguments(_ words: [String]) -> [ManagerMessage.Argument] { words.map { .text($0) } }

    func send(_ process: ProcessKey?, _ message: ManagerMessage) {
        take(Event(time: tick(), source: .bpf, process: process, body: .managerMessage(message)))
    }

    /// A call of `member` with `words`, by `caller` over `road`, and its answer.
    func call(
        _ caller: ProcessKey?, _ member: String, _ words: [String], _ answer: Answer, over road: Road = .direct,
        serial: UInt32 = 5, to scope: ManagerScope? = nil, interface: String = "org.freedesktop.systemd1.Manager",
        arguments: [ManagerMessage.Argument]? = nil
    ) {
        let scope = scope ?? unit.manager
        let by = scope == .system ? pid1 : userManager
        let folder = scope.uid.map { "/run/user/\($0)" } ?? "/run"
        nextSocket += 10
        let (a, b, c, d) = (nextSocket, nextSocket + 1, nextSocket + 2, nextSocket + 3)
        let body = arguments ?? Self.arguments(words)
        let path = interface.contains("login1") ? "/org/freedesktop/login1" : "/org/freedesktop/systemd1"
        func request(_ socket: UInt64, _ peer: UInt64, _ address: String) -> ManagerMessage {
            ManagerMessage(
                kind: .call, serial: serial, socket: socket, peerSocket: peer, peer: by, address: address, path: path,
                interface: interface, member: member, arguments: body)
        }
        func reply(_ socket: UInt64, _ peer: UInt64, _ address: String, fromListener: Bool) -> ManagerMessage? {
            var message = ManagerMessage(
                kind: .reply, serial: 77, replySerial: serial, socket: socket, peerSocket: peer,
                isFromListener: fromListener, address: address)
            switch answer {
            case .job(let id): message.arguments = [.text("/org/freedesktop/systemd1/job/\(id)")]
            case .refused:
                message.kind = .error
                message.errorName = "org.freedesktop.DBus.Error.AccessDenied"
            case .done: break
            case .none: return nil
            }
            return message
        }
        switch road {
        case .direct:
            send(caller, request(a, b, folder + "/systemd/private"))
            if let reply = reply(b, a, folder + "/systemd/private", fromListener: true) { send(by, reply) }
        case .bus:
            let address = folder == "/run" ? "/run/dbus/system_bus_socket" : folder + "/bus"
            send(caller, request(a, b, address))
            var hop = request(c, d, address)
            (hop.sender, hop.isFromListener) = (":1.42", true)
            send(bus, hop)
            let server = interface.contains("login1") ? logind : by
            if let reply = reply(d, c, address, fromListener: false) { send(server, reply) }
            if let reply = reply(b, a, address, fromListener: true) { send(bus, reply) }
        case .bridge:
            let bridge = start(caller, "/usr/bin/systemd-stdio-bridge")
            send(caller, request(a, b, ""))
            send(bridge, request(c, d, folder + "/systemd/private"))
            if let reply = reply(d, c, folder + "/systemd/private", fromListener: true) { send(by, reply) }
            if let reply = reply(b, a, "", fromListener: true) { send(bridge, reply) }
        }
    }

    // MARK: What the manager does

    func queued(_ id: UInt32, _ type: String?, on name: String = "prod.service", in scope: ManagerScope? = nil) {
        let change = JobChange(
            unit: UnitID(manager: scope ?? unit.manager, name: name), id: id, type: type, step: .queued)
        take(Event(time: tick(), source: .systemd, body: .job(change)))
    }

    func logged(
        _ messageID: String, _ fields: [String: String] = [:], on name: String = "prod.service",
        writer: JournalEntry.Writer? = nil
    ) {
        let entry = JournalEntry(
            writer: writer ?? .manager(unit.manager), messageID: messageID, message: "about \(name)",
            identifier: "systemd", unit: UnitID(manager: unit.manager, name: name),
            fields: fields.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: $0.value) })
        take(Event(time: tick(), source: .journal, body: .journal(entry)))
    }

    func stopping(_ id: UInt32, _ type: String = "restart", on name: String = "prod.service") {
        logged("de5b426a63be47a7b6ac3eaac82e2f6f", ["JOB_ID": "\(id)", "JOB_TYPE": type], on: name)
    }

    func state(
        _ name: String = "prod.service", _ relations: [(UnitState.Relation.Kind, String)] = [], type: String = "simple",
        folder: String = "/etc/systemd/system"
    ) {
        let state = UnitState(
            unit: UnitID(manager: unit.manager, name: name), active: "active", sub: "running", type: type,
            files: ["\(folder)/\(name)"], relations: relations.map { .init(kind: $0.0, other: $0.1) })
        take(Event(time: tick(), source: .systemd, body: .unit(state)))
    }

    /// The manager carries a stop or restart job out, as it is seen in full.
    func runs(_ id: UInt32, _ type: String = "restart") {
        queued(id, type)
        stopping(id, type)
        signal(manager, .terminate, to: prod)
    }

    // MARK: What became of it

    /// Prod's main process ends so, and comes back unless it is said to be stopped.
    func prodEnds(
        _ status: EventModel.ExitStatus? = .signal(.terminate), _ kind: Disruption.Kind = .restarted
    ) -> Incident {
        let main = prod
        judgedMain = main
        exit(main, status)
        let at = BootTime(nanoseconds: now * 1_000_000 + 7)
        var disruption = Disruption(kind: kind, at: at, mainBefore: main, status: status, systemd: facts)
        wait(40)
        if kind == .restarted {
            startProd()
            disruption.mainAfter = prod
            disruption.recoveredAt = prod.start
        }
        wait(2500)
        return judge(
            Detected(
                subject: Subject(unit: unit), disruption: disruption,
                settledAt: BootTime(nanoseconds: now * 1_000_000)))
    }

    /// A start that does not come up: `attempt` is what its main process does before it ends so. Where it `ranBefore`,
    /// that run was ended first, `formerly` so.
    func failsToStart(
        _ status: EventModel.ExitStatus? = .code(1), ranBefore: Bool = true,
        formerly: EventModel.ExitStatus = .signal(.terminate), afterwards: () -> Void = {},
        _ attempt: (ProcessKey) -> Void
    ) -> Incident {
        let before = prod
        if ranBefore {
            exit(before, formerly)
            facts.run = .init(
                invocation: nil, main: before, endedAt: BootTime(nanoseconds: now * 1_000_000 + 7), status: formerly)
        }
        startProd()
        judgedMain = prod
        attempt(prod)
        exit(prod, status)
        let at = BootTime(nanoseconds: now * 1_000_000 + 7)
        facts.failedStart = .init(at: at, main: prod, status: status)
        facts.failedStarts = 1
        wait(250)
        afterwards()
        wait(2250)
        take(Event(time: tick(), source: .collector, body: .clock(Self.host.wallOffset)))
        return judge(
            Detected(
                subject: Subject(unit: unit),
                disruption: Disruption(
                    kind: .failedToStart, at: at, mainBefore: ranBefore ? before : prod, status: status, systemd: facts),
                settledAt: BootTime(nanoseconds: now * 1_000_000)))
    }
}
