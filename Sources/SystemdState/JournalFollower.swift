internal import EventModel
internal import Glibc
internal import ProcFS

/// The journal by sd-journal, as events: the decisive entries without a hole, and beside them the own lines of watched
/// units as far as there is time for them.
final class JournalFollower: SavesCursor {
    private let library: SystemdLibrary
    private let boot: String
    private let directory: String?
    private let isWatched: (UnitID) -> Bool
    private var decisive: JournalReader?
    private var text: JournalReader?
    private var allowance = TextAllowance()
    private(set) var cursor: JournalCursor?
    private var start: JournalReader.Start
    private var failure: JournalReader.Failure?
    private var retryAt = BootTime.zero
    /// A look is taken now and then even where nothing says that something was appended: a watch can fail to tell.
    private var lastLook = BootTime.zero
    private var isLookDue = true
    /// Since when the own lines have not been caught up with.
    private var textBehindSince: BootTime?
    private var decisiveHasMore = false
    private var textHasMore = false
    private var life: UInt64 = 0
    private var sinceOpening = 0
    private var textSinceOpening = 0

    /// Most work of one poll. An entry takes some microseconds.
    private static let decisiveTime = Interval.milliseconds(10)
    private static let textTime = Interval.milliseconds(4)
    /// Entries between two looks at the clock.
    private static let stride = 32
    /// Own lines that are this far behind are left out.
    private static let mostLag = Interval.seconds(2)
    /// The library keeps what it has read mapped, up to 512 MiB. Opening anew lets go of it: after so many entries, and
    /// when so many have been caught up with.
    private static let entriesBetweenOpenings = 10_000
    private static let entriesWorthOpening = 1000
    private static let retry = Interval.seconds(1)
    private static let lookPeriod = Interval.seconds(1)

    /// `lookBack`: how much of the past to read where there is no cursor.
    init(
        _ library: SystemdLibrary, boot: String, cursor: JournalCursor?, lookBack: Interval, at now: BootTime,
        directory: String? = nil, isWatched: @escaping (UnitID) -> Bool
    ) {
        self.library = library
        self.boot = boot
        self.directory = directory
        self.isWatched = isWatched
        let since = (now - ProcFS.suspendedTime() - lookBack).nanoseconds / 1000
        start = cursor.map { .cursor($0) } ?? .since(since)
        openText(from: .since(since))
        open(at: now)
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
        } else if decisive?.hasFiles == true {
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
        if decisive == nil || decisive?.hasFiles == false, retryAt <= now {
            retryAt = now + Self.retry
            open(at: now)
        }
        let clock = JournalClock.now(boot: boot)
        isLookDue = lastLook + Self.lookPeriod <= now
        if isLookDue { lastLook = now }
        events += takeDecisive(clock, now)
        events += takeText(clock, now)
        return events
    }

    private func open(at now: BootTime) {
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
        // What came before its watch began is told by nothing.
        decisiveHasMore = decisive != nil
    }

    // MARK: Decisive entries

    private func takeDecisive(_ clock: JournalClock, _ now: BootTime) -> [Event] {
        guard let reader = decisive else { return [] }
        var events: [Event] = []
        if reader.hasLostPlace, case .cursor(let saved) = start {
            events.append(gap(from: clock.time(monotonic: saved.monotonic), to: now, Self.vacuumed))
            start = .tail
        }
        do throws(JournalReader.Failure) {
            guard try reader.notice() || decisiveHasMore || isLookDue else { return events }
            try read(reader, until: ProcFS.boottimeNow() + Self.decisiveTime, clock, &events)
        } catch {
            events.append(recover(from: error, clock, now))
        }
        return events
    }

    private static let vacuumed = "the journal no longer holds the entry that was read last"

    private func read(
        _ reader: JournalReader, until end: BootTime, _ clock: JournalClock, _ events: inout [Event]
    ) throws(JournalReader.Failure) {
        decisiveHasMore = false
        var count = 0
        while try reader.advance() {
            count += 1
            if let position = try reader.position(boot: boot),
                let event = event(try reader.fields(), at: position, clock)
            {
                events.append(event)
            }
            if count % Self.stride == 0, ProcFS.boottimeNow() >= end {
                decisiveHasMore = true
                break
            }
        }
        guard count > 0 else { return }
        if let reached = reader.cursor {
            cursor = reached
            start = .cursor(reached)
        }
        sinceOpening += count
        if sinceOpening >= (decisiveHasMore ? Self.entriesBetweenOpenings : Self.entriesWorthOpening) { open(at: end) }
    }

    private func event(_ fields: JournalFields, at position: JournalReader.Position, _ clock: JournalClock) -> Event? {
        guard JournalEntry.writer(fields) != .other, let entry = JournalEntry(fields, isWatched: isWatched) else {
            return nil
        }
        return Event(time: time(fields, position, clock), source: .journal, body: .journal(entry))
    }

    private func time(_ fields: JournalFields, _ position: JournalReader.Position, _ clock: JournalClock) -> BootTime {
        clock.time(
            monotonic: position.monotonic, realtime: position.realtime, sent: fields.number(.sourceRealtime))
    }

    /// Begins anew behind the last entry that could be read, or at the end where there is none.
    private func recover(from error: JournalReader.Failure, _ clock: JournalClock, _ now: BootTime) -> Event {
        let from = cursor.map { clock.time(monotonic: $0.monotonic) } ?? now
        let isStuck = failure != nil
        failure = error
        decisive = nil
        retryAt = now + Self.retry
        decisiveHasMore = false
        // The same place failed before: what comes next there cannot be read.
        if isStuck { start = .tail }
        return gap(from: from, to: now, "\(error.call) failed: \(String(cString: strerror(error.errno)))")
    }

    private func gap(
        _ source: String = "journal", from: BootTime, to: BootTime, lost: UInt64 = 0, _ why: String
    ) -> Event {
        Event(
            time: to, source: .collector,
            body: .gap(Gap(source: source, from: min(from, to), to: to, lost: lost, why: why)))
    }

    // MARK: Own lines of units

    private func takeText(_ clock: JournalClock, _ now: BootTime) -> [Event] {
        guard let reader = text else { return [] }
        var events: [Event] = []
        do throws(JournalReader.Failure) {
            if try reader.notice() || textHasMore || isLookDue {
                try readText(reader, until: ProcFS.boottimeNow() + Self.textTime, clock, &events)
            }
            if let event = leaveOut(now) { events.append(event) }
        } catch {
            // They are no proof of anything: from now on is good enough.
            openText(from: .tail)
        }
        if isLookDue, let refused = allowance.takeRefused() {
            let why = "more than \(TextAllowance.lines) lines of a unit in a second"
            events.append(gap(Gap.ownLines, from: refused.from, to: now, lost: refused.count, why))
        }
        return events
    }

    private func readText(
        _ reader: JournalReader, until end: BootTime, _ clock: JournalClock, _ events: inout [Event]
    ) throws(JournalReader.Failure) {
        textHasMore = false
        var count = 0
        while try reader.advance() {
            count += 1
            if let event = try textEvent(reader, clock) { events.append(event) }
            if count % Self.stride == 0, ProcFS.boottimeNow() >= end {
                textHasMore = true
                break
            }
        }
        textSinceOpening += count
        guard textSinceOpening >= (textHasMore ? Self.entriesBetweenOpenings : Self.entriesWorthOpening),
            let cursor = reader.cursor
        else { return }
        openText(from: .cursor(cursor))
    }

    /// The unit is looked at first: most lines stop there.
    private func textEvent(_ reader: JournalReader, _ clock: JournalClock) throws(JournalReader.Failure) -> Event? {
        guard let unit = writerUnit(reader), unit.name != "init.scope", isWatched(unit),
            let position = try reader.position(boot: boot)
        else { return nil }
        guard allowance.admits(unit, at: clock.time(monotonic: position.monotonic)) else { return nil }
        let fields = try reader.fields()
        guard JournalEntry.writer(fields) == .other, let entry = JournalEntry(fields, isWatched: isWatched) else {
            return nil
        }
        return Event(time: self.time(fields, position, clock), source: .journal, body: .journal(entry))
    }

    private func writerUnit(_ reader: JournalReader) -> UnitID? {
        guard let name = reader.value(of: .writerUnit) else { return nil }
        guard name.hasPrefix("user@"), let user = reader.value(of: .writerUserUnit),
            let uid = reader.value(of: .ownerUID).flatMap({ UInt32($0) })
        else { return UnitID(manager: .system, name: name) }
        return UnitID(manager: .user(uid), name: user)
    }

    private func openText(from start: JournalReader.Start) {
        text = try? JournalReader(library, .text, from: start, boot: boot, directory: directory)
        textSinceOpening = 0
        life &+= 1
        textHasMore = text != nil
    }

    private func leaveOut(_ now: BootTime) -> Event? {
        guard textHasMore else {
            textBehindSince = nil
            return nil
        }
        let since = textBehindSince ?? now
        textBehindSince = since
        guard since + Self.mostLag <= now else { return nil }
        openText(from: .tail)
        textBehindSince = nil
        return gap(Gap.ownLines, from: since, to: now, "there were more lines than could be read")
    }
}
