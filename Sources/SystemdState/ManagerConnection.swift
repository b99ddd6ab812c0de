internal import EventModel
internal import Glibc
internal import ProcFS

/// One manager over its private socket: its units and jobs, as events. Whoever connects there is subscribed.
///
/// A change comes with the new values: two signals, the unit's own kind first and `Unit` second, and with the second the
/// state is whole (dbus-unit.c). What is not in them (limits, control group, files, relations) is read again for each
/// new invocation and after a reload.
///
/// A unit that is not loaded is never read: to read it would load it, which is news (UnitNew), to be read, and so on.
/// Hence UnitNew is passed over: what happens to a unit comes as its change.
final class ManagerConnection {
    let scope: ManagerScope
    private let bus: BusConnection
    private(set) var book: UnitBook
    private var jobs = JobQueue()
    private var calls: [UInt64: Call] = [:]
    private var toRead: [String] = []
    private var waiting: Set<String> = []
    private var listed = false
    /// From the beginning of a reload to the list that follows it: every unit is removed and loaded anew meanwhile.
    private var isReloading = false
    private(set) var isSettled = false
    private(set) var hasMore = false
    /// Since when calls have gone unanswered.
    private(set) var silentSince: BootTime?
    private var lastHeard: BootTime
    private let process: (Int32) -> ProcessKey?
    let life: UInt64

    private enum Question {
        case list
        case jobs
        case unit(String)
        case jobType(UInt32)
        case ping
    }

    private struct Call {
        var question: Question
        var at: BootTime

        /// The initial state is not whole without its answer.
        var isReading: Bool { if case .unit = question { true } else { false } }
    }

    /// Messages of one poll, and calls under way.
    private static let mostMessages = 256
    private static let mostCalls = 8
    /// A manager that does not answer within this is stated as such.
    private static let patience = Interval.seconds(5)
    /// The type of a job that has been asked for this long is not waited for.
    private static let jobPatience = Interval.seconds(1)
    private static let pingPeriod = Interval.seconds(30)

    /// `book` is what an earlier connection to the same manager left behind: what is still so is no news.
    init(
        _ library: SystemdLibrary, _ book: UnitBook, socket: String, life: UInt64, at now: BootTime,
        process: @escaping (Int32) -> ProcessKey?
    ) throws(BusConnection.Failure) {
        scope = book.scope
        self.life = life
        self.process = process
        self.book = book
        lastHeard = now
        bus = try BusConnection(library, path: socket, owner: scope.uid ?? 0)
        try ask(.jobs, at: now)
        try ask(.list, at: now)
    }

    var watched: Watched { Watched(descriptor: bus.descriptor, events: bus.events, life: life) }

    var unitCount: Int { book.count }
    var refusedUnits: Int { book.refused.count }

    /// Throws when the connection has ended.
    func poll(at now: BootTime) throws(BusConnection.Failure) -> [Event] {
        var events: [Event] = []
        hasMore = true
        for _ in 0..<Self.mostMessages {
            let step = try bus.next()
            if case .idle = step {
                hasMore = false
                break
            }
            guard case .message(let message) = step else { continue }
            lastHeard = now
            try take(message, now, &events)
        }
        try readOn(at: now)
        events += jobs.overdue(before: now - Self.jobPatience).map { self.event($0.change, at: $0.at) }
        try lookAfterCalls(at: now)
        isSettled = isSettled || (listed && toRead.isEmpty && !calls.values.contains(where: \.isReading))
        return events
    }

    private func lookAfterCalls(at now: BootTime) throws(BusConnection.Failure) {
        for (cookie, call) in calls where call.at + Self.patience <= now {
            calls[cookie] = nil
            silentSince = silentSince ?? call.at
            // What was not answered is asked again with the next sign of life.
            switch call.question {
            case .list: listed = false
            case .unit(let name): enqueue(name)
            case .jobs, .jobType, .ping: break
            }
        }
        if lastHeard + Self.pingPeriod <= now, calls.isEmpty {
            lastHeard = now
            try ask(.ping, at: now)
        }
    }

    private func take(_ message: BusMessage, _ now: BootTime, _ events: inout [Event]) throws(BusConnection.Failure) {
        switch message.kind {
        case .signal:
            try takeSignal(message, now, &events)
        case .reply, .error:
            let isLate = silentSince != nil
            silentSince = nil
            if isLate { try ask(.list, at: now) }
            guard let cookie = message.replyCookie, let call = calls.removeValue(forKey: cookie) else { return }
            takeReply(to: call.question, message, now, &events)
        case .call, nil: return
        }
    }

    // MARK: Asking

    private func ask(_ question: Question, at now: BootTime) throws(BusConnection.Failure) {
        let (manager, properties) = ("org.freedesktop.systemd1.Manager", "org.freedesktop.DBus.Properties")
        let cookie: UInt64
        switch question {
        case .list: cookie = try bus.call(UnitPath.manager, manager, "ListUnits")
        case .jobs: cookie = try bus.call(UnitPath.manager, manager, "ListJobs")
        // An empty interface means all: one answer, and so one moment.
        case .unit(let name): cookie = try bus.call(UnitPath.path(ofUnit: name), properties, "GetAll", [""])
        case .jobType(let id):
            cookie = try bus.call(
                UnitPath.jobs + String(id), properties, "Get", ["org.freedesktop.systemd1.Job", "JobType"])
        case .ping: cookie = try bus.call(UnitPath.manager, "org.freedesktop.DBus.Peer", "Ping")
        }
        calls[cookie] = Call(question: question, at: now)
    }

    private func enqueue(_ name: String) {
        guard book.isOfUse(name), toRead.count < UnitBook.capacity * 2, waiting.insert(name).inserted else { return }
        toRead.append(name)
    }

    private func readOn(at now: BootTime) throws(BusConnection.Failure) {
        guard silentSince == nil else { return }
        var free = Self.mostCalls - calls.count
        while free > 0, let name = toRead.popLast() {
            waiting.remove(name)
            try ask(.unit(name), at: now)
            free -= 1
        }
    }

    // MARK: Signals

    private func takeSignal(
        _ message: BusMessage, _ now: BootTime, _ events: inout [Event]
    ) throws(BusConnection.Failure) {
        switch (message.interface, message.member) {
        case ("org.freedesktop.DBus.Properties", "PropertiesChanged"): change(message, now, &events)
        case ("org.freedesktop.systemd1.Manager", "UnitRemoved"):
            if !isReloading, let name = message.text() { book.forget(name) }
        case ("org.freedesktop.systemd1.Manager", "JobNew"):
            guard let id = message.unsigned(), message.skip("o"), let unit = message.text() else { return }
            jobs.began(
                JobChange(unit: UnitID(manager: scope, name: unit), id: id, type: nil, step: .queued), at: now,
                isActive: book.told(unit)?.active == "active")
            try ask(.jobType(id), at: now)
        case ("org.freedesktop.systemd1.Manager", "JobRemoved"):
            guard let id = message.unsigned(), message.skip("o"), let unit = message.text(),
                let result = message.text()
            else { return }
            let ended = jobs.ended(id, UnitID(manager: scope, name: unit), result: result, at: now)
            events += ended.map { event($0.change, at: $0.at) }
        case ("org.freedesktop.systemd1.Manager", "Reloading"):
            isReloading = true
            if message.flag() == false { try ask(.list, at: now) }
        case ("org.freedesktop.DBus.Local", "Disconnected"):
            throw BusConnection.Failure(call: "sd_bus_process", errno: ECONNRESET)
        default: return
        }
    }

    private func change(_ message: BusMessage, _ now: BootTime, _ events: inout [Event]) {
        guard let name = UnitPath.unit(at: message.path), book.isOfUse(name), let interface = message.text() else {
            return
        }
        let isTaken = book.update(name) { reading in
            message.forEachProperty(of: UnitReading.properties) { reading.apply($0, $1) }
        }
        guard isTaken, interface == "org.freedesktop.systemd1.Unit" else { return }
        events += news(of: name, now)
        guard let state = book.told(name), state.active != "inactive" else { return }
        if !book.isRead(name) { enqueue(name) }
    }

    private func news(of name: String, _ now: BootTime) -> [Event] {
        book.news(of: name, ProcFS.suspendedTime(), process: process).map {
            [Event(time: now, source: .systemd, body: .unit($0))]
        } ?? []
    }

    private func event(_ change: JobChange, at time: BootTime) -> Event {
        Event(time: time, source: .systemd, body: .job(change))
    }

    // MARK: Answers

    private func takeReply(to question: Question, _ message: BusMessage, _ now: BootTime, _ events: inout [Event]) {
        let isAnswer = message.kind == .reply
        switch question {
        case .ping: return
        case .list:
            listed = true
            isReloading = false
            if isAnswer { takeList(message) }
        case .jobs:
            guard isAnswer else { return }
            message.forEach("r", "usssoo") {
                guard let id = message.unsigned(), message.skip("s"), let type = message.text(), message.skip("soo")
                else { return }
                jobs.learn(id, type: type)
            }
        case .jobType(let id):
            var type: String?
            if isAnswer, case .text(let name) = message.variant() { type = name }
            events += jobs.answered(id, type: type).map { event($0.change, at: $0.at) }
        case .unit(let name):
            // Gone again, or not to be read: what signals said of it stands.
            guard isAnswer else { return }
            let isTaken = book.update(name) { reading in
                message.forEachProperty(of: UnitReading.properties) { reading.apply($0, $1) }
            }
            if isTaken {
                book.noteRead(name)
                events += news(of: name, now)
            }
        }
    }

    private func takeList(_ message: BusMessage) {
        var present: Set<String> = []
        message.forEach("r", "ssssssouso") {
            guard let name = message.text(), message.skip("sssssouso") else { return }
            present.insert(name)
            enqueue(name)
        }
        for name in book.names where !present.contains(name) { book.forget(name) }
    }
}
