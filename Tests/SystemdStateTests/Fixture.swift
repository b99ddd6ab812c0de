import EventModel
import Foundation
import Testing

@testable import SystemdState

/// What was captured in a lab; its README says how.
enum Fixture {
    static func bytes(_ name: String, file: String = #filePath) throws -> ArraySlice<UInt8> {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Fixtures")
        return [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))[...]
    }

    static func journal() throws -> [JournalFields] {
        try bytes("journal.json").split(separator: UInt8(ascii: "\n")).map { try #require(JournalLine.parse($0)) }
    }

    /// The entry with that message, as it would be kept.
    static func entry(_ messageID: String, unit: String = "web.service") throws -> JournalEntry {
        try #require(
            try journal().compactMap { JournalEntry($0) { _ in false } }
                .first { $0.messageID == messageID && $0.unit?.name == unit })
    }
}

extension String {
    /// As a parser gets it.
    var bytes: ArraySlice<UInt8> { Array(utf8)[...] }
}

extension JournalFields {
    init(_ values: [String: String]) {
        self.init()
        for (name, value) in values {
            Array("\(name)=\(value)".utf8).withUnsafeBytes { add($0) }
        }
    }
}
