import EventCoding
import EventModel
import FuzzTargets
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: 0..<EventGenerator.kinds) func everyEventComesBack(kind: Int) throws {
        var generator = EventGenerator(seed: UInt64(kind) &* 7919)
        for _ in 0..<600 {
            let event = generator.event(kind: kind)
            let bytes = encoded(event)
            #expect(bytes.count.isMultiple(of: 8) && bytes.count <= RecordHeader.maximumSize)
            let back = try decoded(bytes)
            guard back == event else {
                Issue.record("\(event)\ncame back as\n\(back)")
                return
            }
        }
    }

    @Test func recordsAreAppendedAndFramed() throws {
        var generator = EventGenerator(seed: 3)
        let events = (0..<200).map { _ in generator.event() }
        var bytes: [UInt8] = []
        for event in events { EventEncoder.encode(event, into: &bytes) }
        var back: [Event] = []
        try bytes.withUnsafeBytes { buffer in
            var records = RecordSequence(buffer)
            while let record = try records.next() {
                #expect(EventDecoder.header(record)?.size == record.count)
                back.append(try EventDecoder.decode(record))
            }
            #expect(records.offset == buffer.count)
        }
        #expect(back == events)
    }

    @Test func headerTellsSizeTypeAndTime() throws {
        let bytes = encoded(someEvent(.exit(Exit(status: .code(3)))))
        let header = try #require(bytes.withUnsafeBytes { EventDecoder.header($0) })
        #expect(header.size == 48)
        #expect(header.type == 3)
        #expect(header.time.nanoseconds == 1_000_000_007)
    }

    @Test func anAddressNotAlignedIsRead() throws {
        let event = someEvent(.fork(Fork(child: someProcess, childParentPID: 1, uid: 0)))
        for shift in 1..<8 {
            let bytes = [UInt8](repeating: 0xff, count: shift) + encoded(event)
            let back = try bytes.withUnsafeBytes {
                try EventDecoder.decode(UnsafeRawBufferPointer(rebasing: $0[shift...]))
            }
            #expect(back == event)
        }
    }

    // MARK: What the wire cannot hold, as documented

    @Test func sourcesThatAKernelTypeDoesNotKnowBecomeProcFS() throws {
        for source in Source.allCases where source != .bpf {
            #expect(try roundTrip(someEvent(.exit(Exit(status: nil)), source: source)).source == .procfs)
        }
    }

    @Test func userTypesKeepEverySource() throws {
        for source in Source.allCases {
            #expect(try roundTrip(someEvent(.clock(WallOffset(nanoseconds: -1)), source: source)).source == source)
        }
    }

    @Test func aKnownTypeIsNeverEncodedAsUnrecognised() throws {
        for type in Array(UInt16(0)...13) + [64, 65, 69] {
            #expect(try roundTrip(someEvent(.unrecognised(type: type))).body == .unrecognised(type: 0))
        }
        #expect(try roundTrip(someEvent(.unrecognised(type: 80))).body == .unrecognised(type: 80))
    }

    @Test func noProcessIsNone() throws {
        var event = someEvent(.cgroup(.moved))
        event.process = nil
        #expect(try roundTrip(event).process == nil)
        event.process = ProcessKey(pid: 0, start: someProcess.start)
        #expect(try roundTrip(event).process == nil)
    }

    @Test func workingDirectoryTravelsInSeenOnly() throws {
        let image = ExecImage(path: "/bin/x", exe: "/bin/x", argv: ArgumentVector(words: ["x"]), cwd: "/srv")
        let exec = try roundTrip(someEvent(.exec(Exec(image: image, parentPID: 1, uid: 0))))
        guard case .exec(let back) = exec.body else { throw MalformedRecord(type: nil, reason: .value) }
        #expect(back.image.cwd == nil)
        let seen = someEvent(.seen(ProcessSeen(parent: nil, uid: 0, comm: "x", image: image)), source: .procfs)
        #expect(try roundTrip(seen) == seen)
    }
}
