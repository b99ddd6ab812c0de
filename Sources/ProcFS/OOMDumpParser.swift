public import EventModel

/// Reads what the kernel's log says at an OOM kill: the list of tasks, what ran out, and who was killed. The lines come one
/// by one, other lines among them; two kills never mix, since the kernel holds a lock from the first line to the last.
///
/// Pure and total. In bounded memory: of a longer list the largest are kept, the others are counted.
public struct OOMDumpParser: Sendable {
    /// Lists whose lines were partly written over before they were read.
    public private(set) var cut: UInt64 = 0
    private let pageKiB: UInt64
    private var draft: Draft?
    private var last: UInt64?

    /// `pageKiB` is the size of a page, in which the kernel counts here.
    public init(pageKiB: UInt64) { self.pageKiB = pageKiB }

    /// It is in the middle of a list.
    public var isListing: Bool { draft != nil }

    /// The list that this record completes; nil for all other records.
    public mutating func take(_ record: KernelLogRecord) -> OOMDump? {
        if let last, record.sequence != last &+ 1, draft != nil {
            draft = nil
            cut += 1
        }
        last = record.sequence
        guard record.isOfKernel else { return nil }
        let text = record.text
        if text.elementsEqual(Self.title) {
            draft = Draft(startedAt: record.microseconds)
        } else if draft == nil {
            return nil
        } else if text.first == UInt8(ascii: "[") {
            draft?.take(row: text, pageKiB)
        } else if text.starts(with: Self.summary) {
            draft?.reason = Reason(text.dropFirst(Self.summary.count))
        } else if let (victim, isOfCgroup) = Self.victim(text) {
            defer { draft = nil }
            return draft?.finished(victim, isOfCgroup, at: record.microseconds)
        }
        return nil
    }

    private static let title = Array("Tasks state (memory values in pages):".utf8)
    private static let summary = Array("oom-kill:constraint=".utf8)
    /// `Out of memory: Killed process 42 (name) total-vm:...`, and whether a cgroup's limit was reached.
    private static let kills: [(text: [UInt8], isOfCgroup: Bool)] = [
        ("Memory cgroup out of memory", true), ("Out of memory", false),
        ("Out of memory (oom_kill_allocating_task)", false),
    ].map { (Array("\($0): Killed process ".utf8), $1) }

    private static func victim(_ text: Bytes) -> (pid: Int32, isOfCgroup: Bool)? {
        for kill in kills where text.starts(with: kill.text) {
            var rest = text.dropFirst(kill.text.count)
            return rest.next(until: .space)?.decimal(Int32.self).map { ($0, kill.isOfCgroup) }
        }
        return nil
    }
}

extension OOMDumpParser {
    /// Why the kernel had to kill: `CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a/b,...`.
    /// Users choose the names of cgroups: where they could make a path end or begin elsewhere, it is not known.
    private enum Reason: Equatable {
        case machine
        case cgroup(name: String)
        /// Some nodes of memory only, whose tasks alone are listed; or not known.
        case other

        init(_ text: Bytes) {
            let constraint = text.prefix { $0 != UInt8(ascii: ",") }
            if constraint.elementsEqual("CONSTRAINT_NONE".utf8) {
                self = .machine
            } else if constraint.elementsEqual("CONSTRAINT_MEMCG".utf8),
                let start = Self.only(",oom_memcg=", in: text)?.upperBound,
                let end = Self.only(",task_memcg=", in: text)?.lowerBound, start <= end
            {
                let path = text[start..<end]
                let slash = path.lastIndex(of: .slash)
                self = .cgroup(name: OOMDumpParser.unescaped(slash.map { path[($0 + 1)...] } ?? path).text)
            } else {
                self = .other
            }
        }

        /// Where the piece is; nil where it is not there, or more than once.
        private static func only(_ piece: String, in text: Bytes) -> Range<Int>? {
            let piece = Array(piece.utf8)
            var found: Range<Int>?
            for start in text.indices where text[start...].starts(with: piece) {
                guard found == nil else { return nil }
                found = start..<(start + piece.count)
            }
            return found
        }
    }

    /// `\x0a` as the byte that it stands for.
    static func unescaped(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var plain: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            let escape = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), escape.first == UInt8(ascii: "x"),
                let value = escape.dropFirst().hexadecimal(UInt8.self), escape.count == 3
            {
                plain.append(value)
                rest = rest.dropFirst(3)
            } else {
                plain.append(byte)
            }
        }
        return plain[...]
    }
}

extension OOMDumpParser {
    /// What was read of a list so far.
    private struct Draft: Sendable {
        let startedAt: UInt64
        var reason = Reason.other
        private var columns: Columns?
        private var rows: [Row] = []
        private var unlisted: UInt32 = 0
        private var unlistedKiB: UInt64 = 0

        /// A thread, where it does not have its process's number: the one that still had the memory.
        private struct Row: Sendable {
            var thread: Int32
            var entry: OOMDump.Entry
            var size: UInt64
        }

        init(startedAt: UInt64) { self.startedAt = startedAt }

        /// `[  pid  ]   uid  tgid total_vm ...`, or `[  10699]     0 10699    19325 ...`.
        mutating func take(row text: Bytes, _ pageKiB: UInt64) {
            // The kernel makes the number at least seven wide.
            guard let close = text.firstIndex(of: UInt8(ascii: "]")), close - text.startIndex > 7 else { return }
            let number = text[(text.startIndex + 1)..<close].trimmed
            let words = text[(close + 1)...].words
            guard let columns else {
                if number.elementsEqual("pid".utf8) { self.columns = Columns(words) }
                return
            }
            guard let thread = number.decimal(Int32.self), let entry = columns.entry(words, pageKiB) else { return }
            let resident = columns.kinds == nil ? UInt64(entry.fileKiB) : 0
            rows.append(Row(thread: thread, entry: entry, size: entry.heldKiB + resident))
            if rows.count >= 2 * ProcessSamples.capacity { keepLargest() }
        }

        private mutating func keepLargest() {
            rows.sort { ($0.size, $1.entry.pid) > ($1.size, $0.entry.pid) }
            for row in rows.dropFirst(ProcessSamples.capacity) {
                unlisted = unlisted < .max ? unlisted + 1 : unlisted
                unlistedKiB &+= row.entry.heldKiB
            }
            rows.removeLast(max(0, rows.count - ProcessSamples.capacity))
        }

        /// Nil where it is not known who is listed.
        mutating func finished(_ victim: Int32, _ isOfCgroup: Bool, at microseconds: UInt64) -> OOMDump? {
            let scope: OOMDump.Scope
            switch reason {
            case .machine where !isOfCgroup: scope = .global
            case .cgroup(let name) where isOfCgroup: scope = .cgroup(name: name)
            default: return nil
            }
            guard let columns else { return nil }
            keepLargest()
            var known: Set<Int32> = []
            let took = microseconds > startedAt ? microseconds - startedAt : 0
            return OOMDump(
                victimPID: rows.first { $0.thread == victim }?.entry.pid ?? victim, scope: scope,
                took: Interval(nanoseconds: took.multipliedReportingOverflow(by: 1000).partialValue),
                hasKinds: columns.kinds != nil,
                // No process is listed twice, unless the log is not what it should be.
                entries: rows.map(\.entry).filter { known.insert($0.pid).inserted }, unlisted: unlisted,
                unlistedKiB: unlistedKiB)
        }
    }

    /// Which number stands where: by the names in the list's head, which differ by kernel.
    private struct Columns: Sendable {
        private var process, resident, pageTables, swap, adjustment: Int
        private(set) var kinds: Kinds?

        struct Kinds: Sendable { var anonymous, file, shared: Int }

        /// Nil where it is no list that can be read.
        init?(_ names: [Bytes]) {
            let place = { (name: String) in names.firstIndex { $0.elementsEqual(name.utf8) } }
            guard let process = place("tgid"), let resident = place("rss"), let pageTables = place("pgtables_bytes"),
                let swap = place("swapents"), let adjustment = place("oom_score_adj"), place("name") == names.count - 1
            else { return nil }
            self.process = process
            self.resident = resident
            self.pageTables = pageTables
            self.swap = swap
            self.adjustment = adjustment
            if let anonymous = place("rss_anon"), let file = place("rss_file"), let shared = place("rss_shmem") {
                kinds = Kinds(anonymous: anonymous, file: file, shared: shared)
            }
        }

        /// Nil where a number is missing. The name, which its owner chooses, comes last, and nothing is read of it.
        func entry(_ words: [Bytes], _ pageKiB: UInt64) -> OOMDump.Entry? {
            func number(_ place: Int) -> UInt64? { place < words.count ? words[place].decimal() : nil }
            func size(_ place: Int) -> UInt32? {
                number(place).map { pages in
                    let (size, overflow) = pages.multipliedReportingOverflow(by: pageKiB)
                    return UInt32(clamping: overflow ? .max : size)
                }
            }
            guard let pid = number(process).flatMap({ Int32(exactly: $0) }), pid > 0, let held = size(resident),
                let tableBytes = number(pageTables), let swapped = size(swap), adjustment < words.count,
                let score = words[adjustment].decimal(Int16.self)
            else { return nil }
            var entry = OOMDump.Entry(
                pid: pid, fileKiB: held, swapKiB: swapped, pageTableKiB: UInt32(clamping: tableBytes / 1024),
                oomScoreAdjustment: score)
            guard let kinds else { return entry }
            guard let anonymous = size(kinds.anonymous), let file = size(kinds.file), let shared = size(kinds.shared)
            else { return nil }
            (entry.anonymousKiB, entry.fileKiB, entry.sharedKiB) = (anonymous, file, shared)
            return entry
        }
    }
}
