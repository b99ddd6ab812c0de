import Attribution
import EventModel
import Foundation
import Reporting
import Testing

/// The keys of the contract's `culprit.incident/v1`, and their order.
@Suite struct ContractTests {
    private static let process = [
        "id", "pid", "ppid", "comm", "exe", "argv", "argv_truncated", "cwd", "uid", "unit", "cgroup", "start_time",
        "exit",
        "agent", "seen_by", "namespaced_pid",
    ]
    private static let evidence = ["id", "at", "source", "kind", "text", "process", "rule", "data"]
    private static let culprit = ["agent", "root", "actor", "chain"]
    private static let agent = ["name", "session_id", "recognised_by"]

    /// The keys of the object at a path, where there is one; `*` goes into every element of an array.
    private static let keys: [(path: String, keys: [String])] = [
        (
            "",
            [
                "schema", "id", "revision", "related", "fingerprint", "host", "subject", "disruption", "verdict",
                "evidence",
                "timeline", "oom", "pressure", "completeness",
            ]
        ),
        ("host", ["name", "machine_id", "boot_id", "kernel"]),
        ("subject", ["kind", "name", "manager", "uid", "invocation_before", "invocation_after"]),
        (
            "disruption",
            [
                "kind", "at", "recovered_at", "main_pid_before", "main_pid_after", "exit_code", "signal", "core_dumped",
                "systemd",
            ]
        ),
        (
            "verdict",
            [
                "outcome", "mechanism", "confidence", "summary", "culprit", "rules", "alternatives", "exonerated",
            ]
        ),
        ("verdict.culprit", culprit), ("verdict.culprit.agent", agent), ("verdict.culprit.root", process),
        ("verdict.culprit.actor", process), ("verdict.culprit.chain.*", process),
        ("verdict.culprit.chain.*.exit", ["at", "code", "signal", "core_dumped"]),
        ("verdict.alternatives.*", ["outcome", "mechanism", "culprit", "why_not"]),
        ("verdict.alternatives.*.culprit", culprit),
        ("verdict.exonerated.*", ["agent", "root", "why", "evidence"]), ("verdict.exonerated.*.agent", agent),
        ("verdict.exonerated.*.root", process), ("evidence.*", evidence), ("evidence.*.process", process),
        ("timeline.*", evidence), ("oom", ["scope", "limit", "victim", "trigger", "hog", "trees"]),
        ("oom.victim", process),
        ("oom.trigger", process), ("oom.hog", process), ("oom.trees.*", ["root", "agent", "rss", "share"]),
        ("oom.trees.*.root", process), ("completeness", ["lost_events", "gaps", "sources"]),
        ("completeness.gaps.*", ["source", "from", "to", "why"]), ("completeness.sources.*", ["name", "state", "why"]),
    ]

    @Test(arguments: SampleIncident.all) func everyKeyInOrder(_ sample: SampleIncident) {
        let document = IncidentJSON.document(sample.incident)
        for (path, keys) in Self.keys {
            for object in objects(document, path.split(separator: ".")) {
                guard case .object(let members) = object else { continue }
                #expect(members.map(\.name) == keys, "\(path)")
            }
        }
    }

    /// Every path is there in one sample at least, so that the test above looks at something.
    @Test func everyPathIsLookedAt() {
        for (path, _) in Self.keys {
            let isThere = SampleIncident.all.contains { sample in
                objects(IncidentJSON.document(sample.incident), path.split(separator: ".")).contains {
                    if case .object = $0 { true } else { false }
                }
            }
            #expect(isThere, "\(path)")
        }
    }

    private func objects(_ value: JSONValue, _ path: some Collection<Substring>) -> [JSONValue] {
        guard let step = path.first else { return [value] }
        switch value {
        case .object(let members):
            return members.filter { $0.name == step }.flatMap { objects($0.value, path.dropFirst()) }
        case .array(let items) where step == "*": return items.flatMap { objects($0, path.dropFirst()) }
        default: return []
        }
    }

    @Test(arguments: SampleIncident.all) func isJSON(_ sample: SampleIncident) throws {
        let document = IncidentJSON.document(sample.incident)
        for text in [document.pretty, document.compact] {
            let parsed = try JSONSerialization.jsonObject(with: Data(text.utf8))
            #expect(Self.same(parsed, document))
        }
        #expect(!document.compact.contains("\n"))
        #expect(document.pretty.hasSuffix("}\n"))
    }

    @Test func linesOfLiveAreJSON() throws {
        let line = EventLine(wallOffset: Sample.wallOffset, bootID: Sample.bootID) { _ in Sample.poison }
        for event in Sample.events {
            let text = line.json(event)
            #expect(text.hasPrefix("{\"type\":\""))
            #expect(!text.contains("\n"))
            let parsed = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            #expect((parsed?["type"] as? String)?.isEmpty == false)
        }
    }

    /// What a reader gets is what was meant: the escapes lose nothing.
    static func same(_ parsed: Any, _ value: JSONValue) -> Bool {
        switch value {
        case .null: return parsed is NSNull
        case .flag(let flag): return (parsed as? Bool) == flag
        case .integer(let number): return (parsed as? NSNumber)?.int64Value == number
        case .unsigned(let number): return (parsed as? NSNumber)?.uint64Value == number
        case .number(let number):
            return number.isFinite ? (parsed as? NSNumber)?.doubleValue == number : parsed is NSNull
        case .string(let text): return (parsed as? String).map { Array($0.utf8) == Array(text.utf8) } ?? false
        case .array(let items):
            guard let array = parsed as? [Any], array.count == items.count else { return false }
            return zip(array, items).allSatisfy { same($0, $1) }
        case .object(let members):
            guard let object = parsed as? [String: Any], object.count == members.count else { return false }
            return members.allSatisfy { member in object[member.name].map { same($0, member.value) } ?? false }
        }
    }

    @Test func values() {
        let value: JSONValue = [
            "a": .number(.infinity), "b": .number(0.1), "c": .number(1e300), "d": [], "e": [:], "f": .unsigned(.max),
            "g": .string("\u{0}\u{1f}\"\\\u{7f}\u{2028}\u{10ffff}"), "h": .flag(true),
        ]
        #expect(
            value.compact
                == #"{"a":null,"b":0.1,"c":1e+300,"d":[],"e":{},"f":18446744073709551615,"g":"\u0000\u001f\"\\\u007f\u2028\udbff\udfff","h":true}"#
        )
    }
}
