/// One entry of the journal, as far as it bears on units, kills and crashes; its event's time is the entry's own.
///
/// Anybody may log any field whose name does not start with `_` (systemd.journal-fields(7)): what it says of a unit counts
/// as the manager's word only where `writer` says that the manager wrote it.
public struct JournalEntry: Hashable, Sendable {
    /// Who wrote it, from the fields that journald itself adds.
    public enum Writer: Hashable, Sendable {
        case manager(ManagerScope)
        case kernel
        /// journald itself, or a part of systemd that runs as root: coredump, oomd, logind.
        case component(String)
        case other
    }

    public var writer: Writer
    /// Of the writer, in the collector's pid namespace; a bare pid, which links nothing by itself.
    public var writerPID: Int32?
    /// 32 hex digits, lower case; nil for an entry without one.
    public var messageID: String?
    public var message: String
    /// SYSLOG_IDENTIFIER, or the writer's comm.
    public var identifier: String?
    /// 0 (emergency) to 7 (debug).
    public var priority: UInt8?
    /// The unit that it is about where a manager or a component wrote it; else the unit that its writer belongs to.
    public var unit: UnitID?
    /// Invocation of `unit` that it is about, 32 hex digits.
    public var invocation: String?
    /// Further fields of those that are kept (JOB_ID, JOB_TYPE, JOB_RESULT, N_RESTARTS, EXIT_CODE, EXIT_STATUS,
    /// UNIT_RESULT, COREDUMP_PID, ...), in the order of their names.
    public var fields: [Field]

    public struct Field: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public init(
        writer: Writer, writerPID: Int32? = nil, messageID: String? = nil, message: String, identifier: String? = nil,
        priority: UInt8? = nil, unit: UnitID? = nil, invocation: String? = nil, fields: [Field] = []
    ) {
        self.writer = writer
        self.writerPID = writerPID
        self.messageID = messageID
        self.message = message
        self.identifier = identifier
        self.priority = priority
        self.unit = unit
        self.invocation = invocation
        self.fields = fields
    }

    public subscript(field: String) -> String? { fields.first { $0.name == field }?.value }
}
