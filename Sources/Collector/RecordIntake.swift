import EventCoding
import EventModel
import Redaction

/// What comes in, record by record: decoded, without its secrets. What cannot be decoded is counted, for a gap.
struct RecordIntake {
    private let redactor: Redactor
    private var bytes: [UInt8] = []
    /// Records that could not be decoded since `takeGap` said so last.
    private(set) var undecoded: UInt64 = 0

    init(_ redactor: Redactor) { self.redactor = redactor }

    /// One record of the kernel's. Only exec and the like can hold a secret; the others pass as they are.
    mutating func take(_ record: UnsafeRawBufferPointer, _ sink: Capture.Sink) throws {
        guard let events = decode(record) else {
            undecoded &+= 1
            return
        }
        guard let event = events.asTheyAre else {
            for event in events.made { try send(event, sink) }
            return
        }
        guard let redacted = redactor.redact(event) else { return try sink(record, event) }
        try sendAsIs(redacted, sink)
    }

    private func decode(_ record: UnsafeRawBufferPointer) -> (asTheyAre: Event?, made: [Event])? {
        // What was said to a manager may hold secrets: the bytes end here, what is known of them to be none goes on.
        do throws(MalformedRecord) {
            if let messages = try EventDecoder.managerMessages(record) { return (nil, messages) }
            return (try EventDecoder.decode(record), [])
        } catch {
            return nil
        }
    }

    /// An event of the collector's own, or of a source that is no kernel.
    mutating func send(_ event: Event, _ sink: Capture.Sink) throws {
        try sendAsIs(redactor.redact(event) ?? event, sink)
    }

    private mutating func sendAsIs(_ event: Event, _ sink: Capture.Sink) throws {
        bytes.removeAll(keepingCapacity: true)
        EventEncoder.encode(event, into: &bytes)
        try bytes.withUnsafeBytes { try sink($0, event) }
    }

    /// The gap for what could not be decoded since the last call; nil where there was nothing of that.
    mutating func takeGap(from: BootTime, to: BootTime) -> Gap? {
        guard undecoded > 0 else { return nil }
        defer { undecoded = 0 }
        return Gap(
            source: Gap.decoder, from: min(from, to), to: to, lost: undecoded, why: "records could not be decoded")
    }
}
