import BusMessages
import EventModel
import Foundation
import Testing

/// Messages that real clients sent; the README beside them tells which.
enum Captured {
    static func message(_ name: String, file: String = #filePath) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Fixtures")
        let text = String(decoding: try Data(contentsOf: folder.appendingPathComponent("calls.hex")), as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name + " ") })
        let digits = Array(line.dropFirst(name.count + 1))
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
    }
}

func messages(_ bytes: [UInt8]) -> [ManagerMessage] { bytes.withUnsafeBytes { BusStream.messages(in: $0) } }

/// Bytes of a message, put together by hand.
struct Wire {
    var bytes: [UInt8] = []
    var isLittle = true

    mutating func align(_ to: Int) { while bytes.count % to != 0 { bytes.append(0) } }

    mutating func number(_ value: some FixedWidthInteger) {
        align(value.bitWidth / 8)
        withUnsafeBytes(of: isLittle ? value.littleEndian : value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func text(_ text: String) {
        number(UInt32(text.utf8.count))
        bytes += Array(text.utf8) + [0]
    }

    mutating func signature(_ text: String) { bytes += [UInt8(text.utf8.count)] + Array(text.utf8) + [0] }

    /// A header field; `put` writes its value.
    mutating func field(_ code: UInt8, _ type: String, _ put: (inout Wire) -> Void) {
        align(8)
        bytes.append(code)
        signature(type)
        put(&self)
    }

    /// A call of `member` on the manager, with more fields in front, and a body.
    static func call(
        _ member: String, _ signature: String = "", isLittle: Bool = true, serial: UInt32 = 7,
        fields: (inout Wire) -> Void = { _ in }, body: (inout Wire) -> Void = { _ in }
    ) -> [UInt8] {
        message(1, signature, isLittle: isLittle, serial: serial, body: body) { wire in
            fields(&wire)
            wire.field(3, "s") { $0.text(member) }
            wire.field(2, "s") { $0.text("org.freedesktop.systemd1.Manager") }
            wire.field(1, "o") { $0.text("/org/freedesktop/systemd1") }
        }
    }

    static func message(
        _ kind: UInt8, _ signature: String, isLittle: Bool = true, serial: UInt32 = 7, body: (inout Wire) -> Void,
        fields: (inout Wire) -> Void
    ) -> [UInt8] {
        var inner = Wire(isLittle: isLittle)
        body(&inner)
        var wire = Wire(bytes: [UInt8(ascii: isLittle ? "l" : "B"), kind, 0, 1], isLittle: isLittle)
        wire.number(UInt32(inner.bytes.count))
        wire.number(serial)
        wire.number(UInt32(0))
        fields(&wire)
        if !signature.isEmpty { wire.field(8, "g") { $0.signature(signature) } }
        var length = Wire(isLittle: isLittle)
        length.number(UInt32(wire.bytes.count - 16))
        wire.bytes.replaceSubrange(12..<16, with: length.bytes)
        wire.align(8)
        return wire.bytes + inner.bytes
    }
}
