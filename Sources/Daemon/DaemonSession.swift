import AgentRecognition
import Attribution
public import Collector
public import Configuration
import ControlSocket
import EventCoding
import EventModel
import FlightRecorder
import Glibc
import ProcFS
import Reporting
import Synchronization

/// The daemon: captures on the thread that calls it, keeps incidents and answers clients on threads of their own.
public final class DaemonSession {
    private let directories: DaemonDirectories
    private let version: String
    private let log: DaemonLog
    private let notify: NotifySocket?
    private let keeper: IncidentKeeper
    let answers: ControlAnswers
    let mailbox: ControlMailbox
    private var threads: [WorkerThread] = []
    let capture: Capture
    var pipeline: Pipeline
    private let started: BootTime
    /// `IncidentLog.changes` up to which the keeper has been told.
    private var told = 0
    /// Up to here all was judged and stored.
    private var settledUntil: BootTime
    /// Where the journal was then.
    private var settledCursor: String?
    private var lastChore = BootTime.zero
    private var lastPing = BootTime.zero
    private var nextAnswer = BootTime.zero
    private var statusText = ""
    private var markTrouble: String?

    private static let chorePeriod = Interval.seconds(1)
    /// Of an answer out of the process table; the thread that gives it has the rings to drain.
    private static let mostProcesses = 2000

    /// Another daemon has the directory.
    public struct AlreadyRunning: Error {
        public var directory: String
    }

    private let locks: [InstanceLockBox]

    /// Keeps a lock as long as the session lives.
    private final class InstanceLockBox {
        let lock: InstanceLock
        init(_ lock: consuming InstanceLock) { self.lock = lock }
    }

    /// Makes the directories, opens socket and store, attaches, and back-fills; then the service manager is told.
    public init(
        _ configuration: Configuration, directories: DaemonDirectories, preference: Capture.Preference, version: String,
        log: DaemonLog, notify: NotifySocket?
    ) throws {
        self.directories = directories
        self.version = version
        self.log = log
        self.notify = notify
        try directories.make()
        locks = try [directories.runtime, directories.state].map { directory in
            guard let lock = try InstanceLock(directory: directory) else {
                throw AlreadyRunning(directory: directory)
            }
            return InstanceLockBox(lock)
        }
        let keeper = try IncidentKeeper(
            path: directories.incidents, keep: configuration.incidentsKept, group: directories.group, log: log)
        let answers = try ControlAnswers(keeper)
        let server = try ControlServer(path: directories.socket, group: directories.group, handler: answers)
        (self.keeper, self.answers, mailbox) = (keeper, answers, server.mailbox)
        started = ProcFS.boottimeNow()
        settledUntil = started
        var pipeline = Pipeline(configuration, ring: try FlightRing())
        let mark = AliveMark(path: directories.aliveMark)
        let bootID = try ProcFS().host(version: version).bootID
        let cursor = mark.flatMap { $0.bootID == bootID ? $0.journalCursor : nil }
        settledCursor = cursor
        capture = try Capture(
            configuration, markers: pipeline.agents.markerNames, version: version, preference: preference,
            journalCursor: cursor
        ) { record, event in
            pipeline.consume(record, event)
            // Before anything else is, so that no verdict on that time is given without it.
            if case .host = event.body { Self.state(mark?.gap(bootID: bootID, start: event.time), to: &pipeline, log) }
        }
        self.pipeline = pipeline
        try startThreads(server)
        chores(at: ProcFS.boottimeNow())
        notify?.ready(statusText)
        log.write(.info, "\(statusText)")
    }

    private func startThreads(_ server: ControlServer) throws {
        // The server is used by its thread alone from here on.
        nonisolated(unsafe) let server = server
        let works: [@Sendable () -> Void] = [{ [keeper] in keeper.run() }, { server.run() }]
        for work in works {
            guard let thread = WorkerThread(work) else {
                throw SystemCallError(call: "pthread_create", object: "", errno: EAGAIN)
            }
            threads.append(thread)
        }
    }

    /// The time since the daemon before this one got to the end of its work: nobody recorded it.
    private static func state(_ gap: Gap?, to pipeline: inout Pipeline, _ log: DaemonLog) {
        guard let gap else { return }
        let event = Event(time: gap.to, source: .collector, body: .gap(gap))
        var bytes: [UInt8] = []
        EventEncoder.encode(event, into: &bytes)
        bytes.withUnsafeBytes { pipeline.consume($0, event) }
        let seconds = Int(gap.from.distance(to: gap.to).seconds)
        log.write(.warning, "\(gap.why) for \(seconds) s; reports of this time say so")
    }

    /// How long to wait for one of `descriptors` before the next `turn`, in milliseconds.
    public var patience: Int32 { answers.claims.isEmpty ? 200 : 5 }

    /// What to wait for before the next `turn`.
    public var descriptors: [Int32] { [capture.descriptor, answers.questions.bell.descriptor] }

    /// Takes what has come, and does what is due.
    public func turn() throws {
        try take(isLast: false)
        let now = ProcFS.boottimeNow()
        answerOne(at: now)
        try register(at: now)
        if lastChore + Self.chorePeriod <= now { chores(at: now) }
        // In the middle of the work, so that a thread that hangs is not kept alive.
        if let watchdog = notify?.watchdog, lastPing + Interval(nanoseconds: watchdog.nanoseconds / 4) <= now {
            lastPing = now
            notify?.alive()
        }
    }

    private func take(isLast: Bool) throws {
        var hasNews = false
        capture.isSettling = pipeline.isSettling
        capture.largestOfTrees = pipeline.largestOfTrees
        try capture.drain(isLast: isLast) { record, event in
            pipeline.consume(record, event)
            if answers.feed.show(event, pipeline) { hasNews = true }
        }
        if hasNews { mailbox.wake() }
        tellKeeper()
    }

    private func tellKeeper() {
        let news = pipeline.incidents.changed(after: told)
        guard !news.isEmpty else { return }
        for incident in news where incident.revision == 1 {
            log.write(.notice, "incident \(incident.id): \(incident.verdict.summary)")
        }
        told = pipeline.incidents.changes
        keeper.add(news)
    }

    private func chores(at now: BootTime) {
        lastChore = now
        settle(at: now)
        writeMark(isClean: false)
        answers.status.withLock { $0 = statusDocument(at: now) }
        let text = statusLine()
        if text != statusText {
            statusText = text
            notify?.status(text)
        }
    }

    private func settle(at now: BootTime) {
        guard !pipeline.isSettling, keeper.isClear else { return }
        settledUntil = now
        settledCursor = capture.journalCursor ?? settledCursor
    }

    private func writeMark(isClean: Bool) {
        let mark = AliveMark(
            bootID: pipeline.provenance.host?.bootID ?? "", until: settledUntil, isClean: isClean,
            journalCursor: settledCursor)
        do throws(SystemCallError) {
            try mark.write(to: directories.aliveMark)
            markTrouble = nil
        } catch {
            let why = "\(error.object): \(String(cString: strerror(error.errno)))"
            if markTrouble == nil {
                log.write(.warning, "how far it got cannot be written down: \(why); after a crash the gap is larger")
            }
            markTrouble = why
        }
    }

    /// One at a time, and for a tenth of the time at most.
    private func answerOne(at now: BootTime) {
        guard nextAnswer <= now, let question = answers.questions.next() else { return }
        let value: JSONValue =
            switch question.subject {
            case .agents(let includingEnded): agents(includingEnded: includingEnded)
            case .sessions(let selection): AgentSessions(pipeline, selection).wrapped
            case .port(let port): PortJSON.document(PortReport(port: port, pipeline))
            }
        mailbox.reply(.value(value), to: question.client)
        let end = ProcFS.boottimeNow()
        nextAnswer = end + Interval(nanoseconds: now.distance(to: end).nanoseconds * 9)
    }

    private func agents(includingEnded: Bool) -> JSONValue {
        let forest = AgentTrees.forest(pipeline, includingEnded: includingEnded, limit: Self.mostProcesses)
        return [
            "wall_offset": .string(String(forest.wallOffset.nanoseconds)),
            "truncated": .flag(forest.nodes.count == Self.mostProcesses),
            "nodes": AgentTreeJSON.document(forest),
        ]
    }

    /// Judges what still settles, stores what still waits, and leaves. A store that does not take it is not waited for
    /// longer than it takes to fail.
    public func finish() throws {
        notify?.stopping()
        answers.questions.bell.silence()
        try take(isLast: true)
        pipeline.finish()
        tellKeeper()
        mailbox.end()
        keeper.end()
        for thread in threads { thread.join() }
        settle(at: ProcFS.boottimeNow())
        writeMark(isClean: true)
        let condition = keeper.condition
        if condition.waiting > 0 {
            log.write(.error, "\(condition.waiting) incidents could not be stored and are lost")
        }
        log.write(.info, "ended: \(pipeline.counts.records) records, \(pipeline.incidents.total) incidents")
    }
}

extension DaemonSession {
    private func statusLine() -> String {
        let how = capture.isKernelTier ? "the kernel programs" : "/proc, without the kernel programs"
        let incidents = pipeline.incidents.total
        let trouble = keeper.condition.trouble.map { "; incidents cannot be stored: \($0)" } ?? ""
        return
            "Recording with \(how); \(incidents == 1 ? "1 incident" : "\(incidents) incidents") since the start\(trouble)"
    }

    private func statusDocument(at now: BootTime) -> JSONValue {
        let provenance = pipeline.provenance
        let lost = provenance.allGaps.reduce(0) { $0 &+ $1.lost }
        return [
            "state": "running", "version": .string(version), "pid": .integer(Int64(getpid())),
            "started_at": .string(provenance.wall(started).rfc3339), "now": .string(provenance.wall(now).rfc3339),
            "boot_id": .string(provenance.host?.bootID ?? ""),
            "records": .unsigned(pipeline.counts.records), "lost_events": .unsigned(lost),
            "incidents_since_start": .integer(Int64(pipeline.incidents.total)),
            "incidents_left_out": .unsigned(pipeline.incidents.leftOut),
            "sources": .array(
                provenance.sources.map { status in
                    ["name": .string(status.name), "state": .string(status.state.name), "why": .string(status.why)]
                }),
        ]
    }
}
