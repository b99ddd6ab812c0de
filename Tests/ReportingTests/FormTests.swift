import Attribution
import EventModel
import Reporting
import Testing

@Suite struct FormTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000000Z"), (-1, "1969-12-31T23:59:59.999999999Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
            (1_795_236_012_123_456_789, "2026-11-21T04:40:12.123456789Z"),
            (Int64.min, "1677-09-21T00:12:43.145224192Z"), (Int64.max, "2262-04-11T23:47:16.854775807Z"),
            (4_107_542_399_999_999_999, "2100-02-28T23:59:59.999999999Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000000Z"),
        ] as [(Int64, String)]) func rfc3339(_ nanoseconds: Int64, _ text: String)
    {
        #expect(WallTime(nanoseconds: nanoseconds).rfc3339 == text)
    }

    @Test func forestOfACircleAndOfStrangers() {
        let a = Sample.process(1, "a", [], start: 1)
        let b = Sample.process(2, "b", [], start: 2)
        let c = Sample.process(3, "c", [], start: 3)
        let forest = AgentForest(
            [(b, a.key), (a, b.key), (c, ProcessKey(pid: 9, start: .zero))], wallOffset: Sample.wallOffset)
        #expect(forest.nodes.map(\.process.comm) == ["c", "a", "b"])
        #expect(forest.nodes.map(\.depth) == [0, 0, 1])
        #expect(AgentForest([(a, a.key)], wallOffset: Sample.wallOffset).nodes.map(\.depth) == [0])
    }

    /// A chain of forks this long would end a recursive walk.
    @Test func forestAsDeepAsAForkBomb() {
        let keys = (0..<50_000).map { Sample.process(Int32($0 + 1), "x", [], start: Double($0)) }
        let forest = AgentForest(
            keys.enumerated().map { ($0.element, $0.offset > 0 ? keys[$0.offset - 1].key : nil) },
            wallOffset: Sample.wallOffset)
        #expect(forest.nodes.last?.depth == 49_999)
        let text = AgentTreeText.render(forest)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
        #expect(AgentTreeJSON.document(forest).compact.hasSuffix("]"))
    }

    @Test func depthsThatMakeNoSense() {
        let node = { (depth: Int) in AgentForest.Node(process: Sample.claudeRoot, depth: depth) }
        let forest = AgentForest(nodes: [node(5), node(-3), node(.max), node(1)], wallOffset: Sample.wallOffset)
        #expect(!AgentTreeText.render(forest).isEmpty)
    }

    @Test func aLongTimelineKeepsItsEvidence() {
        var incident = Sample.signalIncident
        let context = (0..<5_000).map { number in
            Evidence(
                id: "c\(number)", at: Sample.at(10_700 + Double(number) / 50), source: .bpf, kind: "fork",
                text: "fork \(number)")
        }
        incident.timeline += context
        let report = TextReport.render(incident)
        for row in incident.evidence { #expect(report.contains(" \(row.id) ")) }
        #expect(report.contains("of context left out"))
        #expect(report.split(separator: "\n").count < 150)
    }

    @Test func aLinkThatIsARequestSaysWhatWasRequested() throws {
        var incident = Sample.signalIncident
        let chain = try #require(incident.verdict.culprit?.chain)
        try #require(chain.count > 1)
        #expect(!TextReport.render(incident).contains("requested by the process above"))
        incident.evidence.append(
            Evidence(
                id: "e99", at: Sample.at(10_000), source: .bpf, kind: "request", text: "asked", process: chain[0],
                data: [
                    "via": .text("StartTransientUnit run-u1.service"), "worker_pid": .integer(Int64(chain[1].key.pid)),
                ]))
        let report = TextReport.render(incident)
        #expect(report.contains("requested by the process above: StartTransientUnit run-u1.service"))
        #expect(report.split(separator: "\n").filter { $0.contains("requested by the process above") }.count == 1)
    }

    @Test func aDifferenceNamesItsLines() {
        #expect(Golden.difference("a\nb\nc", "a\nx\nc") == "-2: b\n+2: x")
    }

    @Test func theListNeverCutsAnID() {
        for width in [40, 80, 200] {
            let text = TextList.render([IncidentSummary(Sample.signalIncident)], style: Style(width: width))
            #expect(text.contains("20261121T044012.123-prod"))
        }
    }
}
