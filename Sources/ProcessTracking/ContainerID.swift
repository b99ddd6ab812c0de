import EventModel

/// The 64 hexadecimal digits by which engines know a container, and which the name of its cgroup holds.
struct ContainerID: Hashable, Sendable {
    let text: String

    private static let length = 64
    /// A shorter reference may as well be a name.
    private static let shortest = 12

    /// Of a container's own directory: `docker-ID.scope`, `libpod-ID.scope`, `ID`.
    init?(cgroupName name: String) {
        guard name.utf8.count >= Self.length else { return nil }
        let bare = name.hasSuffix(".scope") ? name.dropLast(".scope".utf8.count) : name[...]
        let digits = bare.utf8.suffix(Self.length)
        guard digits.count == Self.length, digits.allSatisfy(Self.isDigit),
            bare.utf8.count == Self.length || bare.utf8.dropLast(Self.length).last == UInt8(ascii: "-")
        else { return nil }
        text = String(decoding: digits, as: UTF8.self)
    }

    /// The id itself, or enough of its beginning.
    func isMeant(by reference: String) -> Bool { reference.utf8.count >= Self.shortest && text.hasPrefix(reference) }

    /// Whether the reference can be nothing but an id.
    static func isWhole(_ reference: String) -> Bool {
        reference.utf8.count == length && reference.utf8.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}
