import EventCoding
import EventModel

/// The record of an event.
func encoded(_ event: Event) -> [UInt8] {
    var bytes: [UInt8] = []
    EventEncoder.encode(event, into: &bytes)
    return bytes
}

func decoded(_ bytes: [UInt8]) throws -> Event {
    try bytes.withUnsafeBytes { try EventDecoder.decode($0) }
}

/// What comes back from the wire.
func roundTrip(_ event: Event) throws -> Event { try decoded(encoded(event)) }

extension [UInt8] {
    /// Overwrites bytes in little-endian order.
    mutating func store(_ value: some FixedWidthInteger, at offset: Int) {
        Swift.withUnsafeBytes(of: value.littleEndian) { replaceSubrange(offset..<(offset + $0.count), with: $0) }
    }
}

let someProcess = ProcessKey(pid: 4711, start: BootTime(nanoseconds: 123_456_789))

func someEvent(_ body: Event.Body, source: Source = .bpf) -> Event {
    Event(
        time: BootTime(nanoseconds: 1_000_000_007), source: source, process: someProcess, thread: 4712,
        cgroup: CgroupID(rawValue: 99), body: body)
}
