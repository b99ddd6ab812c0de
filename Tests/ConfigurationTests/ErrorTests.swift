import EventModel
import Testing

@testable import Configuration

@Suite struct ErrorTests {
    @Test(
        arguments: [
            ("nonsense: 1", 1, "nonsense"), ("state_dir: /s\nwatch:\n  unit: x", 3, "watch.unit"),
            ("recorder: {sise: 1}", 1, "recorder.sise"), ("incidents: {kep: 1}", 1, "incidents.kep"),
            ("redact: {x: 1}", 1, "redact.x"),
            ("watch: {processes: [{name: a, exe: b, pid: 1}]}", 1, "watch.processes.pid"),
            ("agents:\n  - name: a\n    exe: b\n    colour: c", 4, "agents.colour"),
            ("state_dir: relative", 1, "state_dir"), ("state_dir: [a]", 1, "state_dir"),
            ("runtime_dir: {}", 1, "runtime_dir"),
            ("recorder: 5", 1, "recorder"), ("watch: [a]", 1, "watch"), ("agents: {name: a}", 1, "agents"),
            ("agents: [5]", 1, "agents"),
            ("watch: {processes: 5}", 1, "watch.processes"), ("watch: {units: {a: b}}", 1, "watch.units"),
            ("recorder: {size: 0}", 1, "recorder.size"), ("recorder: {size: -1}", 1, "recorder.size"),
            ("recorder: {size: 1.5G}", 1, "recorder.size"), ("recorder: {size: 1TiB}", 1, "recorder.size"),
            ("recorder: {size: 99999999999999999999}", 1, "recorder.size"),
            ("recorder: {size: 18446744073709551615K}", 1, "recorder.size"),
            ("recorder: {size: }", 1, "recorder.size"), ("incidents: {keep: 0}", 1, "incidents.keep"),
            ("incidents: {keep: many}", 1, "incidents.keep"), ("incidents: {keep: 1000001}", 1, "incidents.keep"),
            ("incidents: {settle: soon}", 1, "incidents.settle"),
            ("incidents: {settle: 9999999999h}", 1, "incidents.settle"),
            ("incidents: {settle: -2s}", 1, "incidents.settle"), ("watch:\n  units:\n    - 'a['", 3, "watch.units"),
            ("watch: {processes: [{name: a, exe: 'x['}]}", 1, "watch.processes.exe"),
            ("watch: {processes: [{exe: a}]}", 1, "watch.processes"),
            ("watch: {processes: [{name: a}]}", 1, "watch.processes"), ("agents: [{exe: a}]", 1, "agents"),
            ("agents: [{name: a}]", 1, "agents"),
            ("agents: [{name: a, env: '=x'}]", 1, "agents"),
            ("agents: [{name: a, env: abcdefghijklmnopqrstuvwxyzabcdefg}]", 1, "agents"),
            ("agents: [{name: a, exe: x, session_env: 'A=B'}]", 1, "agents"), ("redact: {env: 'a\\'}", 1, "redact.env"),
            ("[a, b]", 1, ""), ("text", 1, ""), ("? [a]\n: b", 1, ""),
        ] as [(String, Int, String)])
    func namesFileLineAndKey(_ yaml: String, _ line: Int, _ key: String) {
        let error = #expect(throws: ConfigurationError.self) {
            var configuration = Configuration()
            try configuration.add(yaml: yaml, file: "/etc/x.yaml")
        }
        #expect(error?.file == "/etc/x.yaml")
        #expect(error?.line == line, "\(yaml): \(error?.message ?? "")")
        #expect(error?.key == key, "\(yaml): \(error?.message ?? "")")
        #expect(error?.message.hasPrefix("/etc/x.yaml:\(line): ") == true)
    }

    @Test(arguments: [
        "a: [", "a: b: c", "\t- x", "a: 'x", "a: 1\na: 2", "a: *nowhere", "%YAML 9\n---\na", "a: \u{0}b", "\u{0}", "}",
    ])
    func isNoConfiguration(_ yaml: String) {
        let error = #expect(throws: ConfigurationError.self) { _ = try Configuration(recorded: yaml) }
        #expect(error?.message.isEmpty == false)
    }

    @Test func errorsOfTheFormNameTheLine() {
        let error = #expect(throws: ConfigurationError.self) {
            _ = try Configuration(recorded: "state_dir: /s\n\nrecorder: [")
        }
        #expect((error?.line ?? 0) >= 3)
        #expect(error?.why.hasPrefix("not YAML: ") == true)
    }

    @Test func whatFailedChangesNothingThatIsRecorded() {
        var configuration = Configuration()
        #expect(throws: ConfigurationError.self) { try configuration.add(yaml: "state_dir: /x\nbad: 1", file: "f") }
        #expect(configuration.recorded.isEmpty)
        #expect(configuration.stateDirectory == "/var/lib/culprit")
    }

    @Test func largeDeepAndRepeating() {
        let large = "# " + String(repeating: "x", count: 2 << 20)
        let deep = String(repeating: "[", count: 100_000)
        let closed =
            "watch: {units: " + String(repeating: "[", count: 20_000) + String(repeating: "]", count: 20_000) + "}"
        let nested = "state_dir: " + String(repeating: "{a: ", count: 20_000)
        var bomb = "a0: &a0 [x]\n"
        for level in 1..<40 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",")
            bomb += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let agents = bomb + "watch: {units: *a39}"
        for yaml in [large, deep, closed, nested, bomb, agents] {
            #expect(throws: ConfigurationError.self) { _ = try Configuration(recorded: yaml) }
        }
    }
}
