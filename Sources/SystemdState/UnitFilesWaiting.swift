internal import EventModel

/// Changes of unit files that wait, in their order, for what the files say. One that waits too long goes without.
struct UnitFilesWaiting {
    private struct Entry {
        var event: Event
        var change: UnitFileChange
        /// Nil where nothing is waited for.
        var ticket: UInt64?
    }

    private var entries: [Entry] = []
    private var second: UInt64 = 0
    private var takenInSecond = 0
    /// Of which it is not known what they say, though it was asked; and since when that is so.
    private var unread: (count: UInt64, from: BootTime)?

    /// How long a file may take to be read: less than a disruption takes to settle.
    static let patience = Interval.seconds(1)
    /// Most files that are read within a second.
    static let mostPerSecond = 128
    private static let mostWaiting = 1024

    /// `reader` is nil where nothing is read.
    mutating func add(_ event: Event, _ change: UnitFileChange, _ reader: UnitFileReader?) {
        entries.append(Entry(event: event, change: change))
        guard change.limitSection != nil else { return }
        guard let reader, admits(at: event.time), let ticket = reader.read(change) else {
            reader?.missed()
            return isUnread(event.time)
        }
        entries[entries.endIndex - 1].ticket = ticket
    }

    private mutating func admits(at time: BootTime) -> Bool {
        let now = time.nanoseconds / 1_000_000_000
        if now != second { (second, takenInSecond) = (now, 0) }
        takenInSecond += 1
        return takenInSecond <= Self.mostPerSecond
    }

    private mutating func isUnread(_ time: BootTime) { unread = ((unread?.count ?? 0) + 1, unread?.from ?? time) }

    /// Those whose turn it is, and the loss of the others.
    mutating func take(_ answers: [UnitFileReader.Answer], at now: BootTime) -> [Event] {
        fill(in: answers)
        let ready = entries.prefix {
            $0.ticket == nil || $0.event.time + Self.patience <= now || entries.count > Self.mostWaiting
        }
        return handOut(ready.count, at: now)
    }

    /// All of them.
    mutating func rest(_ answers: [UnitFileReader.Answer], at now: BootTime) -> [Event] {
        fill(in: answers)
        return handOut(entries.count, at: now)
    }

    private mutating func fill(in answers: [UnitFileReader.Answer]) {
        guard !answers.isEmpty else { return }
        let answers = Dictionary(answers.map { ($0.ticket, $0) }) { $1 }
        for index in entries.indices {
            guard let ticket = entries[index].ticket, let answer = answers[ticket] else { continue }
            entries[index].change.settings = answer.settings
            entries[index].change.settingsBefore = answer.before
            entries[index].event.body = .unitFile(entries[index].change)
            entries[index].ticket = nil
        }
    }

    private mutating func handOut(_ count: Int, at now: BootTime) -> [Event] {
        let ready = entries.prefix(count)
        for entry in ready where entry.ticket != nil { isUnread(entry.event.time) }
        var events = ready.map(\.event)
        entries.removeFirst(ready.count)
        guard let unread else { return events }
        let gap = Gap(
            source: Gap.unitFiles, from: unread.from, to: now, lost: unread.count,
            why: "what unit files say of memory was not read: too many of them at once, or one that does not answer")
        events.append(Event(time: now, source: .collector, body: .gap(gap)))
        self.unread = nil
        return events
    }
}
