internal import EventModel

/// What the files of units in the watched directories say of memory, as they were read last. Files that say nothing of it
/// take no room.
struct UnitFileMemory {
    private var said: [String: MemorySettings] = [:]
    /// Directories of which each file is known, but those in `unread`.
    private var folders: Set<String> = []
    private var unread: Set<String> = []
    /// Most files and directories of each kind.
    private let capacity: Int

    init(capacity: Int = 4096) { self.capacity = capacity }

    /// Nothing of what was read is known any more.
    mutating func forget() { self = UnitFileMemory(capacity: capacity) }

    /// A directory that came, or went: what lay at its paths is not there.
    mutating func emptied(_ folder: String) {
        said = said.filter { Self.folder(of: $0.key) != folder }
        unread = unread.filter { Self.folder(of: $0) != folder }
        complete(folder)
    }

    /// All that is there was read, or told of as unread.
    mutating func complete(_ folder: String) {
        guard folders.count < capacity else { return }
        folders.insert(folder)
    }

    /// What was known of the file until now; nil where it was not.
    mutating func learn(_ path: String, _ settings: MemorySettings?) -> MemorySettings? {
        let before = said[path] ?? (isKnown(path) ? MemorySettings() : nil)
        said[path] = nil
        unread.remove(path)
        guard let settings else {
            if unread.count < capacity { unread.insert(path) } else { folders.remove(Self.folder(of: path)) }
            return before
        }
        guard settings != MemorySettings() else { return before }
        if said.count < capacity { said[path] = settings } else { folders.remove(Self.folder(of: path)) }
        return before
    }

    private func isKnown(_ path: String) -> Bool { !unread.contains(path) && folders.contains(Self.folder(of: path)) }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
}
