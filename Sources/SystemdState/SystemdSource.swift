public import EventModel
internal import Glibc
internal import ProcFS

/// What the managers and the journal of this host say, as events: units, jobs, journal entries, and what is missing of
/// them. Works, with statuses that say so, where there is no systemd at all.
///
/// An entry of the journal has the time at which it was sent, which may be long ago: the caller sorts nothing.
public final class SystemdSource {
    /// Waits for everything that this source waits for; the caller may add descriptors of its own.
    public let waitSet: WaitSet
    private let backends: [any SystemdBackend]
    private let journal: any SavesCursor
    private var stated: [String: SourceStatus] = [:]

    public struct Settings {
        /// Where to go on reading the journal: what `cursor` gave earlier; nil or a text that is none for the last
        /// `lookBack`.
        public var cursor: String?
        public var lookBack = Interval.seconds(60)
        /// Of which units the own log lines are wanted.
        public var isWatched: (UnitID) -> Bool
        /// The shared library; another name for a test without it.
        public var library = "libsystemd.so.0"
        /// `/run`, where the managers' sockets are.
        public var run = "/run"
        /// The journal's directory instead of the host's; for tests.
        public var journalDirectory: String?

        public init(cursor: String? = nil, isWatched: @escaping (UnitID) -> Bool) {
            self.cursor = cursor
            self.isWatched = isWatched
        }
    }

    /// `boot` is the boot's id, with or without dashes.
    public init(_ settings: Settings, boot: String, at now: BootTime) throws(SystemCallError) {
        waitSet = try WaitSet()
        let boot = boot.filter { $0 != "-" }.lowercased()
        let process: (Int32) -> ProcessKey? = { ProcFS().key(of: $0) }
        let files = UnitFileWatch(run: settings.run, at: now)
        do throws(LibraryMissing) {
            let library = try SystemdLibrary(settings.library)
            let journal = JournalFollower(
                library, boot: boot, cursor: settings.cursor.flatMap { JournalCursor($0) },
                lookBack: settings.lookBack, at: now, directory: settings.journalDirectory,
                isWatched: settings.isWatched)
            backends = [ManagerFollower(library, root: settings.run, at: now, process: process), journal, files]
            self.journal = journal
        } catch {
            let commands = CommandBackends.make(settings, boot: boot, missing: error.why, at: now, process: process)
            backends = [commands.managers, commands.journal, files]
            journal = commands.journal
        }
        waitSet.watch(backends.flatMap(\.descriptors))
    }

    /// The entry of the journal that was handed out last; nil where none was.
    public var cursor: String? { journal.cursor?.text }

    public var statuses: [SourceStatus] { backends.flatMap(\.statuses) }

    /// Takes what has come since the last call, at most so much that it lasts some milliseconds; `waitSet` stays
    /// readable while there is more. Changed statuses come as events.
    public func poll(at now: BootTime) -> [Event] {
        var events = backends.flatMap { $0.poll(at: now) }
        for status in statuses where stated[status.name] != status {
            stated[status.name] = status
            events.append(Event(time: now, source: .collector, body: .source(status)))
        }
        waitSet.watch(backends.flatMap(\.descriptors))
        waitSet.ring(backends.contains(where: \.hasMore))
        return events
    }

    /// What is held back for a moment, at the end.
    public func rest(at now: BootTime) -> [Event] { backends.flatMap { $0.rest(at: now) } }

    /// Whether every manager that answers has told of all its units.
    public var isSettled: Bool { backends.allSatisfy(\.isSettled) }
}

extension SystemdSource {
    /// How it stands on this host: connects, looks until the managers have answered or half a second is over, and ends.
    public static func examine(boot: String) throws(SystemCallError) -> [SourceStatus] {
        let end = ProcFS.boottimeNow() + .milliseconds(500)
        let source = try SystemdSource(Settings { _ in false }, boot: boot, at: ProcFS.boottimeNow())
        while true {
            let now = ProcFS.boottimeNow()
            _ = source.poll(at: now)
            if source.isSettled || now >= end { return source.statuses }
            var wait = pollfd(fd: source.waitSet.descriptor, events: Int16(POLLIN), revents: 0)
            Glibc.poll(&wait, 1, 10)
        }
    }
}

protocol SavesCursor: SystemdBackend {
    var cursor: JournalCursor? { get }
}
