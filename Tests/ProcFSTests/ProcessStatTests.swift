import EventModel
import Testing

@testable import ProcFS

@Suite struct ProcessStatTests {
    static let line =
        "1 (systemd) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 29 18 3 18446744073709551615 94 95 77 0 0 0 671173123"
        + " 4096 1260 1 0 0 17 0 0 0 0 0 0 1 2 3 4 5 6 7 0\n"

    @Test func captured() throws {
        let stat = try #require(ProcessStat(parsing: try Fixture.bytes("stat")))
        #expect(stat.pid == 12015)
        #expect(stat.comm == "a) R 1 (b\n")
        #expect(stat.state == "S")
        #expect(stat.parentPID == 12013)
        #expect(stat.session == 4054)
        #expect(stat.terminal == 0)
        #expect(stat.flags == 4_194_560)
        #expect(stat.threads == 1)
        #expect(stat.startTicks == 267111)
        #expect(stat.residentPages == 2683)
        #expect(stat.startCode == 4_321_280)
        #expect(stat.startStack == 140_723_720_406_080)
        #expect(stat.exitStatus == nil)
        #expect(!stat.isKernelThread && !stat.hasEnded && !stat.isLeaderExiting)
        #expect(stat.key == ProcessKey(pid: 12015, start: BootTime(nanoseconds: 2_671_110_000_000)))
    }

    @Test(arguments: [
        "systemd", "", " ", "(", ")", "()", ") R 1 (", "a b", "a\nb", "12 (x) S 3", "\u{1b}[31m",
    ])
    func names(_ comm: String) throws {
        let stat = try #require(ProcessStat(parsing: Self.line.replacing("systemd", with: comm).bytes))
        #expect(stat.comm == comm)
        #expect(stat.parentPID == 0 && stat.startTicks == 29 && stat.startStack == 77)
    }

    @Test func nameThatIsNoText() throws {
        let text = Array(Self.line.utf8).map { $0 == UInt8(ascii: "y") ? 0xff : $0 }
        #expect(ProcessStat(parsing: text[...])?.comm == "s\u{fffd}stemd")
    }

    @Test(arguments: [
        "", "\n", "1\n", "()\n", ")(\n", "1 (a\n", "1 a) S\n", "1 (a)\n", "1 (a) S\n", "x (a) S 0 1 1 0 -1 0\n",
        line.replacing(" S ", with: " SS "), line.replacing(" S ", with: " "), line.replacing(" 29 ", with: " x "),
        line.replacing(" 29 ", with: " -29 "), line.replacing(" 29 ", with: " 18446744073709551616 "),
        line.replacing("1 (", with: "99999999999 ("), line.replacing(" 29 ", with: "  "),
        String(line.dropLast()),
    ])
    func refused(_ text: String) { #expect(ProcessStat(parsing: text.bytes) == nil) }

    @Test func noBeginningOfItIsTaken() throws {
        let text = try Fixture.bytes("stat")
        for count in 0..<text.count {
            // A newline in the name ends a beginning too, but then its fields are missing.
            #expect(ProcessStat(parsing: text.prefix(count)) == nil)
        }
        everyDamage(of: text) { _ = ProcessStat(parsing: $0) }
    }

    @Test func hugeNumbers() throws {
        let text = Self.line.replacing(" 29 ", with: " 18446744073709551615 ")
        let stat = try #require(ProcessStat(parsing: text.bytes))
        #expect(stat.startTicks == .max)
        #expect(stat.key.pid == 1)
    }

    @Test func kernelThread() {
        let text = Self.line.replacing("4194560", with: "2129984")
        #expect(ProcessStat(parsing: text.bytes)?.isKernelThread == true)
    }

    /// The status of a process that ended is shown as 0 to a reader without permission, and then is unknown.
    @Test(arguments: [
        (mayLook: "1", status: "768", expected: EventModel.ExitStatus.code(3)), ("1", "0", .code(0)), ("0", "0", nil),
        ("0", "9", .signal(.kill)), ("1", "139", .signal(.segmentation, coreDumped: true)),
    ])
    func statusOfTheDead(mayLook: String, status: String, expected: EventModel.ExitStatus?) {
        let text = Self.line.replacing(") S ", with: ") Z ").replacing(" 1260 1 ", with: " 1260 \(mayLook) ")
            .replacing(" 7 0\n", with: " 7 \(status)\n")
        #expect(ProcessStat(parsing: text.bytes)?.exitStatus == expected)
        #expect(ProcessStat(parsing: text.bytes)?.hasEnded == true)
    }

    @Test func deadLeaderWithLivingThreads() throws {
        let text = Self.line.replacing(") S ", with: ") Z ").replacing(" 20 0 1 0 29", with: " 20 0 2 0 29")
        let stat = try #require(ProcessStat(parsing: text.bytes))
        #expect(stat.isLeaderExiting && !stat.hasEnded && stat.exitStatus == nil)
    }
}
