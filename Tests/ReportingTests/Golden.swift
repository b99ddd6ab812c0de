import Foundation
import Testing

/// Texts that were looked at by a person and found right, in `Goldens/`.
///
/// `CULPRIT_RECORD_GOLDENS=1` writes what comes out now; the test fails all the same, so that no run which recorded counts
/// as one that compared. What is recorded is read before it is committed.
enum Golden {
    static func expect(_ actual: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens/\(name)")
        if ProcessInfo.processInfo.environment["CULPRIT_RECORD_GOLDENS"] != nil {
            do {
                try Data(actual.utf8).write(to: file)
                Issue.record(
                    "recorded \(name); read it, then run without CULPRIT_RECORD_GOLDENS", sourceLocation: sourceLocation
                )
            } catch {
                Issue.record("could not record \(name): \(error)", sourceLocation: sourceLocation)
            }
            return
        }
        guard let data = FileManager.default.contents(atPath: file.path) else {
            Issue.record("there is no golden \(name)", sourceLocation: sourceLocation)
            return
        }
        let expected = String(decoding: data, as: UTF8.self)
        if actual != expected || Array(actual.utf8) != Array(data) {
            Issue.record("\(name) differs:\n\(difference(expected, actual))", sourceLocation: sourceLocation)
        }
    }

    /// Lines that were (`-`) and are (`+`), with their numbers.
    static func difference(_ expected: String, _ actual: String) -> String {
        let old = expected.components(separatedBy: "\n")
        let new = actual.components(separatedBy: "\n")
        return new.difference(from: old).map { change in
            switch change {
            case .remove(let line, let text, _): (line, 0, "-\(line + 1): \(text)")
            case .insert(let line, let text, _): (line, 1, "+\(line + 1): \(text)")
            }
        }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2).joined(separator: "\n")
    }
}
