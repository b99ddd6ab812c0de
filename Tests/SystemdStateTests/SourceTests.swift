import EventModel
import Glibc
import ProcFS
import Testing

@testable import SystemdState

/// The whole source, where there is nothing to read.
@Suite struct SourceTests {
    private let now = BootTime(nanoseconds: 1_000_000_000_000)
    private let boot = "9c454b71-d2c9-4707-9195-82b337569218"

    private func settings(library: String) -> SystemdSource.Settings {
        var settings = SystemdSource.Settings { _ in true }
        settings.library = library
        settings.run = "/nonexistent"
        settings.journalDirectory = "/nonexistent"
        return settings
    }

    @Test func withoutSystemdItSaysSo() throws {
        let source = try SystemdSource(settings(library: "libsystemd.so.0"), boot: boot, at: now)
        let events = source.poll(at: now)
        #expect(source.isSettled && source.cursor == nil)
        // Files of units may be there without a manager.
        let statuses = source.statuses.filter { $0.name != Gap.unitFiles }
        #expect(statuses.map(\.name) == ["systemd", "journal"])
        #expect(statuses.allSatisfy { $0.state == .missing && !$0.why.isEmpty })
        #expect(events.count == 3)
        #expect(source.poll(at: now + .milliseconds(1)).isEmpty, "statuses are told once")
    }

    @Test func withoutTheLibraryItSaysWhich() throws {
        let source = try SystemdSource(settings(library: "libnothing.so.9"), boot: boot, at: now)
        let end = ProcFS.boottimeNow() + .seconds(120)
        while !source.isSettled, ProcFS.boottimeNow() < end {
            _ = source.poll(at: now)
            usleep(10_000)
        }
        #expect(source.isSettled)
        for status in source.statuses where status.name != Gap.unitFiles {
            #expect(status.why.contains("libnothing.so.9"))
        }
    }

    @Test func aFunctionThatIsMissingIsNamed() throws {
        #expect(throws: LibraryMissing(why: "it has no sd_journal_open")) { try SystemdLibrary("libc.so.6") }
    }

    @Test func theBellRings() throws {
        let set = try WaitSet()
        var wait = pollfd(fd: set.descriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&wait, 1, 0) == 0)
        set.ring(true)
        set.ring(true)
        #expect(poll(&wait, 1, 0) == 1)
        set.ring(false)
        #expect(poll(&wait, 1, 0) == 0)
    }

    @Test func aCommandsOutputIsReadWithoutWaiting() throws {
        let child = try ChildOutput(["sh", "-c", "echo $GREETING; sleep 100"], environment: ["GREETING": "hello"])
        var bytes: [UInt8] = []
        var wait = pollfd(fd: child.descriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&wait, 1, 120_000) == 1)
        #expect(child.read(into: &bytes, limit: 100))
        #expect(bytes == Array("hello\n".utf8) && !child.hasEnded)
        #expect(throws: SystemCallError.self) { try ChildOutput(["/nonexistent/program"]) }
    }
}
