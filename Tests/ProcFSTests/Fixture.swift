import Foundation
import Testing

/// The files captured from a real host; what is in them is told by their README.
enum Fixture {
    static func bytes(_ name: String, file: String = #filePath) throws -> ArraySlice<UInt8> {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Fixtures")
        return [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))[...]
    }
}

extension String {
    /// As a parser gets it.
    var bytes: ArraySlice<UInt8> { Array(utf8)[...] }
}

/// Hands every beginning of `text`, and `text` with each of its bytes replaced, to a parser, which must not trap.
func everyDamage(of text: ArraySlice<UInt8>, _ parse: (ArraySlice<UInt8>) -> Void) {
    for count in 0...text.count { parse(text.prefix(count)) }
    for index in text.indices {
        for byte: UInt8 in [0, 0x0a, 0x20, 0x28, 0x29, 0x2d, 0x39, 0x3a, 0xff] {
            var damaged = text
            damaged[index] = byte
            parse(damaged)
        }
    }
}
