internal import CSystemd
internal import EventModel
internal import Glibc
internal import ProcFS

/// One view of the journal by sd-journal: follows it, and hands out a bounded number of entries at a time.
///
/// The library itself leaves out files that it cannot read any more; what is left fails with a code, and the reader
/// then opens the journal anew behind the last entry.
final class JournalReader {
    /// Which entries are looked for.
    enum View {
        /// What managers, the kernel and components write. Found by the journal's index: what units themselves log is
        /// not even read.
        case decisive
        /// Everything, for the own lines of units.
        case text
    }

    enum Start: Hashable {
        case cursor(JournalCursor)
        /// From this time of CLOCK_MONOTONIC on, in microseconds, of this boot.
        case since(UInt64)
        case tail
    }

    struct Failure: Error, Hashable {
        var call: String
        /// Positive.
        var errno: Int32
    }

    /// An entry of this boot whose fields can be read. Valid until the reader moves on.
    struct Position {
        var monotonic: UInt64
        var realtime: UInt64
    }

    private let sd: culprit_systemd
    private let journal: OpaquePointer
    /// The entry that a saved cursor names was not there any more: from its time on something may be missing.
    private(set) var hasLostPlace = false
    /// It stands on an entry already that was not handed out.
    private var isOnNext = false

    /// `directory` instead of the host's journal, for tests.
    init(_ library: SystemdLibrary, _ view: View, from start: Start, boot: String, directory: String? = nil)
        throws(Failure)
    {
        sd = library.sd
        var opened: OpaquePointer?
        let result =
            directory.map { library.sd.sd_journal_open_directory(&opened, $0, 0) }
            ?? library.sd.sd_journal_open(&opened, Int32(SD_JOURNAL_LOCAL_ONLY))
        guard result >= 0, let opened else { throw Failure(call: "sd_journal_open", errno: -result) }
        journal = opened
        // Compressed fields are unpacked as far as this; all limits of ours are below.
        _ = sd.sd_journal_set_data_threshold(journal, 8192)
        if view == .decisive { try select() }
        try seek(start, boot: boot)
    }

    deinit { sd.sd_journal_close(journal) }

    /// Readable when something was appended; the first call starts the watch.
    var descriptor: Int32 { sd.sd_journal_get_fd(journal) }

    /// Files that may be read; without any nothing will ever come.
    var hasFiles: Bool {
        sd.sd_journal_has_runtime_files(journal) > 0 || sd.sd_journal_has_persistent_files(journal) > 0
    }

    enum News { case none, entries, files }

    /// Takes note of what was appended, of new and of removed files. Throws where the watch broke.
    func notice() throws(Failure) -> News {
        switch try check("sd_journal_process", sd.sd_journal_process(journal)) {
        case 0: .none
        case Int32(SD_JOURNAL_INVALIDATE): .files
        default: .entries
        }
    }

    /// Goes to the next entry; false at the end.
    func advance() throws(Failure) -> Bool {
        if isOnNext {
            isOnNext = false
            return true
        }
        return try check("sd_journal_next", sd.sd_journal_next(journal)) > 0
    }

    /// Where it is; nil for an entry of another boot.
    func position(boot: String) throws(Failure) -> Position? {
        var position = Position(monotonic: 0, realtime: 0)
        var id = sd_id128_t()
        let result = sd.sd_journal_get_monotonic_usec(journal, &position.monotonic, &id)
        if result == -ESTALE { return nil }
        try check("sd_journal_get_monotonic_usec", result)
        guard Self.hex(id) == boot else { return nil }
        try check("sd_journal_get_realtime_usec", sd.sd_journal_get_realtime_usec(journal, &position.realtime))
        return position
    }

    /// All fields that are looked at.
    func fields() throws(Failure) -> JournalFields {
        var fields = JournalFields()
        sd.sd_journal_restart_data(journal)
        for _ in 0..<Self.mostFields {
            var data: UnsafeRawPointer?
            var length = 0
            let result = sd.sd_journal_enumerate_data(journal, &data, &length)
            if result == 0 { break }
            // One field that cannot be unpacked here does not spoil the others.
            if result == -EPROTONOSUPPORT || result == -ENOBUFS || result == -E2BIG { continue }
            try check("sd_journal_enumerate_data", result)
            fields.add(UnsafeRawBufferPointer(start: data, count: length))
        }
        return fields
    }

    /// An entry may have a thousand fields; what journald itself adds comes last.
    private static let mostFields = 2048

    /// One field alone; nil where the entry has none of that name.
    func value(of field: JournalField) -> String? {
        var data: UnsafeRawPointer?
        var length = 0
        guard sd.sd_journal_get_data(journal, field.rawValue, &data, &length) >= 0 else { return nil }
        var fields = JournalFields()
        fields.add(UnsafeRawBufferPointer(start: data, count: length))
        return fields[field]
    }

    /// Of the current entry.
    var cursor: JournalCursor? {
        var text: UnsafeMutablePointer<CChar>?
        guard sd.sd_journal_get_cursor(journal, &text) >= 0, let text else { return nil }
        defer { free(text) }
        return JournalCursor(String(cString: text))
    }

    private func select() throws(Failure) {
        for match in JournalEntry.matches {
            let result = match.utf8.withContiguousStorageIfAvailable {
                sd.sd_journal_add_match(journal, $0.baseAddress, $0.count)
            }
            try check("sd_journal_add_match", result ?? -EINVAL)
            try check("sd_journal_add_disjunction", sd.sd_journal_add_disjunction(journal))
        }
    }

    private func seek(_ start: Start, boot: String) throws(Failure) {
        switch start {
        case .tail: try seekTail()
        case .since(let time): try seek(monotonic: time, boot: boot)
        case .cursor(let cursor):
            // What another boot left behind is none of this boot's events.
            guard cursor.boot == boot else { return try seek(monotonic: 0, boot: boot) }
            try check("sd_journal_seek_cursor", sd.sd_journal_seek_cursor(journal, cursor.text))
            guard try advance() else {
                hasLostPlace = hasFiles
                return
            }
            if try check("sd_journal_test_cursor", sd.sd_journal_test_cursor(journal, cursor.text)) == 0 {
                hasLostPlace = true
                // Where this is the first of all, there is no going back before it.
                isOnNext = true
            }
        }
    }

    /// So that the next entry is one that comes later.
    private func seekTail() throws(Failure) {
        try check("sd_journal_seek_tail", sd.sd_journal_seek_tail(journal))
        try check("sd_journal_previous", sd.sd_journal_previous(journal))
    }

    private func seek(monotonic: UInt64, boot: String) throws(Failure) {
        guard let id = Self.identifier(boot) else { throw Failure(call: "boot_id", errno: EINVAL) }
        try check("sd_journal_seek_monotonic_usec", sd.sd_journal_seek_monotonic_usec(journal, id, monotonic))
    }

    @discardableResult
    private func check(_ call: String, _ result: Int32) throws(Failure) -> Int32 {
        if result < 0 { throw Failure(call: call, errno: -result) }
        return result
    }

    private static func hex(_ id: sd_id128_t) -> String {
        withUnsafeBytes(of: id) { bytes in
            let digits = Array("0123456789abcdef".utf8)
            return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        }
    }

    private static func identifier(_ hex: String) -> sd_id128_t? {
        let digits = Array(hex.utf8)
        guard digits.count == 32 else { return nil }
        var id = sd_id128_t()
        return withUnsafeMutableBytes(of: &id) { bytes in
            for index in bytes.indices {
                let pair = String(decoding: digits[(2 * index)...(2 * index + 1)], as: UTF8.self)
                guard let byte = UInt8(pair, radix: 16) else { return nil }
                bytes[index] = byte
            }
            return bytes.loadUnaligned(as: sd_id128_t.self)
        }
    }
}
