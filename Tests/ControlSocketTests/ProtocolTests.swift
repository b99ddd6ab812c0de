import ControlSocket
import Reporting
import Testing

@Suite struct ProtocolTests {
    private static let requests: [ControlRequest] = [
        .status, .incidents, .incident(id: "latest"), .annotate(id: "2", text: "a \"note\"\n\u{1b}[31m"),
        .agents(includingEnded: true), .agents(includingEnded: false), .port(0), .port(65535), .live(.init()),
        .live(.init(isJSON: true, agent: "codex", unit: "*.service")),
    ]

    @Test(arguments: requests) func thereAndBack(_ request: ControlRequest) throws {
        #expect(request.line.hasSuffix("\n"))
        #expect(request.line.utf8.count { $0 == UInt8(ascii: "\n") } == 1, "one line")
        #expect(try ControlRequest(line: request.line.utf8.dropLast()) == request)
    }

    @Test(arguments: [
        ("", "no JSON"), ("{}", "version"), ("{\"v\":2,\"ask\":\"status\"}", "version 1"), ("{\"v\":1}", "ask"),
        ("{\"v\":1,\"ask\":7}", "ask"), ("{\"v\":1,\"ask\":\"x\"}", "does not know"),
        ("{\"v\":1,\"ask\":\"incident\"}", "id is missing"),
        ("{\"v\":1,\"ask\":\"incident\",\"id\":\"\"}", "id is missing"),
        ("{\"v\":1,\"ask\":\"port\",\"port\":65536}", "port"), ("{\"v\":1,\"ask\":\"port\",\"port\":-1}", "port"),
        ("{\"v\":1,\"ask\":\"annotate\",\"id\":\"x\"}", "text is missing"),
        ("[1]", "version"), ("{\"v\":1,\"ask\":\"status\"} x", "no JSON"),
    ]) func noRequest(_ line: String, _ why: String) {
        let error = #expect(throws: ControlError.self) { try ControlRequest(line: line.utf8) }
        #expect(error?.kind == .usage)
        #expect(error?.why.contains(why) == true, "\(error?.why ?? "")")
    }

    @Test func longWordsAreRefused() {
        for request in [
            ControlRequest.incident(id: String(repeating: "x", count: 513)),
            .annotate(id: "x", text: String(repeating: "x", count: 4097)),
            .live(.init(unit: String(repeating: "x", count: 513))),
        ] {
            #expect(throws: ControlError.self) { try ControlRequest(line: request.line.utf8) }
        }
    }

    @Test func replies() throws {
        let replies: [ControlReply] = [
            .value(.null), .value([["a": .number(1.5)]]), .error(ControlError(.notFound, "x\ny", "why", remedy: "do")),
        ]
        for reply in replies { #expect(ControlReply(line: reply.line.utf8.dropLast()) == reply) }
        for line in ["", "{}", "{\"v\":1}", "{\"error\":{}}", "[]"] { #expect(ControlReply(line: line.utf8) == nil) }
        // A kind that a later daemon knows is a failure all the same.
        let other = "{\"v\":1,\"error\":{\"code\":99,\"what\":\"a\",\"why\":\"b\"}}"
        #expect(ControlReply(line: other.utf8) == .error(ControlError(.failed, "a", "b")))
    }
}
