import Attribution
import EventModel
import Glibc
import IncidentDetection
import IncidentStore
import Testing

/// A directory for one test, gone with it.
final class Place {
    let directory: String
    var file: String { "\(directory)/incidents.db" }

    init() throws {
        var template = Array("/tmp/culprit-store-XXXXXX".utf8CString)
        directory = String(cString: try #require(mkdtemp(&template)))
    }

    /// Names of all files in it, sorted.
    var names: [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        let file = try #require(fopen("\(directory)/\(name)", "wb"))
        defer { fclose(file) }
        try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }

    func read(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "rb"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return bytes
    }

    deinit {
        for name in names { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }
}

enum Sample {
    static let host = Host(
        name: "h", machineID: "m", bootID: "boot", kernel: "6",
        wallOffset: WallOffset(nanoseconds: 1_700_000_000_000_000_000),
        collector: ProcessKey(pid: 99, start: BootTime(nanoseconds: 99)), version: "1")

    static func incident(_ second: UInt64, id: String? = nil) -> Incident {
        Incident(
            id: id ?? "20260101T0000\(second)Z-00", related: [], fingerprint: "f00d", host: host,
            wallOffset: host.wallOffset, subject: Subject(kind: .unit, name: "web.service", manager: .user, uid: 1000),
            disruption: Disruption(kind: .killed, at: BootTime(nanoseconds: second * 1_000_000_000)),
            verdict: Verdict(
                outcome: .unknown, mechanism: .signal, confidence: .none, summary: "nobody knows", culprit: nil,
                rules: []),
            evidence: [], timeline: [], completeness: Completeness(lostEvents: 0, gaps: [], sources: []))
    }

    static func stored(_ second: UInt64, id: String? = nil, document: String = "{}") -> StoredIncident {
        StoredIncident(
            incident(second, id: id), summary: "{\"second\":\(second)}", supplement: "null", document: document)
    }
}
