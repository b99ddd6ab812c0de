internal import EventModel
internal import Glibc
internal import ProcFS

/// The managers by `systemctl show`, where there is no libsystemd: looked at by turns, so that what comes and goes in
/// between is not seen, and jobs only as a unit's property.
final class ShowPoller: SystemdBackend {
    private let root: String
    private let missing: String
    private let process: (Int32) -> ProcessKey?
    private var looks: [ManagerScope: Look] = [:]
    private var lastLook: BootTime?
    private var lives: UInt64 = 0

    /// The managers of users that are looked at.
    private static let mostUsers = 16
    private static let period = Interval.seconds(2)
    private static let patience = Interval.seconds(10)
    private static let bytesAtOnce = 1 << 20
    /// More output than this is cut.
    private static let mostBytes = 16 << 20

    private struct Look {
        var book: UnitBook
        var child: ChildOutput?
        var life: UInt64 = 0
        var began = BootTime.zero
        var output: [UInt8] = []
        var why = "not looked at yet"
        var hasSucceeded = false
    }

    init(root: String, missing: String, at now: BootTime, process: @escaping (Int32) -> ProcessKey?) {
        self.root = root
        self.missing = missing
        self.process = process
        begin(at: now)
    }

    private(set) var hasMore = false

    var isSettled: Bool { looks.values.allSatisfy { $0.child == nil } }

    var descriptors: [Watched] {
        looks.values.compactMap { look in
            look.child.map { Watched(descriptor: $0.descriptor, events: Watched.input, life: look.life) }
        }
    }

    var statuses: [SourceStatus] {
        looks.sorted { $0.key < $1.key }.map { scope, look in
            let name = scope.uid.map { "systemd:user:\($0)" } ?? "systemd"
            guard look.hasSucceeded else {
                return SourceStatus(
                    name: name, state: .missing, why: "no libsystemd (\(missing)); systemctl: \(look.why)")
            }
            return SourceStatus(
                name: name, state: .degraded,
                why: "systemctl show every \(Int(Self.period.seconds)) s, since libsystemd is missing (\(missing))")
        }
    }

    func poll(at now: BootTime) -> [Event] {
        if lastLook.map({ $0 + Self.period <= now }) ?? true { begin(at: now) }
        hasMore = false
        return looks.keys.sorted().flatMap { take($0, now) }
    }

    private func begin(at now: BootTime) {
        lastLook = now
        let users = RunDirectory.users(in: root + "/user").filter {
            access("\(root)/user/\($0)/systemd/private", F_OK) == 0
        }
        let scopes = [.system] + users.prefix(Self.mostUsers).map { ManagerScope.user($0) }
        for scope in looks.keys where !scopes.contains(scope) { looks[scope] = nil }
        for scope in scopes { begin(scope, at: now) }
    }

    private func begin(_ scope: ManagerScope, at now: BootTime) {
        var look = looks[scope] ?? Look(book: UnitBook(scope))
        if look.child != nil {
            guard look.began + Self.patience <= now else { return }
            look.why = "no answer within \(Int(Self.patience.seconds)) s"
            look.hasSucceeded = false
        }
        let (words, environment) = command(for: scope)
        look.output = []
        lives &+= 1
        look.life = lives
        look.began = now
        do throws(SystemCallError) {
            look.child = try ChildOutput(words, environment: environment)
        } catch {
            look.child = nil
            look.hasSucceeded = false
            look.why = String(cString: strerror(error.errno))
        }
        looks[scope] = look
    }

    /// systemctl refuses to talk to the manager of another user, root or not: it is run as that user.
    private func command(for scope: ManagerScope) -> (words: [String], environment: [String: String]) {
        let words = ["show", "--no-pager", "--property=Id," + Self.properties, "*"]
        guard let uid = scope.uid else { return (["systemctl"] + words, [:]) }
        let directory = "\(root)/user/\(uid)"
        var status = stat()
        let group = stat(directory, &status) == 0 ? status.st_gid : uid
        let asUser = ["setpriv", "--reuid=\(uid)", "--regid=\(group)", "--clear-groups"]
        let command = (uid == geteuid() ? [] : asUser) + ["systemctl", "--user"] + words
        return (command, ["XDG_RUNTIME_DIR": directory])
    }

    private static let properties = UnitReading.properties.sorted().joined(separator: ",")

    private func take(_ scope: ManagerScope, _ now: BootTime) -> [Event] {
        guard var look = looks[scope], let child = look.child else { return [] }
        let isAll = child.read(into: &look.output, limit: Self.bytesAtOnce)
        hasMore = hasMore || !isAll
        if look.output.count > Self.mostBytes { look.child = nil }
        var events: [Event] = []
        if child.hasEnded || look.child == nil {
            look.child = nil
            events = finish(&look, scope, now)
        }
        looks[scope] = look
        return events
    }

    private func finish(_ look: inout Look, _ scope: ManagerScope, _ now: BootTime) -> [Event] {
        let units = ShowOutput.units(look.output[...])
        look.output = []
        look.hasSucceeded = !units.isEmpty
        look.why = "it printed nothing"
        guard look.hasSucceeded else { return [] }
        let suspended = ProcFS.suspendedTime()
        var events: [Event] = []
        let present = Set(units.map(\.name))
        for name in look.book.names where !present.contains(name) { look.book.forget(name) }
        for (name, properties) in units where look.book.isOfUse(name) {
            let isTaken = look.book.update(name) { reading in
                reading = UnitReading(UnitID(manager: scope, name: name))
                for (key, value) in properties { reading.apply(key, value) }
            }
            guard isTaken, let state = look.book.news(of: name, suspended, process: process) else { continue }
            events.append(Event(time: now, source: .systemd, body: .unit(state)))
        }
        return events
    }
}
