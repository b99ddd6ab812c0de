import EventModel

/// The header of a D-Bus message (specification, "Message Format"), and where its body lies.
struct BusHeader: Hashable {
    var kind: ManagerMessage.Kind
    var isLittle: Bool
    var serial: UInt32
    var replySerial: UInt32?
    var path: String?
    var interface: String?
    var member: String?
    var errorName: String?
    var destination: String?
    var sender: String?
    var signature = ""
    /// Offset of the body.
    var bodyStart: Int
    /// Bytes of the whole message; more than were captured where it is cut.
    var size: Int
    /// The fields themselves are not all there.
    var isCut = false

    /// Bytes in front of the fields.
    static let fixedSize = 16
    /// The protocol's limit: 128 MiB.
    static let largest = 1 << 27

    /// `l` or `B`, a known type, flags, version 1.
    static func begins(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= fixedSize else { return false }
        return (bytes[0] == UInt8(ascii: "l") || bytes[0] == UInt8(ascii: "B"))
            && ManagerMessage.Kind(rawValue: bytes[1]) != nil && bytes[2] <= 7 && bytes[3] == 1
    }

    /// Nil where it is no header, or one that no bus would take.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard Self.begins(bytes), let kind = ManagerMessage.Kind(rawValue: bytes[1]) else { return nil }
        self.kind = kind
        isLittle = bytes[0] == UInt8(ascii: "l")
        var reader = BusReader(bytes, isLittle: isLittle, from: 4)
        guard let body = reader.number(UInt32.self), let serial = reader.number(UInt32.self), serial != 0,
            let fields = reader.number(UInt32.self), fields < Self.largest, body < Self.largest
        else { return nil }
        self.serial = serial
        let end = Self.fixedSize + Int(fields)
        bodyStart = (end + 7) / 8 * 8
        size = bodyStart + Int(body)
        let kept = UnsafeRawBufferPointer(rebasing: bytes[..<min(end, bytes.count)])
        isCut = end > bytes.count
        guard takeFields(BusReader(kept, isLittle: isLittle, from: Self.fixedSize)), isCut || isComplete else {
            return nil
        }
    }

    /// Fields in any order, each at most once. Where the header is cut, those that are whole.
    private mutating func takeFields(_ fields: BusReader) -> Bool {
        var reader = fields
        var seen: UInt16 = 0
        while reader.remaining > 0 {
            guard reader.align(to: 8), let code = reader.byte(), let type = reader.signature(), code != 0 else {
                return isCut
            }
            if code < 16 {
                guard seen & 1 << code == 0 else { return false }
                seen |= 1 << code
            }
            guard takeField(code, type, &reader) else { return isCut }
        }
        return true
    }

    private mutating func takeField(_ code: UInt8, _ type: String, _ reader: inout BusReader) -> Bool {
        switch (code, type) {
        case (1, "o"): return take(reader.text(), into: \.path)
        case (2, "s"): return take(reader.text(), into: \.interface)
        case (3, "s"): return take(reader.text(), into: \.member)
        case (4, "s"): return take(reader.text(), into: \.errorName)
        case (5, "u"):
            replySerial = reader.number(UInt32.self)
            return replySerial != nil
        case (6, "s"): return take(reader.text(), into: \.destination)
        case (7, "s"): return take(reader.text(), into: \.sender)
        case (8, "g"):
            guard let text = reader.signature() else { return false }
            signature = text
            return true
        case (1...8, _): return false
        default:
            var rest = type.utf8[...]
            return reader.skipValue(&rest) && rest.isEmpty
        }
    }

    private mutating func take(_ text: String?, into field: WritableKeyPath<BusHeader, String?>) -> Bool {
        guard let text, BusName.isName(text) else { return false }
        self[keyPath: field] = text
        return true
    }

    /// The fields without which a message of its kind is none.
    private var isComplete: Bool {
        switch kind {
        case .call: path != nil && member != nil
        case .reply: replySerial != nil
        case .error: replySerial != nil && errorName != nil
        case .signal: path != nil && interface != nil && member != nil
        }
    }
}
