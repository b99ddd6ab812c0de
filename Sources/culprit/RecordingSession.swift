import AgentRecognition
import Attribution
import Collector
import Configuration
import EventModel
import FlightRecorder
import Glibc

/// One run of `record`: what is captured goes to the file and through the pipeline.
struct RecordingSession: ~Copyable {
    private let path: String
    private let capture: Capture
    private var writer: RecordingWriter
    private var pipeline: Pipeline
    private var started = MonotonicClock.now()
    private var flushed = MonotonicClock.now()
    private var reported = 0

    init(_ configuration: Configuration, path: String, source: Capture.Preference) throws {
        var writer = try RecordingWriter(path: path)
        var pipeline = Pipeline(configuration, ring: try FlightRing())
        capture = try Capture(
            configuration, markers: pipeline.agents.markerNames, version: Version.text, preference: source
        ) { record, event in
            try writer.append(record)
            pipeline.consume(record, event)
        }
        self.path = path
        self.writer = writer
        self.pipeline = pipeline
    }

    /// Says that everything is attached: from now on nothing is missed.
    func announce() {
        let how = capture.isKernelTier ? "kernel programs" : "/proc, without the kernel programs: see culprit doctor"
        Terminal.message("culprit: recording to \(path) (\(how); Ctrl-C ends)")
    }

    /// Records until the time is over or a signal says so; with a command, until that has ended, and then it is what is
    /// told to end.
    mutating func run(until limit: Interval?, command: RecordedCommand?, signals: StopSignals) throws {
        started = MonotonicClock.now()
        var isOver = false
        while !isOver {
            let isTold = signals.wait([capture.descriptor], milliseconds: waitTime(limit))
            let isLate = limit.map { MonotonicClock.now() >= end($0) } ?? false
            if let command {
                isOver = attend(command, signals.caught, isLate: isLate)
            } else {
                isOver = isTold || isLate
            }
            try take(isLast: false)
            try flushInTurn()
        }
    }

    /// True when it has ended.
    private func attend(_ command: RecordedCommand, _ caught: [StopSignals.Caught], isLate: Bool) -> Bool {
        command.look()
        for signal in caught { command.handOn(signal) }
        if isLate { command.endInTime() }
        command.press()
        return command.status != nil
    }

    private func end(_ limit: Interval) -> UInt64 {
        let (end, overflow) = started.addingReportingOverflow(limit.nanoseconds)
        return overflow ? .max : end
    }

    private func waitTime(_ limit: Interval?) -> Int32 {
        guard let limit else { return 200 }
        let end = end(limit)
        let now = MonotonicClock.now()
        // What is over time is waited for as anything else is.
        return now >= end ? 50 : Int32(clamping: min(200, (end - now) / 1_000_000 + 1))
    }

    private mutating func take(isLast: Bool) throws {
        capture.isSettling = pipeline.isSettling
        capture.largestOfTrees = pipeline.largestOfTrees
        try capture.drain(isLast: isLast) { record, event in
            try writer.append(record)
            pipeline.consume(record, event)
        }
    }

    /// What is captured reaches the file within a second, so that a crash of ours loses no more.
    private mutating func flushInTurn() throws {
        guard MonotonicClock.now() >= flushed + 1_000_000_000 else { return }
        flushed = MonotonicClock.now()
        try writer.flush()
        Terminal.progress(
            "\(pipeline.counts.records) records, \(pipeline.incidents.total) incidents, \(writer.bytesWritten >> 10) KiB"
        )
        reportNewIncidents()
    }

    private mutating func reportNewIncidents() {
        let new = pipeline.incidents.total - reported
        guard new > 0 else { return }
        reported = pipeline.incidents.total
        Terminal.endProgress()
        for incident in pipeline.incidents.all.suffix(new) {
            Terminal.message("culprit: incident \(incident.id): \(Visible.line(incident.verdict.summary))")
        }
    }

    /// Takes what is still on its way, judges what still settles, closes the file.
    consuming func finish() throws {
        try take(isLast: true)
        pipeline.finish()
        try writer.close()
        Terminal.endProgress()
        reportNewIncidents()
        let lost = pipeline.provenance.allGaps.reduce(0) { $0 &+ $1.lost }
        Terminal.message(
            "culprit: \(path): \(pipeline.counts.records) records, \(lost) lost, "
                + (pipeline.incidents.total == 1 ? "1 incident" : "\(pipeline.incidents.total) incidents"))
    }
}

/// CLOCK_MONOTONIC in nanoseconds, for how long things last.
enum MonotonicClock {
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
