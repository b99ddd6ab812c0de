import EventModel
import Glibc
import Testing

@testable import Daemon

@Suite struct AliveMarkTests {
    private let mark = AliveMark(
        bootID: "b-1", until: BootTime(nanoseconds: 5), isClean: false, journalCursor: "s=1;i=2")

    @Test func textAndBack() {
        #expect(AliveMark(parsing: mark.text) == mark)
        let clean = AliveMark(bootID: "b", until: .zero, isClean: true)
        #expect(AliveMark(parsing: clean.text) == clean)
    }

    @Test func whatALaterVersionAddsIsLeftOut() {
        #expect(AliveMark(parsing: "later=1\n" + mark.text + "more\n=\n") == mark)
    }

    @Test(arguments: [
        "", "\n", "boot_id=b", "until_ns=5", "boot_id=b\nuntil_ns=-1", "boot_id=b\nuntil_ns=x", "\u{fffd}",
    ])
    func noMark(_ text: String) { #expect(AliveMark(parsing: text) == nil) }

    /// Only within one boot, and only for time that has passed.
    @Test func gaps() {
        let start = BootTime(nanoseconds: 9)
        #expect(
            mark.gap(bootID: "b-1", start: start)
                == Gap(
                    source: "daemon", from: BootTime(nanoseconds: 5), to: start, lost: 0,
                    why: "the daemon had died: nothing was recorded"))
        #expect(mark.gap(bootID: "b-2", start: start) == nil)
        #expect(mark.gap(bootID: "b-1", start: BootTime(nanoseconds: 5)) == nil)
        let clean = AliveMark(bootID: "b-1", until: .zero, isClean: true)
        #expect(clean.gap(bootID: "b-1", start: start)?.why == "the daemon was stopped: nothing was recorded")
    }

    @Test func onDisk() throws {
        var template = Array("/tmp/culprit-mark-XXXXXX".utf8CString)
        let directory = String(cString: try #require(mkdtemp(&template)))
        let path = directory + "/alive"
        defer {
            for name in ["alive", "alive.new"] { unlink("\(directory)/\(name)") }
            rmdir(directory)
        }
        #expect(AliveMark(path: path) == nil)
        try mark.write(to: path)
        #expect(AliveMark(path: path) == mark)
        #expect(access(path + ".new", F_OK) != 0)
        #expect(throws: SystemCallError.self) { try mark.write(to: directory + "/no/such") }
        // One that was not written to its end is none; a link to somewhere else is not followed.
        truncate(path, 10)
        #expect(AliveMark(path: path) == nil)
        unlink(path)
        symlink("/etc/passwd", path)
        #expect(AliveMark(path: path) == nil)
    }
}
