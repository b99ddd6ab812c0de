import EventModel
import Testing

@testable import SystemdState

/// Whose word an entry is, and what is kept of it.
@Suite struct JournalEntryTests {
    @Test func allMessagesOfADeathAreKept() throws {
        let web = UnitID(manager: .system, name: "web.service")
        let stopping = try Fixture.entry("de5b426a63be47a7b6ac3eaac82e2f6f")
        #expect(stopping.writer == .manager(.system) && stopping.unit == web)
        #expect(stopping["JOB_TYPE"] == "stop" && stopping["JOB_ID"] == "124")
        let restart = try Fixture.entry("5eb03494b6584870a536b337290809b3")
        #expect(restart["N_RESTARTS"] == "1")
        let exited = try Fixture.entry("98e322203f7a4ed290d09fe03c09fe15")
        #expect(exited.invocation == "d85c88c6a8094caa995419cdafe1a0a4")
        #expect(exited["EXIT_CODE"] == "killed" && exited["EXIT_STATUS"] == "11")
        #expect(exited.writerPID == 1 && exited.priority == 4 && exited.identifier == "systemd")
        #expect(try Fixture.entry("d9b373ed55a64feb8242e02dbe79a49c")["UNIT_RESULT"] == "signal")
        #expect(exited.fields.map(\.name) == exited.fields.map(\.name).sorted())
    }

    @Test func aUserManagersWordIsAboutItsOwnUnits() throws {
        let entry = try Fixture.entry("de5b426a63be47a7b6ac3eaac82e2f6f", unit: "dbus.service")
        #expect(entry.writer == .manager(.user(1000)))
        #expect(entry.unit == UnitID(manager: .user(1000), name: "dbus.service"))
        #expect(entry.invocation?.count == 32)
    }

    @Test func noForgedEntryIsTakenForAManagers() throws {
        let forged = try Fixture.journal().filter { $0[.message]?.contains("status=9/KILL") == true }
        #expect(forged.count == 3)
        for fields in forged {
            #expect(JournalEntry.writer(fields) == .other)
            #expect(JournalEntry(fields, isWatched: { _ in false }) == nil)
        }
        #expect(forged.contains { $0[.writerUserUnit] == "init.scope" }, "the case of a cgroup named like a manager's")
    }

    @Test func anOwnLineSaysNothingOfOtherUnits() throws {
        let forged = try #require(try Fixture.journal().first { $0[.writerUnit] == "forger.service" })
        let entry = try #require(JournalEntry(forged) { $0.name == "forger.service" })
        #expect(entry.writer == .other && entry.unit?.name == "forger.service" && entry.fields.isEmpty)
    }

    @Test func bytesThatAreNoTextAreKept() throws {
        let entry = try #require(try Fixture.journal().first { $0[.message]?.hasPrefix("binary") == true })
        #expect(entry[.message] == "binary \u{FFFD}\u{FFFD}\nand \"two\" lines\0")
        let kept = JournalEntry(entry) { _ in true }
        #expect(kept == nil || kept?.messageID == "de5b426a63be47a7b6ac3eaac82e2f6f")
    }

    @Test(
        arguments: [
            (["_TRANSPORT": "kernel", "SYSLOG_FACILITY": "0"], JournalEntry.Writer.kernel),
            // What root writes to /dev/kmsg, whatever name it takes there.
            (["_TRANSPORT": "kernel", "SYSLOG_FACILITY": "1", "SYSLOG_IDENTIFIER": "kernel"], .other),
            (["_TRANSPORT": "driver", "_PID": "56"], .component("journald")),
            (["_PID": "77", "_SYSTEMD_UNIT": "systemd-oomd.service"], .component("oomd")),
            (["_PID": "77", "_SYSTEMD_UNIT": "systemd-coredump@0-12-0.service"], .component("coredump")),
            (["_PID": "77", "_SYSTEMD_UNIT": "my-systemd-oomd.service"], .other),
            (["_PID": "77", "SYSLOG_IDENTIFIER": "systemd", "UNIT": "web.service"], .other),
            (["_PID": "11", "_SYSTEMD_UNIT": "init.scope"], .other),
        ] as [([String: String], JournalEntry.Writer)])
    func writer(_ fields: [String: String], _ expected: JournalEntry.Writer) {
        #expect(JournalEntry.writer(JournalFields(fields)) == expected)
    }

    @Test func aKernelsLineIsKeptWhereItIsAboutAKill() {
        let kernel: (String) -> JournalEntry? = { message in
            JournalEntry(
                JournalFields(["_TRANSPORT": "kernel", "SYSLOG_FACILITY": "0", "MESSAGE": message]),
                isWatched: { _ in true })
        }
        #expect(kernel("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)") != nil)
        #expect(kernel("Memory cgroup out of memory: Killed process 4711 (node) total-vm:1kB") != nil)
        #expect(kernel("web[4711]: segfault at 0 ip 0000 sp 0000 error 4 in web[0+1]") != nil)
        #expect(kernel("eth0: link becomes ready") == nil)
        #expect(kernel("") == nil)
    }

    @Test func aCoredumpIsAboutTheUnitOfTheDead() {
        let entry = JournalEntry(
            JournalFields([
                "_SYSTEMD_UNIT": "systemd-coredump@0-12-0.service", "_UID": "0",
                "MESSAGE_ID": "FC2E22BC6EE647B6B90729AB34A250B1", "COREDUMP_UNIT": "user@1000.service",
                "COREDUMP_USER_UNIT": "web.service", "COREDUMP_OWNER_UID": "1000", "COREDUMP_PID": "4711",
                "COREDUMP_CMDLINE": "web --token=x", "MESSAGE": "Process 4711 (web) of user 1000 dumped core.",
            ]), isWatched: { _ in false })
        #expect(entry?.unit == UnitID(manager: .user(1000), name: "web.service"))
        #expect(entry?["COREDUMP_PID"] == "4711" && entry?["COREDUMP_CMDLINE"] == nil)
        #expect(entry?.messageID == "fc2e22bc6ee647b6b90729ab34a250b1")
    }

    @Test func longMessagesAreCutBetweenCharacters() {
        let fields = JournalFields(["MESSAGE": String(repeating: "ü", count: 5000)])
        let text = fields[.message] ?? ""
        #expect(text.utf8.count <= 4096 && text.utf8.count > 4080 && text.hasSuffix("ü…"))
    }
}
