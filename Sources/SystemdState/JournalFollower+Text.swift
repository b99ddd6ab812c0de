internal import EventModel
internal import ProcFS

// The own lines of units: no proof of anything, and left out where there is no time for them.
extension JournalFollower {
    func takeText(_ clock: JournalClock, _ now: BootTime) -> [Event] {
        guard let reader = text else { return [] }
        var events: [Event] = []
        do throws(JournalReader.Failure) {
            let news = try reader.notice()
            if news != .none || textHasMore || isLookDue {
                try readText(reader, until: ProcFS.boottimeNow() + Self.textTime, clock, &events)
            }
            if news == .files { holdings.noteOthers() }
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
        return Event(time: time(fields, position, clock), source: .journal, body: .journal(entry))
    }

    private func writerUnit(_ reader: JournalReader) -> UnitID? {
        guard let name = reader.value(of: .writerUnit) else { return nil }
        guard name.hasPrefix("user@"), let user = reader.value(of: .writerUserUnit),
            let uid = reader.value(of: .ownerUID).flatMap({ UInt32($0) })
        else { return UnitID(manager: .system, name: name) }
        return UnitID(manager: .user(uid), name: user)
    }

    func openText(from start: JournalReader.Start) {
        text = try? JournalReader(library, .text, from: start, boot: boot, directory: directory)
        textSinceOpening = 0
        life &+= 1
        textHasMore = text != nil
        holdings.noteOthers()
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
