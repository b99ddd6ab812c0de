public import EventModel

/// The parsers of what `journalctl` and `systemctl` print, for whoever feeds them anything at all.
public enum SystemdText {
    /// A line of `journalctl -o json`; nil where it is none, or is of no use.
    @discardableResult
    public static func readJournalLine(_ line: ArraySlice<UInt8>) -> JournalEntry? {
        guard let fields = JournalLine.parse(line) else { return nil }
        _ = fields[.cursor].map { JournalCursor($0) }
        return JournalEntry(fields) { _ in true }
    }

    /// What the text of a unit file says of memory in that section.
    public static func readUnitFile(_ text: ArraySlice<UInt8>, section: String) -> MemorySettings {
        UnitFileText.settings(text, section: section)
    }

    /// The output of `systemctl show`.
    @discardableResult
    public static func readShownUnits(_ text: ArraySlice<UInt8>) -> [UnitState] {
        ShowOutput.units(text).map { name, properties in
            var reading = UnitReading(UnitID(manager: .system, name: name))
            for (key, value) in properties { reading.apply(key, value) }
            return reading.finished(.seconds(0), before: nil) { ProcessKey(pid: $0, start: .zero) }
        }
    }
}
