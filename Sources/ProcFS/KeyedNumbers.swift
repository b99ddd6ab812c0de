import EventModel

/// Parsers of the small files in which the kernel keeps counters: `name number` lines, and lists of `name=number`.
enum KeyedNumbers {
    /// `memory.events`, `cpu.stat`, `memory.oom_control`: one `name number` a line. The first of a name counts; a last line
    /// without its newline was cut and is left out.
    static func flat(_ text: Bytes, _ names: [String]) -> [UInt64?] {
        var values = [UInt64?](repeating: nil, count: names.count)
        var rest = text[..<(text.lastIndex(of: .newline) ?? text.startIndex)]
        while var line = rest.next(until: .newline) {
            guard let name = line.next(until: .space) else { continue }
            for (index, wanted) in names.enumerated()
            where values[index] == nil && name.elementsEqual(wanted.utf8) {
                values[index] = line.decimal()
            }
        }
        return values
    }

    /// One number; nil for `max` and for anything else.
    static func single(_ text: Bytes) -> UInt64? { text.trimmed.decimal() }
}

extension CgroupUsage.IO {
    /// `io.stat`: `8:0 rbytes=1 wbytes=2 rios=3 ...`, a line for each device, added up.
    static func parsing(ioStat text: Bytes) -> Self {
        var sum = Self(read: 0, written: 0)
        var rest = text[..<(text.lastIndex(of: .newline) ?? text.startIndex)]
        while let line = rest.next(until: .newline) {
            for var word in line.words {
                guard let name = word.next(until: UInt8(ascii: "=")), let value = word.decimal(UInt64.self) else {
                    continue
                }
                if name.elementsEqual("rbytes".utf8) { sum.read &+= value }
                if name.elementsEqual("wbytes".utf8) { sum.written &+= value }
            }
        }
        return sum
    }

    /// Version 1's `blkio.throttle.io_service_bytes_recursive`: `8:0 Read 1`, `8:0 Write 2`, ..., added up.
    static func parsing(serviceBytes text: Bytes) -> Self {
        var sum = Self(read: 0, written: 0)
        var rest = text[..<(text.lastIndex(of: .newline) ?? text.startIndex)]
        while let line = rest.next(until: .newline) {
            let words = line.words
            guard words.count == 3, let value = words[2].decimal(UInt64.self) else { continue }
            if words[1].elementsEqual("Read".utf8) { sum.read &+= value }
            if words[1].elementsEqual("Write".utf8) { sum.written &+= value }
        }
        return sum
    }
}

extension HostSample.Amounts {
    /// `/proc/meminfo`: `MemTotal:       24682416 kB`. Nil without the two that say what there is and what can be had.
    init?(parsingMeminfo text: ArraySlice<UInt8>) {
        var values: [String: UInt64] = [:]
        var rest = text[..<(text.lastIndex(of: .newline) ?? text.startIndex)]
        while var line = rest.next(until: .newline), values.count < 4 {
            guard let name = line.next(until: .colon)?.text, Self.names.contains(name) else { continue }
            values[name] = line.words.first?.decimal(UInt64.self)
        }
        guard let total = values["MemTotal"], let available = values["MemAvailable"] else { return nil }
        self.init(
            total: total, available: available, swapTotal: values["SwapTotal"] ?? 0, swapFree: values["SwapFree"] ?? 0)
    }

    private static let names: Set<String> = ["MemTotal", "MemAvailable", "SwapTotal", "SwapFree"]
}

extension Stall {
    init(_ pressure: Pressure) {
        self.init(
            some10: pressure.some.average10, full10: pressure.full?.average10 ?? 0, someTotal: pressure.some.total,
            fullTotal: pressure.full?.total ?? 0)
    }
}

/// Every parser of counters over the same bytes; for fuzzing.
public enum CounterFiles {
    public static func readAll(_ text: ArraySlice<UInt8>) -> Int {
        _ = HostSample.Amounts(parsingMeminfo: text)
        _ = CgroupUsage.IO.parsing(ioStat: text)
        _ = CgroupUsage.IO.parsing(serviceBytes: text)
        _ = CgroupControllers.events(text)
        _ = CgroupControllers.pids(text)
        var open = OpenDescriptors()
        text.withUnsafeBytes { open.add(target: $0) }
        return FileWatch.events(text).count
    }
}
