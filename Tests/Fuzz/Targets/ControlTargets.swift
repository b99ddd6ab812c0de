import ControlSocket
import Reporting

/// What comes over the control socket, and what a document holds.
extension FuzzTarget {
    static let control: [FuzzTarget] = [
        FuzzTarget(name: "control-request", seeds: { requestSeeds }, run: { request($0) }),
        FuzzTarget(name: "json", seeds: { jsonSeeds }, run: { json($0) }),
    ]

    private static let requestSeeds: [[UInt8]] = [
        ControlRequest.status, .incidents, .incident(id: "20261121T04"), .annotate(id: "latest", text: "seen\n\u{1b}"),
        .agents(includingEnded: true), .port(8080), .live(.init(isJSON: true, agent: "codex", unit: "*.service")),
    ].map { Array($0.line.utf8) }

    /// What is taken is written again as what is taken as the same.
    private static func request(_ bytes: UnsafeRawBufferPointer) {
        if let reply = ControlReply(line: bytes) {
            precondition(ControlReply(line: reply.line.utf8.dropLast()) == reply, "a reply changes on its way")
        }
        guard let request = try? ControlRequest(line: bytes) else { return }
        precondition((try? ControlRequest(line: request.line.utf8)) == request, "a request changes on its way")
    }

    private static let jsonSeeds = [
        "{\"a\":[1,-2.5e3,true,null,\"\\ud83d\\ude00\\n\"],\"b\":{\"c\":18446744073709551615}}", "[[[[]]]]",
        "\"\\u0000\"",
        "{\"v\":1,\"error\":{\"code\":66,\"what\":\"x\",\"why\":\"y\",\"remedy\":\"\"}}",
    ].map { Array($0.utf8) }

    /// Both forms of what is read are read as the same again.
    private static func json(_ bytes: UnsafeRawBufferPointer) {
        guard let value = try? JSONValue(parsing: bytes) else { return }
        for text in [value.compact, value.pretty] {
            guard let again = try? JSONValue(parsing: text.utf8) else { preconditionFailure("written, and not read") }
            precondition(again.compact == value.compact, "changed on the way")
        }
    }
}
