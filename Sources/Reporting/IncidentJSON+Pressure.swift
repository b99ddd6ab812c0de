import Attribution
import EventModel
import IncidentDetection

// Pressure, and what trees held, of the document: there and back.
extension IncidentJSON {
    static func pressure(_ record: PressureRecord, _ times: WallClock) -> JSONValue {
        [
            "samples": .array(
                record.samples.map { sample in
                    [
                        "at": times.json(sample.at), "cpu": JSONValue(sample.cpu.map { .number($0) }),
                        "memory": JSONValue(sample.memory.map { .number($0) }),
                        "io": JSONValue(sample.io.map { .number($0) }),
                        "available": JSONValue(sample.availableBytes),
                    ]
                }),
            "trees": .array(
                record.trees.map { tree in
                    [
                        "name": .string(tree.name), "agent": JSONValue(tree.agent),
                        "samples": .array(tree.points.map { point($0, times) }),
                    ]
                }),
        ]
    }

    private static func point(_ point: PressureRecord.Point, _ times: WallClock) -> JSONValue {
        [
            "at": times.json(point.at), "rss": .unsigned(point.rssBytes), "share": .number(point.share),
            "cpu": .number(point.cpu),
        ]
    }

    static func pressure(_ reader: DocumentReader) throws(DocumentError) -> PressureRecord {
        PressureRecord(
            samples: try reader.list("samples") { (sample) throws(DocumentError) in
                PressureRecord.Sample(
                    at: try sample.time("at"), cpu: try sample.optionalDouble("cpu"),
                    memory: try sample.optionalDouble("memory"), io: try sample.optionalDouble("io"),
                    availableBytes: try sample.optionalNumber("available"))
            },
            trees: try reader.list("trees") { (tree) throws(DocumentError) in
                PressureRecord.Tree(
                    name: try tree.text("name"), agent: try tree.optionalText("agent"),
                    points: try tree.list("samples") { (point) throws(DocumentError) in
                        PressureRecord.Point(
                            at: try point.time("at"), rssBytes: try point.number("rss"),
                            share: try point.double("share"), cpu: try point.double("cpu"))
                    })
            })
    }
}
