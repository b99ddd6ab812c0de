internal import EventModel
internal import Glibc
internal import ProcFS

/// The journal by `journalctl`, where there is no libsystemd: the decisive entries alone.
final class JournalCommand: SavesCursor {
    private let boot: String
    private let missing: String
    private let isWatched: (UnitID) -> Bool
    private let directory: String?
    private var since: UInt64
    private(set) var cursor: JournalCursor?
    private var child: ChildOutput?
    private var error: SystemCallError?
    private var buffer: [UInt8] = []
    private var isSkipping = false
    private var retryAt = BootTime.zero
    private var life: UInt64 = 0
    private(set) var hasMore = false
    /// When the command ended, until it runs again.
    private var lostAt: BootTime?

    private static let bytesAtOnce = 256 << 10
    /// A longer line is left out.
    private static let longestLine = 256 << 10
    private static let retry = Interval.seconds(2)

    init(
        boot: String, cursor: JournalCursor?, lookBack: Interval, missing: String, at now: BootTime,
        directory: String? = nil, isWatched: @escaping (UnitID) -> Bool
    ) {
        self.boot = boot
        self.cursor = cursor.flatMap { $0.boot == boot ? $0 : nil }
        self.missing = missing
        self.directory = directory
        self.isWatched = isWatched
        since = UInt64(clamping: ProcFS.wallOffset().wall(now - lookBack).nanoseconds) / 1_000_000_000
        start(at: now)
    }

    var isSettled: Bool { true }

    var descriptors: [Watched] {
        child.map { [Watched(descriptor: $0.descriptor, events: Watched.input, life: life)] } ?? []
    }

    var statuses: [SourceStatus] {
        guard child != nil else {
            let why = error.map { String(cString: strerror($0.errno)) } ?? "it ends at once"
            return [.init(name: "journal", state: .missing, why: "no libsystemd (\(missing)); journalctl: \(why)")]
        }
        return [
            .init(
                name: "journal", state: .degraded,
                why: "journalctl, since libsystemd is missing (\(missing)): without the units' own lines")
        ]
    }

    func poll(at now: BootTime) -> [Event] {
        if child == nil, retryAt <= now { start(at: now) }
        guard let child else { return [] }
        hasMore = !child.read(into: &buffer, limit: Self.bytesAtOnce)
        var events = takeLines()
        if let lostAt, !events.isEmpty {
            events.append(gap(from: lostAt, to: now, lost: 0, "journalctl ended and was started again"))
            self.lostAt = nil
        }
        if child.hasEnded {
            self.child = nil
            hasMore = false
            lostAt = lostAt ?? (cursor == nil ? nil : now)
            retryAt = now + Self.retry
        }
        return events
    }

    private func start(at now: BootTime) {
        var words = ["journalctl", "--output=json", "--follow", "--no-pager", "--quiet", "--lines=all"]
        words += directory.map { ["--directory=\($0)"] } ?? ["--boot"]
        words.append(cursor.map { "--after-cursor=\($0.text)" } ?? "--since=@\(since)")
        words += Array(JournalEntry.matches.map { [$0] }.joined(separator: ["+"]))
        do throws(SystemCallError) {
            child = try ChildOutput(words)
            error = nil
        } catch {
            self.error = error
            retryAt = now + Self.retry
        }
        buffer = []
        isSkipping = false
        life &+= 1
    }

    private func takeLines() -> [Event] {
        var events: [Event] = []
        let clock = JournalClock.now(boot: boot)
        var rest = buffer[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            if !isSkipping, let event = event(rest[..<end], clock) { events.append(event) }
            isSkipping = false
            rest = rest[(end + 1)...]
        }
        if rest.count > Self.longestLine {
            if !isSkipping { events.append(tooLong(clock)) }
            isSkipping = true
            rest = []
        }
        buffer = Array(rest)
        return events
    }

    private func event(_ line: ArraySlice<UInt8>, _ clock: JournalClock) -> Event? {
        guard let fields = JournalLine.parse(line), fields[.boot] == boot,
            let monotonic = fields.number(.monotonic, UInt64.self), let realtime = fields.number(.realtime, UInt64.self)
        else { return nil }
        cursor = fields[.cursor].flatMap { JournalCursor($0) } ?? cursor
        guard JournalEntry.writer(fields) != .other, let entry = JournalEntry(fields, isWatched: isWatched) else {
            return nil
        }
        let time = clock.time(monotonic: monotonic, realtime: realtime, sent: fields.number(.sourceRealtime))
        return Event(time: time, source: .journal, body: .journal(entry))
    }

    private func tooLong(_ clock: JournalClock) -> Event {
        let now = ProcFS.boottimeNow()
        return gap(
            from: cursor.map { clock.time(monotonic: $0.monotonic) } ?? now, to: now, lost: 1,
            "an entry was longer than \(Self.longestLine >> 10) KiB")
    }

    private func gap(from: BootTime, to: BootTime, lost: UInt64, _ why: String) -> Event {
        Event(
            time: to, source: .collector,
            body: .gap(Gap(source: "journal", from: min(from, to), to: to, lost: lost, why: why)))
    }
}
