/// The fields of a journal entry that are looked at (systemd.journal-fields(7)). Only journald writes those that begin
/// with `_`; all others are the words of whoever logged them.
enum JournalField: String, Hashable, CaseIterable {
    case cursor = "__CURSOR"
    case realtime = "__REALTIME_TIMESTAMP"
    case monotonic = "__MONOTONIC_TIMESTAMP"
    case boot = "_BOOT_ID"
    case sourceRealtime = "_SOURCE_REALTIME_TIMESTAMP"
    case transport = "_TRANSPORT"
    case pid = "_PID"
    case uid = "_UID"
    case comm = "_COMM"
    case cgroup = "_SYSTEMD_CGROUP"
    case ownerUID = "_SYSTEMD_OWNER_UID"
    case writerUnit = "_SYSTEMD_UNIT"
    case writerUserUnit = "_SYSTEMD_USER_UNIT"
    case writerInvocation = "_SYSTEMD_INVOCATION_ID"
    case identifier = "SYSLOG_IDENTIFIER"
    case facility = "SYSLOG_FACILITY"
    case priority = "PRIORITY"
    case message = "MESSAGE"
    case messageID = "MESSAGE_ID"
    case unit = "UNIT"
    case userUnit = "USER_UNIT"
    case invocation = "INVOCATION_ID"
    case userInvocation = "USER_INVOCATION_ID"
    case jobID = "JOB_ID"
    case jobType = "JOB_TYPE"
    case jobResult = "JOB_RESULT"
    case restarts = "N_RESTARTS"
    case command = "COMMAND"
    case executable = "EXECUTABLE"
    case exitCode = "EXIT_CODE"
    case exitStatus = "EXIT_STATUS"
    case unitResult = "UNIT_RESULT"
    case sessionID = "SESSION_ID"
    case userID = "USER_ID"
    case leader = "LEADER"
    case seatID = "SEAT_ID"
    case shutdown = "SHUTDOWN"
    case sleep = "SLEEP"
    case corePID = "COREDUMP_PID"
    case coreUID = "COREDUMP_UID"
    case coreOwnerUID = "COREDUMP_OWNER_UID"
    case coreSignal = "COREDUMP_SIGNAL"
    case coreSignalName = "COREDUMP_SIGNAL_NAME"
    case coreTimestamp = "COREDUMP_TIMESTAMP"
    case coreComm = "COREDUMP_COMM"
    case coreExe = "COREDUMP_EXE"
    case coreUnit = "COREDUMP_UNIT"
    case coreUserUnit = "COREDUMP_USER_UNIT"

    /// These go into `JournalEntry.fields`; the others become members of their own, or only decide.
    static let kept: [JournalField] = [
        .command, .coreComm, .coreExe, .coreOwnerUID, .corePID, .coreSignal, .coreSignalName, .coreTimestamp, .coreUID,
        .coreUnit, .coreUserUnit, .executable, .exitCode, .exitStatus, .jobID, .jobResult, .jobType, .leader, .restarts,
        .seatID, .sessionID, .shutdown, .sleep, .unitResult, .userID,
    ].sorted { $0.rawValue < $1.rawValue }

    /// Most bytes that are kept of its value.
    var limit: Int {
        switch self {
        case .message: 4096
        case .command, .executable, .coreExe, .cgroup, .cursor: 1024
        default: 256
        }
    }

    /// The field of that name; nil for one that is not looked at.
    static func named(_ name: UnsafeRawBufferPointer) -> JournalField? {
        guard byLength.indices.contains(name.count) else { return nil }
        return byLength[name.count].first { name.elementsEqual($0.name) }?.field
    }

    private static let byLength: [[(name: [UInt8], field: JournalField)]] = {
        let longest = allCases.map(\.rawValue.utf8.count).max() ?? 0
        return (0...longest).map { length in
            allCases.filter { $0.rawValue.utf8.count == length }.map { (Array($0.rawValue.utf8), $0) }
        }
    }()
}

/// What one entry says in the fields that are looked at, each value cut to its limit.
struct JournalFields: Hashable {
    private var values: [JournalField: String] = [:]

    subscript(field: JournalField) -> String? { values[field] }

    /// Of a field that comes more than once, the first counts.
    mutating func add(_ field: JournalField, _ value: UnsafeRawBufferPointer) {
        guard values[field] == nil else { return }
        values[field] = Self.text(value, limit: field.limit)
    }

    /// `NAME=value`, as sd-journal and the export format have it.
    mutating func add(_ data: UnsafeRawBufferPointer) {
        guard let end = data.firstIndex(of: UInt8(ascii: "=")),
            let field = JournalField.named(UnsafeRawBufferPointer(rebasing: data[..<end]))
        else { return }
        add(field, UnsafeRawBufferPointer(rebasing: data[(end + 1)...]))
    }

    /// Cut between characters, with a sign of it; what is no UTF-8 becomes U+FFFD.
    private static func text(_ bytes: UnsafeRawBufferPointer, limit: Int) -> String {
        guard bytes.count > limit else { return String(decoding: bytes, as: UTF8.self) }
        var end = limit - 3
        while end > limit - 7, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self) + "…"
    }

    func number<Number: FixedWidthInteger>(_ field: JournalField, _: Number.Type = Number.self) -> Number? {
        values[field].flatMap { Number($0) }
    }
}
