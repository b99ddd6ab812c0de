internal import CSystemd
internal import EventModel
internal import Glibc
internal import ProcFS

/// The journal by sd-journal, as events: the decisive entries without a hole, and beside them the own lines of watched
/// units as far as there is time for them.
final class JournalFollower: SavesCursor {
    let library: SystemdLibrary
    let boot: String
    let directory: String?
    let isWatched: (UnitID) -> Bool
    var decisive: JournalReader?
    var text: JournalReader?
    var allowance = TextAllowance()
    var cursor: JournalCursor?
    var start: JournalReader.Start
    var failure: JournalReader.Failure?
    var retryAt = BootTime.zero
    /// A look is taken now and then even where nothing says that something was appended: a watch can fail to tell.
    private var lastLook = BootTime.zero
    var isLookDue = true
    /// Since when the own lines have not been caught up with.
    var textBehindSince: BootTime?
    var decisiveHasMore = false
    var textHasMore = false
    var life: UInt64 = 0
    var sinceOpening = 0
    var textSinceOpening = 0

    /// Most work of one poll. An entry takes some microseconds.
    static let decisiveTime = Interval.milliseconds(10)
    static let textTime = Interval.milliseconds(4)
    /// Entries between two looks at the clock.
    static let stride = 32
    /// Own lines that are this far behind are left out.
    static let mostLag = Interval.seconds(2)
    /// The library keeps what it has read mapped, up to 512 MiB. Opening anew lets go of it: after so many entries, and
    /// when so many have been caught up with.
    static let entriesBetweenOpenings = 10_000
    static let entriesWorthOpening = 1000
    static let retry = Interval.seconds(1)
    private static let lookPeriod = Interval.seconds(1)

    // What became of the journal's files.
    var holdings: JournalHoldings
    /// When they were looked at last, and until when they are looked at once a second, since some came or went.
    var filesLook = BootTime.zero
    var filesUnsettledUntil = BootTime.zero
    /// Journald writes to a file that the library gave up: what comes next may be readable again.
    var mustReopenAtEnd = false
    var hasToldPlace = false
    /// Up to here everything was read, in microseconds of CLOCK_MONOTONIC: now, and when the files were looked at last.
    var readUpTo: UInt64 = 0
    var checkedUpTo: UInt64 = 0
    /// Where reading failed last.
    var failedAt: JournalCursor?
    /// From when on the journal is of interest: what was written before is the past.
    let since: BootTime

    /// `lookBack`: how much of the past to read where there is no cursor.
    init(
        _ library: SystemdLibrary, boot: String, cursor: JournalCursor?, lookBack: Interval, at now: BootTime,
        directory: String? = nil, isWatched: @escaping (UnitID) -> Bool
    ) {
        self.library = library
        self.boot = boot
        self.directory = directory
        self.isWatched = isWatched
        let folders = directory.map { [$0] } ?? ["/run/log/journal", "/var/log/journal"]
        holdings = JournalHoldings(folders: folders, boot: boot)
        since = now - lookBack
        let lookedBack = (now - ProcFS.suspendedTime() - lookBack).nanoseconds / 1000
        start = cursor.map { .cursor($0) } ?? .since(lookedBack)
        culprit_journal_guard_begin()
        defer { _ = culprit_journal_guard_end() }
        open(at: now)
        _ = holdings.update(read: 0, checked: 0)
        openText(from: .since(lookedBack))
    }

    /// Something may come. The library tells only of files where a host has its journal.
    private var hasFiles: Bool {
        decisive.map { $0.hasFiles || (directory != nil && !holdings.held.isEmpty) } ?? false
    }

    var hasMore: Bool { decisiveHasMore || textHasMore }
    var isSettled: Bool { true }

    var descriptors: [Watched] {
        [decisive, text].compactMap { $0?.descriptor }.filter { $0 >= 0 }
            .map { Watched(descriptor: $0, events: Watched.input, life: life) }
    }

    var statuses: [SourceStatus] {
        let status: SourceStatus
        if let failure {
            status = .init(
                name: "journal", state: decisive == nil ? .missing : .degraded,
                why: "\(failure.call) failed: \(String(cString: strerror(failure.errno)))")
        } else if hasFiles, holdings.refusedCount > 0 {
            status = .init(
                name: "journal", state: .degraded, why: "sd-journal; \(holdings.refusedCount) files cannot be read")
        } else if hasFiles {
            status = .init(name: "journal", state: .active, why: "sd-journal")
        } else {
            status = .init(
                name: "journal", state: .missing,
                why: "no journal file can be read (is journald running, and is this root or the group systemd-journal?)"
            )
        }
        return [status]
    }

    func poll(at now: BootTime) -> [Event] {
        var events: [Event] = []
        culprit_journal_guard_begin()
        if !hasFiles, retryAt <= now {
            retryAt = now + Self.retry
            open(at: now)
        }
        let clock = JournalClock.now(boot: boot)
        isLookDue = lastLook + Self.lookPeriod <= now
        if isLookDue { lastLook = now }
        events += takeDecisive(clock, now)
        events += takeText(clock, now)
        guard culprit_journal_guard_end() > 0 else { return events }
        culprit_journal_guard_begin()
        defer { _ = culprit_journal_guard_end() }
        return events + beginAnew(afterFault: clock, now)
    }

    func gap(
        _ source: String = "journal", from: BootTime, to: BootTime, lost: UInt64 = 0, _ why: String
    ) -> Event {
        Event(
            time: to, source: .collector,
            body: .gap(Gap(source: source, from: min(from, to), to: to, lost: lost, why: why)))
    }

    func open(at now: BootTime) {
        do throws(JournalReader.Failure) {
            decisive = try JournalReader(library, .decisive, from: start, boot: boot, directory: directory)
            _ = decisive?.descriptor
            failure = nil
        } catch {
            decisive = nil
            failure = error
            retryAt = now + Self.retry
        }
        life &+= 1
        sinceOpening = 0
        hasToldPlace = false
        filesUnsettledUntil = now + .seconds(4)
        // What came before its watch began is told by nothing.
        decisiveHasMore = decisive != nil
    }
}
