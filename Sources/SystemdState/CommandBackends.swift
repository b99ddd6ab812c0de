internal import EventModel

/// The two ways that need nothing but systemd's own programs.
enum CommandBackends {
    static func make(
        _ settings: SystemdSource.Settings, boot: String, missing: String, at now: BootTime,
        process: @escaping (Int32) -> ProcessKey?
    ) -> (managers: ShowPoller, journal: JournalCommand) {
        let managers = ShowPoller(root: settings.run, missing: missing, at: now, process: process)
        let journal = JournalCommand(
            boot: boot, cursor: settings.cursor.flatMap { JournalCursor($0) }, lookBack: settings.lookBack,
            missing: missing, at: now, directory: settings.journalDirectory, isWatched: settings.isWatched)
        return (managers, journal)
    }
}
