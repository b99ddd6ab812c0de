import EventModel
import Glibc

/// How far the daemon got, in a small file that outlives it: from it the next one knows what nobody recorded, and where
/// to go on reading the journal.
struct AliveMark: Hashable {
    var bootID: String
    /// All that happened before was judged, and its incidents are in the store.
    var until: BootTime
    /// It ended as it was told to.
    var isClean: Bool
    /// Where the journal was; nil where it is not read.
    var journalCursor: String?

    private static let longest = 4096

    /// Nil where there is none, or none that makes sense.
    init?(path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.longest)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        self.init(parsing: String(decoding: bytes[..<count], as: UTF8.self))
    }

    init(bootID: String, until: BootTime, isClean: Bool, journalCursor: String? = nil) {
        self.bootID = bootID
        self.until = until
        self.isClean = isClean
        self.journalCursor = journalCursor
    }

    /// `NAME=VALUE`, one a line; names that are not known are left out.
    init?(parsing text: String) {
        var values: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        guard let boot = values["boot_id"], let until = values["until_ns"].flatMap({ UInt64($0) }) else { return nil }
        bootID = String(boot)
        self.until = BootTime(nanoseconds: until)
        isClean = values["clean"] == "1"
        journalCursor = values["journal_cursor"].map(String.init)
    }

    var text: String {
        let cursor = journalCursor.map { "journal_cursor=\($0)\n" } ?? ""
        return "boot_id=\(bootID)\nuntil_ns=\(until.nanoseconds)\nclean=\(isClean ? 1 : 0)\n\(cursor)"
    }

    /// Replaces the file as a whole: who is killed in between leaves the old one or the new one.
    func write(to path: String) throws(SystemCallError) {
        let new = path + ".new"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0o600)
        guard descriptor >= 0 else { throw SystemCallError(call: "open", object: new, errno: errno) }
        let bytes = Array(text.utf8)
        let count = Glibc.write(descriptor, bytes, bytes.count)
        let error = count == bytes.count ? 0 : count < 0 ? errno : ENOSPC
        close(descriptor)
        guard error == 0 else { throw SystemCallError(call: "write", object: new, errno: error) }
        guard rename(new, path) == 0 else { throw SystemCallError(call: "rename", object: path, errno: errno) }
    }

    /// The time for which nobody can say what happened, seen from a daemon that began at `start`; nil after a boot, for
    /// then nothing of before is left that it could have happened to.
    func gap(bootID: String, start: BootTime) -> Gap? {
        guard self.bootID == bootID, until < start else { return nil }
        let why = isClean ? "the daemon was stopped" : "the daemon had died"
        return Gap(source: "daemon", from: until, to: start, lost: 0, why: "\(why): nothing was recorded")
    }
}
