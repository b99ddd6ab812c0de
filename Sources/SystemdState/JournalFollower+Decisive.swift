internal import EventModel
internal import Glibc
internal import ProcFS

// The decisive entries: each is handed out, and what of them cannot be read any more is stated.
extension JournalFollower {
    func takeDecisive(_ clock: JournalClock, _ now: BootTime) -> [Event] {
        guard let reader = decisive else { return [] }
        var events: [Event] = []
        do throws(JournalReader.Failure) {
            // While there is a past to read, its files are kept, removed or not.
            let news: JournalReader.News = decisiveHasMore ? .none : try reader.notice()
            if news == .files { filesUnsettledUntil = now + .seconds(4) }
            guard news != .none || decisiveHasMore || isLookDue else { return events }
            let readBefore = readUpTo
            try read(reader, until: ProcFS.boottimeNow() + Self.decisiveTime, clock, now, &events)
            if news == .files || filesLook + .seconds(1) <= now {
                events += lookAtFiles(clock, now, read: readBefore)
            }
            if mustReopenAtEnd, !decisiveHasMore { openAtEnd(now) }
        } catch {
            events.append(recover(from: error, clock, now))
        }
        return events
    }

    private func read(
        _ reader: JournalReader, until end: BootTime, _ clock: JournalClock, _ now: BootTime, _ events: inout [Event]
    ) throws(JournalReader.Failure) {
        decisiveHasMore = false
        var count = 0
        var unreadable = Unreadable()
        while try reader.advance() {
            count += 1
            do throws(JournalReader.Failure) {
                if let position = try reader.position(boot: boot) {
                    statePlace(reader, found: position.monotonic, clock, now, &events)
                    if let event = event(try reader.fields(), at: position, clock) { events.append(event) }
                    unreadable.last = position.monotonic
                }
            } catch {
                // Of a damaged file, one entry; others may be whole.
                unreadable.note(error, after: unreadable.last ?? cursor?.monotonic)
            }
            if count % Self.stride == 0, ProcFS.boottimeNow() >= end {
                decisiveHasMore = true
                break
            }
        }
        if let why = unreadable.why {
            let from = unreadable.from.map { clock.time(monotonic: $0) } ?? now
            events.append(gap(from: from, to: now, lost: unreadable.count, why))
        }
        if count == 0 { statePlace(reader, found: nil, clock, now, &events) }
        readUpTo = decisiveHasMore ? reader.cursor?.monotonic ?? readUpTo : clock.monotonic(now)
        guard count > 0 else { return }
        if let reached = reader.cursor {
            cursor = reached
            start = .cursor(reached)
        }
        sinceOpening += count
        if sinceOpening >= (decisiveHasMore ? Self.entriesBetweenOpenings : Self.entriesWorthOpening) {
            open(at: now)
            events += lookAtFiles(clock, now, read: readUpTo)
        }
    }

    /// Entries whose fields could not be read, in one turn.
    private struct Unreadable {
        var count: UInt64 = 0
        var from: UInt64?
        var last: UInt64?
        var why: String?

        mutating func note(_ failure: JournalReader.Failure, after last: UInt64?) {
            if count == 0 { from = last }
            count += 1
            why = "entries cannot be read: \(failure.call) failed: \(String(cString: strerror(failure.errno)))"
        }
    }

    /// The entry at which the last reading ended is not there any more: what was between it and the first that is.
    private func statePlace(
        _ reader: JournalReader, found: UInt64?, _ clock: JournalClock, _ now: BootTime, _ events: inout [Event]
    ) {
        guard reader.hasLostPlace, !hasToldPlace, case .cursor(let saved) = start else { return }
        hasToldPlace = true
        let to = found.map { clock.time(monotonic: $0) } ?? now
        events.append(
            gap(
                from: clock.time(monotonic: saved.monotonic), to: to,
                "the journal no longer holds the entry that was read last"))
    }

    private func event(_ fields: JournalFields, at position: JournalReader.Position, _ clock: JournalClock) -> Event? {
        guard JournalEntry.writer(fields) != .other, let entry = JournalEntry(fields, isWatched: isWatched) else {
            return nil
        }
        return Event(time: time(fields, position, clock), source: .journal, body: .journal(entry))
    }

    func time(_ fields: JournalFields, _ position: JournalReader.Position, _ clock: JournalClock) -> BootTime {
        clock.time(
            monotonic: position.monotonic, realtime: position.realtime, sent: fields.number(.sourceRealtime))
    }

    // MARK: Losses

    /// Begins anew behind the last entry that could be read, or at the end where there is none.
    private func recover(from error: JournalReader.Failure, _ clock: JournalClock, _ now: BootTime) -> Event {
        let from = cursor.map { clock.time(monotonic: $0.monotonic) } ?? now
        let isStuck = failedAt != nil && failedAt == cursor
        failedAt = cursor
        failure = error
        decisive = nil
        retryAt = now + Self.retry
        decisiveHasMore = false
        // The same place failed before: what comes next there cannot be read.
        if isStuck { start = .tail }
        return gap(from: from, to: now, "\(error.call) failed: \(String(cString: strerror(error.errno)))")
    }

    /// A file was cut short while it was read: what it held reads as zeros, in this library's eyes until it is opened anew.
    func beginAnew(afterFault clock: JournalClock, _ now: BootTime) -> [Event] {
        open(at: now)
        var events = lookAtFiles(clock, now, read: checkedUpTo)
        openText(from: .tail)
        let from = cursor.map { clock.time(monotonic: $0.monotonic) } ?? since
        events.append(gap(from: from, to: now, "a file of the journal was cut short while it was read"))
        return events
    }

    /// What the library gave up or does not take.
    private func lookAtFiles(_ clock: JournalClock, _ now: BootTime, read: UInt64) -> [Event] {
        filesLook = now
        let given = holdings.update(read: read, checked: checkedUpTo)
        checkedUpTo = readUpTo
        if given.contains(where: \.isOnline) { mustReopenAtEnd = true }
        let refused =
            now <= filesUnsettledUntil ? holdings.newlyRefused(at: now, wall: clock.wall, since: since) : []
        return (given + refused).compactMap { loss in
            let from = max(loss.from.map { clock.time(monotonic: $0) } ?? since, since)
            let to = loss.to.map { min(clock.time(monotonic: $0), now) } ?? now
            return from <= to ? gap(from: from, to: to, loss.why) : nil
        }
    }

    /// Behind what is damaged: journald goes on writing there, until it finds out itself.
    private func openAtEnd(_ now: BootTime) {
        guard retryAt <= now else { return }
        retryAt = now + .seconds(5)
        mustReopenAtEnd = false
        start = .tail
        open(at: now)
        _ = holdings.update(read: .max, checked: .max)
    }
}
