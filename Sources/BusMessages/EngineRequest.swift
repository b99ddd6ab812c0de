public import EventModel

/// What a client asks a container engine to run, by the first line of an HTTP request of Docker's API, which Podman's
/// service has as well (`POST /v1.41/containers/web/start HTTP/1.1`). Pure and total: all other bytes give nothing, and
/// what follows the line, which may hold secrets, is not looked at.
public enum EngineRequest {
    /// What makes a process: the container's first, or a further one.
    private static let verbs: Set<String> = ["start", "restart", "exec"]
    private static let longestLine = 256
    private static let longestReference = 128

    public static func isSocket(_ address: String) -> Bool {
        address.hasSuffix("/docker.sock") || address.hasSuffix("/podman.sock")
    }

    public static func message(in bytes: UnsafeRawBufferPointer) -> ManagerMessage? {
        let line = bytes.prefix(longestLine).prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
        guard line.count < min(bytes.count, longestLine) else { return nil }
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, words[0].elementsEqual("POST".utf8), words[2].starts(with: "HTTP/1.".utf8) else {
            return nil
        }
        let path = words[1].prefix { $0 != UInt8(ascii: "?") }
        let parts = path.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
        // A version and Podman's own prefix come before it.
        guard parts.count >= 3, parts.count <= 5, parts[parts.count - 3] == "containers",
            let verb = parts.last, verbs.contains(verb), isReference(parts[parts.count - 2])
        else { return nil }
        return ManagerMessage(
            kind: .call, serial: 0, interface: ManagerMessage.engineInterface, member: verb,
            arguments: [.text(parts[parts.count - 2])])
    }

    /// A name as engines allow it, or an id.
    private static func isReference(_ text: String) -> Bool {
        text.utf8.count <= longestReference
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
