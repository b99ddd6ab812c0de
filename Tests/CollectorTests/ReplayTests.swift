import Attribution
import Collector
import EventModel
import FlightRecorder
import Foundation
import IncidentDetection
import Testing

@Suite struct ReplayTests {
    /// Writes blocks of events to a file, lets `damage` at its bytes, and replays it.
    private func replay(_ blocks: [[Event]], extra: [[UInt8]] = [], damage: (inout [UInt8]) -> Void = { _ in }) throws
        -> Replay
    {
        let path = NSTemporaryDirectory() + "culprit-replay-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var writer = try RecordingWriter(path: path)
        for (number, block) in blocks.enumerated() {
            for record in Story.records(block) + (number == 1 ? extra : []) {
                _ = try record.withUnsafeBytes { try writer.append($0) }
            }
            try writer.flush()
        }
        try writer.close()
        var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        damage(&bytes)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try Replay(path: path)
    }

    @Test func aRecordingGivesWhatTheLivePipelineGave() throws {
        let live = try Story.pipeline(Story.opening + Story.lives(10))
        let replayed = try replay([Story.opening, Story.lives(10)])
        #expect(replayed.pipeline.incidents.all == live.incidents.all && replayed.pipeline.incidents.total == 10)
        #expect(replayed.pipeline.counts == live.counts)
        #expect(replayed.wasClosedCleanly && replayed.damage.isEmpty)
        #expect(replayed.pipeline.provenance.configuration == Story.configuration)
    }

    /// The kill is in the block that is damaged: nobody is accused for it, and the loss is stated.
    @Test func aDamagedBlockIsAGap() throws {
        let life = Story.lives(1)
        let replayed = try replay([Story.opening + life.prefix(2), [life[2]], Array(life.suffix(2))]) { bytes in
            let start = bytes.count - 40 - Story.records(Array(life.suffix(2))).joined().count - 40
            bytes[start - 9] ^= 0xff
        }
        let incident = try #require(replayed.pipeline.incidents.all.first)
        #expect(replayed.damage.map(\.why) == [.payload])
        #expect(incident.verdict.outcome == .unknown && incident.verdict.exonerated.isEmpty)
        #expect(incident.completeness.gaps.map(\.source) == ["recording"] && incident.completeness.lostEvents == 1)
    }

    @Test func theFirstBlockMayBeTheDamagedOne() throws {
        let replayed = try replay([Story.opening, Story.lives(2)]) { $0[16 + 40 + 20] ^= 0xff }
        #expect(replayed.damage.map(\.why) == [.payload])
        // The configuration is lost with it, and so is what was watched: nothing is claimed.
        #expect(replayed.pipeline.incidents.total == 0)
        let gap = try #require(replayed.pipeline.provenance.allGaps.first)
        #expect(gap.source == "recording" && gap.lost == UInt64(Story.opening.count))
    }

    @Test func aDamagedFileHeaderTakesNothingAway() throws {
        let live = try Story.pipeline(Story.opening + Story.lives(2))
        let replayed = try replay([Story.opening, Story.lives(2)]) { $0[9] ^= 1 }
        #expect(replayed.damage.map(\.why) == [.fileHeader])
        #expect(replayed.pipeline.incidents.all.map(\.verdict) == live.incidents.all.map(\.verdict))
    }

    @Test func aFileThatIsCutOff() throws {
        let replayed = try replay([Story.opening, Story.lives(3)]) { $0.removeLast(60) }
        #expect(replayed.damage.map(\.why) == [.cutOff] && !replayed.wasClosedCleanly)
        #expect(replayed.pipeline.provenance.allGaps.map(\.source) == ["recording"])
    }

    @Test func whatCannotBeDecodedIsCounted() throws {
        // A fork, by its type, that ends behind its header.
        var short = Story.records([Story.fork(5, Story.key(1), Story.key(2))])[0].prefix(40).map { $0 }
        short.replaceSubrange(0..<4, with: [40, 0, 0, 0])
        let replayed = try replay([Story.opening, Story.lives(1)], extra: [short, short])
        #expect(replayed.pipeline.counts.malformed == 2)
        #expect(replayed.pipeline.provenance.allGaps.map(\.lost) == [2])
    }
}
