import EventCoding
import EventModel

extension FuzzTarget {
    /// One record of every kind.
    static func recordSeeds() -> [[UInt8]] {
        var generator = EventGenerator(seed: 1)
        return (0..<EventGenerator.kinds * 2).map { encoded([generator.event(kind: $0 % EventGenerator.kinds)]) }
            .filter { $0.count < 8192 } + [busRecord()]
    }

    static func sequenceSeeds() -> [[UInt8]] {
        (UInt64(0)..<4).map { seed in
            var generator = EventGenerator(seed: seed)
            return encoded((0..<10).map { _ in generator.event(kind: generator.random.below(10)) })
        }
    }

    static func encoded(_ events: [Event]) -> [UInt8] {
        var bytes: [UInt8] = []
        for event in events { EventEncoder.encode(event, into: &bytes) }
        return bytes
    }

    /// What decodes must encode, and from then on nothing changes any more.
    static func decode(_ input: UnsafeRawBufferPointer) {
        let header = EventDecoder.header(input)
        guard let event = try? EventDecoder.decode(input) else { return }
        precondition(header?.time == event.time, "header and event disagree")
        let settled = decodedAgain(event)
        precondition(decodedAgain(settled) == settled, "an event changes on its second way over the wire")
    }

    private static func decodedAgain(_ event: Event) -> Event {
        let bytes = encoded([event])
        precondition(
            bytes.count <= RecordHeader.maximumSize && bytes.count.isMultiple(of: 8), "a record's size is wrong")
        do {
            return try bytes.withUnsafeBytes { try EventDecoder.decode($0) }
        } catch {
            preconditionFailure("the encoder made a record that does not decode: \(error)")
        }
    }

    /// Records touch, stay inside, and the walk ends.
    static func walk(_ input: UnsafeRawBufferPointer) {
        var sequence = RecordSequence(input)
        var total = 0
        do {
            while let record = try sequence.next() {
                precondition(EventDecoder.header(record)?.size == record.count, "a record does not end where it says")
                total += record.count
                decode(record)
            }
            precondition(total == input.count, "bytes were left over in silence")
        } catch {
            precondition(error.offset == total, "the offset of the break is wrong")
            precondition((try? sequence.next()) == nil, "a broken sequence goes on")
        }
    }
}
