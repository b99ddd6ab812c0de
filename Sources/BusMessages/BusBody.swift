import EventModel

/// The arguments of a message, as far as they may be kept: whoever asks says how many, and what is a secret stays out.
struct BusBody {
    private var reader: BusReader
    private var signature: Substring.UTF8View

    /// `message` begins at the header's first byte, and may end before the body does.
    init(_ message: UnsafeRawBufferPointer, _ header: BusHeader) {
        let end = min(header.size, message.count)
        reader = BusReader(
            UnsafeRawBufferPointer(rebasing: message[..<end]), isLittle: header.isLittle, from: header.bodyStart)
        signature = header.bodyStart <= end ? header.signature.utf8[...] : "".utf8[...]
    }

    /// The next argument, where it is text, a number or a flag, or (where those are wanted) a list of text. Nil, and no
    /// further argument, for anything else and for one that is cut.
    mutating func next(listsToo: Bool = false) -> ManagerMessage.Argument? {
        guard let type = signature.popFirst() else { return nil }
        switch type {
        case UInt8(ascii: "s"), UInt8(ascii: "o"): return reader.text().map { .text(BusName.kept($0)) }
        case UInt8(ascii: "b"): return reader.number(UInt32.self).map { .flag($0 != 0) }
        case UInt8(ascii: "y"): return reader.byte().map { .number(Int64($0)) }
        case UInt8(ascii: "n"): return reader.number(Int16.self).map { .number(Int64($0)) }
        case UInt8(ascii: "q"): return reader.number(UInt16.self).map { .number(Int64($0)) }
        case UInt8(ascii: "i"): return reader.number(Int32.self).map { .number(Int64($0)) }
        case UInt8(ascii: "u"): return reader.number(UInt32.self).map { .number(Int64($0)) }
        case UInt8(ascii: "x"): return reader.number(Int64.self).map { .number($0) }
        case UInt8(ascii: "t"): return reader.number(UInt64.self).map { .number(Int64(clamping: $0)) }
        case UInt8(ascii: "a") where listsToo: return texts()
        default:
            signature = "".utf8[...]
            return nil
        }
    }

    /// Most items that are taken of a list.
    static let mostItems = 48

    private mutating func texts() -> ManagerMessage.Argument? {
        guard let type = signature.popFirst(), type == UInt8(ascii: "s") || type == UInt8(ascii: "o") else {
            signature = "".utf8[...]
            return nil
        }
        guard let length = reader.number(UInt32.self) else { return nil }
        let end = reader.offset + Int(clamping: length)
        var texts: [String] = []
        while reader.offset < end, texts.count < Self.mostItems, let text = reader.text() {
            texts.append(BusName.kept(text))
        }
        // What is cut or left out hides where the next argument begins.
        if reader.offset != end { signature = "".utf8[...] }
        return .list(texts)
    }

    /// `a(sv)`: names of properties; of limits, `NAME=value` with the value.
    mutating func properties() -> [String] {
        guard signature.starts(with: "a(sv)".utf8), let length = reader.number(UInt32.self), reader.align(to: 8)
        else { return [] }
        signature = "".utf8[...]
        let end = reader.offset + Int(clamping: length)
        var properties: [String] = []
        while reader.offset < end, properties.count < Self.mostItems, reader.align(to: 8),
            let name = reader.text()
        {
            let start = reader
            var variant = "v".utf8[...]
            let isWhole = reader.skipValue(&variant)
            properties.append(BusName.kept(name) + (ResourceLimit.names.contains(name) ? Self.value(start) : ""))
            guard isWhole else { break }
        }
        return properties
    }

    /// `a(sv)a(sa(sv))`, the rest of StartTransientUnit: names of the units that are made with the one that is asked for. Of
    /// their properties, and of its, nothing is kept: they hold environments and commands.
    mutating func auxiliaryUnits() -> [String] {
        var properties = "a(sv)".utf8[...]
        guard signature.elementsEqual("a(sv)a(sa(sv))".utf8), reader.skipValue(&properties),
            let length = reader.number(UInt32.self), reader.align(to: 8)
        else { return [] }
        signature = "".utf8[...]
        let end = reader.offset + Int(clamping: length)
        var names: [String] = []
        while reader.offset < end, names.count < Self.mostItems, reader.align(to: 8), let name = reader.text() {
            names.append(name)
            var rest = "a(sv)".utf8[...]
            guard reader.skipValue(&rest) else { break }
        }
        return names
    }

    /// `=1048576`; nothing where it is no number.
    private static func value(_ start: BusReader) -> String {
        var reader = start
        switch reader.signature() {
        case "t": return reader.number(UInt64.self).map { "=\($0)" } ?? ""
        case "u": return reader.number(UInt32.self).map { "=\($0)" } ?? ""
        default: return ""
        }
    }
}

/// Properties whose value says how much of the host a unit may have; no other value is kept (Environment, ExecStart and
/// the like hold what others wrote). Source: systemd.resource-control(5), org.freedesktop.systemd1(5) of systemd 257.
enum ResourceLimit {
    static let names: Set<String> = [
        "CPUQuotaPerSecUSec", "CPUQuotaPeriodUSec", "CPUShares", "CPUWeight", "IOWeight", "MemoryHigh",
        "MemoryHighScale",
        "MemoryLimit", "MemoryLow", "MemoryMax", "MemoryMaxScale", "MemoryMin", "MemorySwapMax", "MemorySwapMaxScale",
        "MemoryZSwapMax", "RuntimeMaxUSec", "StartupCPUWeight", "StartupIOWeight", "StartupMemoryHigh",
        "StartupMemoryMax", "StartupMemorySwapMax", "TasksMax", "TasksMaxScale",
    ]
}
