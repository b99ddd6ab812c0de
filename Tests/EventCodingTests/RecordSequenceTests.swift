import EventCoding
import EventModel
import Testing

@Suite struct RecordSequenceTests {
    private let record = encoded(someEvent(.exit(Exit(status: .code(1)))))

    /// How many records came, and what ended them.
    private func walk(_ bytes: [UInt8]) -> (count: Int, broken: BrokenSequence?) {
        bytes.withUnsafeBytes { buffer in
            var records = RecordSequence(buffer)
            var count = 0
            do throws(BrokenSequence) {
                while try records.next() != nil { count += 1 }
                return (count, nil)
            } catch {
                #expect((try? records.next()) == nil, "it is over")
                return (count, error)
            }
        }
    }

    @Test func emptyHoldsNothing() {
        #expect(walk([]).count == 0)
        #expect(walk([]).broken == nil)
    }

    @Test func stopsWhereASizeCannotBe() {
        for size: UInt32 in [0, 32, 44, 56, .max] {
            var bytes = record + record
            bytes.store(size, at: record.count)
            let (count, broken) = walk(bytes)
            #expect(count == 1)
            #expect(broken == BrokenSequence(offset: 48, why: MalformedRecord(type: 3, reason: .badSize)))
        }
    }

    @Test func aRestTooShortForAHeaderIsSaid() {
        for rest in 1..<40 {
            let (count, broken) = walk(record + Array(record.prefix(rest)))
            #expect(count == 1)
            #expect(broken == BrokenSequence(offset: 48, why: MalformedRecord(type: nil, reason: .noHeader)))
        }
    }
}
