public import EventModel

/// What a service manager logs of its units, by message id (sd-messages.h, the same in systemd 252 to 257).
public enum ManagerEntry: String, Sendable {
    /// The job started to start it.
    case starting = "7d4958e842da4a758f6c1cdc7b36dcc5"
    /// The start job is done; of a oneshot, which has ended by then, as well.
    case started = "39f53479d3a045ac8e11786248231fbf"
    /// The start job failed.
    case startFailed = "be02cf6855d2428ba40df7e9d022f03d"
    case stopping = "de5b426a63be47a7b6ac3eaac82e2f6f"
    /// The stop job is done, whatever became of the unit.
    case stopped = "9d1aaa27d60140bd96365438aad20286"
    case restartScheduled = "5eb03494b6584870a536b337290809b3"
    /// It was deactivated without a failure. At debug level, so absent, for user managers since 249.
    case deactivated = "7ad2d189f7e94e70a38c781354912448"
    case failed = "d9b373ed55a64feb8242e02dbe79a49c"
    /// How a process of it ended; at debug level, so absent, when the end counts as clean.
    case processExit = "98e322203f7a4ed290d09fe03c09fe15"

    /// Nil for what the manager of that unit did not write itself: anybody may log any field.
    public init?(_ entry: JournalEntry) {
        guard let unit = entry.unit, entry.writer == .manager(unit.manager), let id = entry.messageID else {
            return nil
        }
        self.init(rawValue: id)
    }
}

extension JournalEntry {
    /// JOB_ID.
    public var jobID: UInt32? { self["JOB_ID"].flatMap { UInt32($0) } }

    /// EXIT_CODE (`exited`, `killed`, `dumped`) and EXIT_STATUS (a number, or a signal's name without SIG).
    var exitStatus: ExitStatus? {
        guard let code = self["EXIT_CODE"], let status = self["EXIT_STATUS"] else { return nil }
        switch code {
        case "exited": return UInt8(status).map { .code($0) }
        case "killed": return Signal(status).map { .signal($0) }
        case "dumped": return Signal(status).map { .signal($0, coreDumped: true) }
        default: return nil
        }
    }
}

extension Signal {
    /// A number or a name, with or without SIG.
    fileprivate init?(_ text: String) {
        if let number = Int32(text), (1...64).contains(number) {
            self.init(rawValue: number)
            return
        }
        let name = text.hasPrefix("SIG") ? text : "SIG" + text
        guard let found = (1...64).map({ Signal(rawValue: $0) }).first(where: { $0.name == name }) else { return nil }
        self = found
    }
}
