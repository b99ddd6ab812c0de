internal import EventModel
internal import Glibc
internal import ProcFS

/// The managers by sd-bus: that of the system, and those of users as they come and go.
final class ManagerFollower: SystemdBackend {
    private let library: SystemdLibrary
    private let root: String
    private let process: (Int32) -> ProcessKey?
    private var managers: [ManagerScope: Manager] = [:]
    private var lastScan: BootTime?
    private var lives: UInt64 = 0
    private var refusedUsers = 0

    private struct Manager {
        var socket: String
        var book: UnitBook
        var connection: ManagerConnection?
        var failure: BusConnection.Failure?
        /// Since when nothing has been heard, where there was a connection before.
        var lostAt: BootTime?
        var retryAt = BootTime.zero
        var wait = ManagerFollower.shortestWait
        var hasEnded = false
    }

    private static let scanPeriod = Interval.seconds(1)
    static let shortestWait = Interval.milliseconds(50)
    private static let longestWait = Interval.seconds(2)
    /// Managers of users that are followed at once.
    static let mostUsers = 64

    /// `root` is `/run`.
    init(
        _ library: SystemdLibrary, root: String, at now: BootTime, process: @escaping (Int32) -> ProcessKey?
    ) {
        self.library = library
        self.root = root
        self.process = process
        managers[.system] = Manager(socket: root + "/systemd/private", book: UnitBook(.system))
        scan(at: now)
        for scope in managers.keys { connect(scope, at: now) }
    }

    var hasMore: Bool { managers.values.contains { $0.connection?.hasMore == true } }

    /// A manager that is not there, or does not answer, is not waited for.
    var isSettled: Bool { managers.values.allSatisfy { $0.connection?.isSettled ?? true } }

    var descriptors: [Watched] { managers.values.compactMap { $0.connection?.watched } }

    var statuses: [SourceStatus] {
        managers.sorted { $0.key < $1.key }.map { status($0.key, $0.value) }
    }

    func poll(at now: BootTime) -> [Event] {
        if lastScan.map({ $0 + Self.scanPeriod <= now }) ?? true { scan(at: now) }
        var events: [Event] = []
        for scope in managers.keys.sorted() {
            if managers[scope]?.connection == nil { connect(scope, at: now) }
            events += take(scope, now)
        }
        return events
    }

    private func take(_ scope: ManagerScope, _ now: BootTime) -> [Event] {
        guard let connection = managers[scope]?.connection else { return [] }
        do throws(BusConnection.Failure) {
            var events = try connection.poll(at: now)
            if connection.isSettled {
                managers[scope]?.wait = Self.shortestWait
                if let lostAt = managers[scope]?.lostAt { events.append(gap(scope, from: lostAt, to: now)) }
                managers[scope]?.lostAt = nil
            }
            return events
        } catch {
            managers[scope]?.book = connection.book
            managers[scope]?.connection = nil
            managers[scope]?.failure = error
            let lostAt = managers[scope]?.lostAt ?? now
            managers[scope]?.lostAt = lostAt
            managers[scope]?.retryAt = now + Self.shortestWait
            return []
        }
    }

    private func connect(_ scope: ManagerScope, at now: BootTime) {
        guard var manager = managers[scope], !manager.hasEnded, manager.retryAt <= now else { return }
        lives &+= 1
        do throws(BusConnection.Failure) {
            manager.connection = try ManagerConnection(
                library, manager.book, socket: manager.socket, life: lives, at: now, process: process)
            manager.failure = nil
        } catch {
            manager.failure = error
        }
        manager.retryAt = now + manager.wait
        manager.wait = min(Interval(nanoseconds: manager.wait.nanoseconds * 2), Self.longestWait)
        managers[scope] = manager
    }

    /// Looks for managers of users: a directory in `/run/user` each.
    private func scan(at now: BootTime) {
        lastScan = now
        var found: Set<ManagerScope> = [.system]
        refusedUsers = 0
        for uid in RunDirectory.users(in: root + "/user") {
            let socket = "\(root)/user/\(uid)/systemd/private"
            guard access(socket, F_OK) == 0 else { continue }
            let scope = ManagerScope.user(uid)
            guard managers[scope] != nil || makeRoom() else {
                refusedUsers += 1
                continue
            }
            found.insert(scope)
            managers[scope, default: Manager(socket: socket, book: UnitBook(scope))].hasEnded = false
        }
        for (scope, manager) in managers where manager.connection == nil && !found.contains(scope) {
            managers[scope]?.hasEnded = true
            managers[scope]?.book = UnitBook(scope)
            managers[scope]?.lostAt = nil
        }
    }

    /// The managers that have ended make room for new ones.
    private func makeRoom() -> Bool {
        guard managers.count > Self.mostUsers else { return true }
        guard let ended = managers.first(where: { $0.value.hasEnded }) else { return false }
        managers[ended.key] = nil
        return true
    }

    // MARK: What is stated

    private static func name(_ scope: ManagerScope) -> String { scope.uid.map { "systemd:user:\($0)" } ?? "systemd" }

    private func gap(_ scope: ManagerScope, from: BootTime, to: BootTime) -> Event {
        let gap = Gap(
            source: Self.name(scope), from: from, to: to, lost: 0,
            why: "the manager closed the connection: it was executed anew, or has ended")
        return Event(time: to, source: .collector, body: .gap(gap))
    }

    private func status(_ scope: ManagerScope, _ manager: Manager) -> SourceStatus {
        let name = Self.name(scope)
        guard let connection = manager.connection else {
            let why = manager.hasEnded ? "the manager has ended" : failureText(manager)
            return SourceStatus(name: name, state: .missing, why: why)
        }
        if connection.silentSince != nil {
            return SourceStatus(name: name, state: .degraded, why: "the manager does not answer")
        }
        if connection.refusedUnits > 0 {
            return SourceStatus(
                name: name, state: .degraded,
                why: "\(connection.refusedUnits) units are left out: there are more than \(UnitBook.capacity)")
        }
        if scope == .system, refusedUsers > 0 {
            return SourceStatus(
                name: name, state: .degraded, why: "the managers of \(refusedUsers) users are left out")
        }
        return SourceStatus(name: name, state: .active, why: "sd-bus, \(manager.socket)")
    }

    private func failureText(_ manager: Manager) -> String {
        guard let failure = manager.failure else { return "not connected yet" }
        switch failure.errno {
        case ENOENT: return "no manager listens at \(manager.socket): systemd does not run here"
        case EPERM, EACCES: return "\(manager.socket) may not be used (only its owner and root may)"
        default: return "\(failure.call) on \(manager.socket) failed: \(String(cString: strerror(failure.errno)))"
        }
    }
}

/// `/run/user`: one directory for each user that has a manager, named by uid.
enum RunDirectory {
    static func users(in path: String) -> [UInt32] { Folder.names(in: path).compactMap { UInt32($0) }.sorted() }
}
