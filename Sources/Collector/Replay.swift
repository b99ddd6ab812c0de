import Configuration
import EventCoding
public import EventModel
public import FlightRecorder
public import IncidentDetection

/// A recording taken through the pipeline.
public struct Replay: ~Copyable {
    public var pipeline: Pipeline
    public private(set) var damage: [Damage] = []
    public private(set) var wasClosedCleanly = false

    /// Reads `path` to its end. `extraWatches` are looked for beside what the recording's configuration names; each event
    /// goes to `observe` after the pipeline has taken it in.
    public init(
        path: String, extraWatches: [ProcessWatch] = [],
        observe: (Event, borrowing Pipeline) throws -> Void = { _, _ in }
    ) throws {
        let configuration = try Configuration(recorded: Self.configuration(in: path))
        var pipeline = Pipeline(configuration, extraWatches: extraWatches, ring: try FlightRing())
        var reader = try RecordingReader(path: path)
        while let step = try reader.next() {
            switch step {
            case .damage(let damage):
                self.damage.append(damage)
                Self.state(damage, to: &pipeline)
            case .block:
                try reader.forEachRecord { record in
                    guard let event = try? EventDecoder.decode(record) else { return pipeline.consumeMalformed() }
                    pipeline.consume(record, event)
                    try observe(event, pipeline)
                }
            }
        }
        pipeline.finish()
        wasClosedCleanly = reader.wasClosedCleanly
        self.pipeline = pipeline
    }

    /// What is lost of a file is a gap like any other, so that no verdict rests on it silently.
    private static func state(_ damage: Damage, to pipeline: inout Pipeline) {
        let from = damage.from ?? pipeline.provenance.last ?? .zero
        let to = damage.to ?? (losesNothing(damage) ? from : BootTime(nanoseconds: .max))
        let gap = Gap(
            source: "recording", from: from, to: to, lost: UInt64(clamping: damage.recordsLost ?? 0),
            why: damage.why.rawValue)
        let event = Event(time: pipeline.provenance.last ?? from, source: .collector, body: .gap(gap))
        EventEncoder.withRecord(of: event) { pipeline.consume($0, event) }
    }

    /// These leave every record where it is.
    private static func losesNothing(_ damage: Damage) -> Bool {
        [.fileHeader, .outOfOrder, .trailing].contains(damage.why)
    }

    /// The configuration is in the first block, behind the host.
    private static func configuration(in path: String) throws -> String {
        var reader = try RecordingReader(path: path)
        var found = ""
        while found.isEmpty, let step = try reader.next() {
            guard case .block = step else { continue }
            var isOver = false
            reader.forEachRecord { record in
                guard found.isEmpty, !isOver, let event = try? EventDecoder.decode(record) else { return }
                if case .configuration(let text) = event.body { found = text }
                if case .exec = event.body { isOver = true }
            }
            break
        }
        return found
    }
}

extension EventEncoder {
    /// The event as a record, for the time of the call.
    static func withRecord(of event: Event, _ body: (UnsafeRawBufferPointer) -> Void) {
        var bytes: [UInt8] = []
        encode(event, into: &bytes)
        bytes.withUnsafeBytes(body)
    }
}
