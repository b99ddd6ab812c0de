import EventModel

// What the manager's own entries mean, by their message ids (sd-messages.h, systemd 252 to 257).
extension JournalEntry {
    enum Meaning: String {
        case stopping = "de5b426a63be47a7b6ac3eaac82e2f6f"
        case restartScheduled = "5eb03494b6584870a536b337290809b3"
        case failed = "d9b373ed55a64feb8242e02dbe79a49c"
    }

    /// Nil where it is another entry, or where somebody else than the unit's own manager wrote it.
    func meaning(for unit: UnitID) -> Meaning? {
        guard self.unit == unit, writer == .manager(unit.manager) else { return nil }
        return messageID.flatMap(Meaning.init(rawValue:))
    }

    var jobID: UInt32? { self["JOB_ID"].flatMap { UInt32($0) } }
}
