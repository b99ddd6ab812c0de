import EventCoding
import EventModel
import Testing

@Suite struct ClippingTests {
    private func exec(_ image: ExecImage) throws -> Exec {
        let exec = Exec(image: image, parentPID: 1, uid: 0, environmentIncomplete: false)
        guard case .exec(let back) = try roundTrip(someEvent(.exec(exec))).body else {
            throw MalformedRecord(type: nil, reason: .value)
        }
        return back
    }

    @Test(arguments: [0, 1, 1535, 1536, 1537, 2047, 2048])
    func argvUpToHeadAndTailIsWhole(count: Int) throws {
        let head = (0..<count).map { UInt8($0 % 7) }
        let back = try exec(ExecImage(path: "x", argv: ArgumentVector(head: head))).image.argv
        #expect(back.head + back.tail == head)
        #expect(!back.isTruncated)
    }

    @Test(arguments: [2049, 5000, 200_000])
    func longerArgvKeepsItsEndsAndItsLength(count: Int) throws {
        let head = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let back = try exec(ExecImage(path: "x", argv: ArgumentVector(head: head))).image.argv
        #expect(back.head == Array(head.prefix(1536)))
        #expect(back.tail == Array(head.suffix(512)))
        #expect(back.totalBytes == count)
        #expect(back.isTruncated)
    }

    @Test func argvAlreadyCutKeepsItsTail() throws {
        let argv = ArgumentVector(
            head: Array(repeating: 1, count: 2000), tail: Array(repeating: 2, count: 600), totalBytes: 9000)
        let back = try exec(ExecImage(path: "x", argv: argv)).image.argv
        #expect(back.head == Array(repeating: 1, count: 1536))
        #expect(back.tail == Array(repeating: 2, count: 512))
        #expect(back.totalBytes == 9000)
    }

    @Test func aCutPathDoesNotPassForAWholeOne() throws {
        let path = "/" + String(repeating: "ä", count: 300)
        let back = try exec(ExecImage(path: path)).image.path
        #expect(back.hasSuffix("…"))
        #expect(path.hasPrefix(back.dropLast()))
        #expect(back.dropLast().utf8.count == 511, "cut between characters")
        #expect(try exec(ExecImage(path: back)).image.path == back)
        let whole = "/" + String(repeating: "a", count: 511)
        #expect(try exec(ExecImage(path: whole)).image.path == whole)
    }

    @Test func aCutExecutableLosesTheRootsEnd() throws {
        let path = "/root" + String(repeating: "/component", count: 60) + "/name"
        let back = try #require(try exec(ExecImage(path: "x", exe: path)).image.exe)
        #expect(back.hasPrefix("…/component"))
        #expect(path.hasSuffix(back.dropFirst()))
        #expect(try exec(ExecImage(path: "x", exe: back)).image.exe == back)
        let long = "/" + String(repeating: "n", count: 600)
        #expect(try exec(ExecImage(path: "x", exe: long)).image.exe == "…/" + String(repeating: "n", count: 511))
    }

    @Test func executablesAreAbsoluteAndPlain() throws {
        for (exe, expected) in [("/usr//bin/x/", "/usr/bin/x"), ("memfd:x", "/memfd:x"), ("/", nil), ("", nil)] {
            #expect(try exec(ExecImage(path: "x", exe: exe)).image.exe == expected)
        }
        // A combining mark behind the cut's slash must not hide it (found by the fuzzer).
        #expect(try exec(ExecImage(path: "x", exe: "…/\u{301}x")).image.exe == "…/\u{301}x")
    }

    @Test func markersThatDoNotFitMakeTheEnvironmentIncomplete() throws {
        let short = EnvironmentMarker(name: "A", value: "b")
        #expect(try exec(ExecImage(path: "x", markers: [short])).environmentIncomplete == false)
        let long = EnvironmentMarker(name: "NAME", value: String(repeating: "v", count: 200))
        let clipped = try exec(ExecImage(path: "x", markers: [long]))
        #expect(clipped.environmentIncomplete)
        #expect(clipped.image.markers == [EnvironmentMarker(name: "NAME", value: String(repeating: "v", count: 122))])
        let many = try exec(ExecImage(path: "x", markers: Array(repeating: long, count: 9)))
        #expect(many.environmentIncomplete)
        #expect(many.image.markers.count == 4)
        let nameless = EnvironmentMarker(name: String(repeating: "n", count: 127), value: "")
        let dropped = try exec(ExecImage(path: "x", markers: [nameless, short]))
        #expect(dropped.environmentIncomplete)
        #expect(dropped.image.markers == [short])
    }

    @Test func theLargestConfigurationFillsARecord() throws {
        let fits = String(repeating: "y", count: 256 * 1024 - 48)
        #expect(try roundTrip(someEvent(.configuration(fits), source: .collector)).body == .configuration(fits))
        let bytes = encoded(someEvent(.configuration(fits + "yy"), source: .collector))
        #expect(bytes.count == RecordHeader.maximumSize)
        guard case .configuration(let cut) = try decoded(bytes).body else { return }
        #expect(cut.hasSuffix("…") && cut.utf8.count <= fits.utf8.count)
    }

    @Test func holdingsBeyondARecordsCapAreLeftOut() throws {
        let entries = (1...100).map { number in
            ProcessHolding(
                process: ProcessKey(pid: number, start: BootTime(nanoseconds: 1)), residentKiB: UInt64(number),
                swapKiB: 0,
                descriptors: OpenDescriptors(count: 5, isCut: true))
        }
        let body = Event.Body.processHoldings(ProcessHoldings(entries: entries, omitted: 3))
        let kept = Array(entries.prefix(ProcessHoldings.capacity))
        #expect(
            try roundTrip(someEvent(body, source: .procfs)).body
                == .processHoldings(ProcessHoldings(entries: kept, omitted: 3)))
    }

    @Test func theLargestSeenFitsARecord() throws {
        let long = String(repeating: "€", count: 20_000)
        let marker = EnvironmentMarker(name: long, value: long)
        let image = ExecImage(
            path: long, exe: long, argv: ArgumentVector(words: [long]), markers: Array(repeating: marker, count: 100),
            cwd: long)
        let bytes = encoded(someEvent(.seen(ProcessSeen(parent: nil, uid: 0, comm: long, image: image))))
        #expect(bytes.count <= RecordHeader.maximumSize)
        guard case .seen(let back) = try decoded(bytes).body, let image = back.image else { return }
        #expect(image.markers.count == 24)
        #expect(image.cwd?.hasSuffix("€…") == true)
    }
}
