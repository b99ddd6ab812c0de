// Stepping over values of any type (D-Bus specification, "Type System").
extension BusReader {
    /// The protocol allows 32 arrays and 32 structures in one another; variants count here, too.
    static let deepest = 64

    /// Steps over one value of the type at the start of `signature` and takes that type off it. False for what is no type,
    /// for a value beyond the end, and for nesting deeper than the protocol allows.
    mutating func skipValue(_ signature: inout Substring.UTF8View, depth: Int = 0) -> Bool {
        guard depth < Self.deepest, let type = signature.popFirst() else { return false }
        switch type {
        case UInt8(ascii: "v"): return skipVariant(depth)
        case UInt8(ascii: "a"): return skipArray(&signature)
        case UInt8(ascii: "("): return skipStructure(&signature, depth)
        case UInt8(ascii: "s"), UInt8(ascii: "o"): return text() != nil
        case UInt8(ascii: "g"): return self.signature() != nil
        default:
            guard let size = Self.size(of: type), align(to: size) else { return false }
            return skip(size)
        }
    }

    private mutating func skipVariant(_ depth: Int) -> Bool {
        guard let signature = signature() else { return false }
        var rest = signature.utf8[...]
        return skipValue(&rest, depth: depth + 1) && rest.isEmpty
    }

    private mutating func skipStructure(_ signature: inout Substring.UTF8View, _ depth: Int) -> Bool {
        guard align(to: 8), signature.first != UInt8(ascii: ")") else { return false }
        while let next = signature.first, next != UInt8(ascii: ")") {
            guard skipValue(&signature, depth: depth + 1) else { return false }
        }
        return signature.popFirst() != nil
    }

    /// Its length is in front, so that its elements need no look.
    private mutating func skipArray(_ signature: inout Substring.UTF8View) -> Bool {
        guard let length = number(UInt32.self), let element = signature.first,
            align(to: Self.alignment(of: element)), BusSignature.dropType(&signature)
        else { return false }
        return skip(Int(clamping: length))
    }

    /// Bytes of a value of a type that has a fixed size, and its alignment.
    static func size(of type: UInt8) -> Int? {
        switch type {
        case UInt8(ascii: "y"): 1
        case UInt8(ascii: "n"), UInt8(ascii: "q"): 2
        case UInt8(ascii: "b"), UInt8(ascii: "i"), UInt8(ascii: "u"), UInt8(ascii: "h"): 4
        case UInt8(ascii: "x"), UInt8(ascii: "t"), UInt8(ascii: "d"): 8
        default: nil
        }
    }

    static func alignment(of type: UInt8) -> Int {
        switch type {
        case UInt8(ascii: "("), UInt8(ascii: "{"): 8
        case UInt8(ascii: "s"), UInt8(ascii: "o"), UInt8(ascii: "a"): 4
        default: size(of: type) ?? 1
        }
    }
}

/// Text that names types.
enum BusSignature {
    /// Takes one complete type off the front. False for what is none.
    static func dropType(_ signature: inout Substring.UTF8View, depth: Int = 0) -> Bool {
        guard depth < BusReader.deepest, let type = signature.popFirst() else { return false }
        switch type {
        case UInt8(ascii: "a"): return dropType(&signature, depth: depth + 1)
        case UInt8(ascii: "("): return dropMembers(&signature, until: UInt8(ascii: ")"), depth)
        case UInt8(ascii: "{"): return dropMembers(&signature, until: UInt8(ascii: "}"), depth)
        case UInt8(ascii: "v"), UInt8(ascii: "s"), UInt8(ascii: "o"), UInt8(ascii: "g"): return true
        default: return BusReader.size(of: type) != nil
        }
    }

    private static func dropMembers(_ signature: inout Substring.UTF8View, until end: UInt8, _ depth: Int) -> Bool {
        while let next = signature.first, next != end {
            guard dropType(&signature, depth: depth + 1) else { return false }
        }
        return signature.popFirst() != nil
    }
}
