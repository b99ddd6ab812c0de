import BusMessages
import EventModel
import Testing

@Suite struct EngineTests {
    private func message(_ text: String) -> ManagerMessage? {
        Array(text.utf8).withUnsafeBytes { EngineRequest.message(in: $0) }
    }

    private static let id = String(repeating: "0123456789abcdef", count: 4)

    /// As `docker run` and `docker exec` of 20.10.24 send them, and Podman 4.3.1's service takes them.
    @Test(
        arguments: [
            ("POST /v1.41/containers/\(id)/start HTTP/1.1\r\nHost: docker\r\n", "start", id),
            (
                "POST /v1.41/containers/web1/exec HTTP/1.1\r\nHost: docker\r\n\r\n{\"Env\":[\"SECRET=abc\"]}", "exec",
                "web1"
            ),
            ("POST /containers/web-1.x_y/restart?t=5 HTTP/1.1\r\n", "restart", "web-1.x_y"),
            ("POST /v4.3.1/libpod/containers/web1/start?detachKeys= HTTP/1.1\r\n", "start", "web1"),
        ] as [(String, String, String)]) func whatIsAskedFor(text: String, verb: String, reference: String) throws
    {
        let call = try #require(message(text))
        #expect(call.interface == ManagerMessage.engineInterface && call.member == verb)
        #expect(call.kind == .call && call.arguments == [.text(reference)] && call.path == nil)
    }

    @Test(arguments: [
        "", "POST", "POST /v1.41/containers/web1/start", "GET /v1.41/containers/web1/start HTTP/1.1\r\n",
        "POST /v1.41/containers/create?name=web1 HTTP/1.1\r\n", "POST /v1.41/containers/web1/stop HTTP/1.1\r\n",
        "POST /containers//start HTTP/1.1\r\n", "POST  /containers/a/start HTTP/1.1\r\n",
        "POST /a/b/c/containers/web1/start HTTP/1.1\r\n", "POST /containers/we%20b/start HTTP/1.1\r\n",
        "POST /containers/\u{1b}[1m/start HTTP/1.1\r\n", "POST /volumes/web1/start HTTP/1.1\r\n",
        "\r\n", "   \r\n",
    ]) func whatIsNoSuchRequest(text: String) { #expect(message(text) == nil) }

    @Test func aNameOrALineThatIsTooLongIsNone() {
        for length in [128, 129, 400] {
            let name = String(repeating: "a", count: length)
            #expect((message("POST /containers/\(name)/start HTTP/1.1\r\n") == nil) == (length > 128))
        }
    }

    @Test func sockets() {
        for path in ["/run/docker.sock", "/var/run/docker.sock", "/run/user/1000/podman/podman.sock"] {
            #expect(EngineRequest.isSocket(path))
        }
        for path in ["", "/run/dbus/system_bus_socket", "/run/systemd/private", "docker.sock"] {
            #expect(!EngineRequest.isSocket(path))
        }
    }
}
