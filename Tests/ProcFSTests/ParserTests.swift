import EventModel
import Testing

@testable import ProcFS

@Suite struct ProcessStatusTests {
    @Test func captured() throws {
        let status = try #require(ProcessStatus(parsing: try Fixture.bytes("status")))
        #expect(status.threadGroup == 12015)
        #expect(status.uid == 0)
        #expect(status.innerPID == 1)
    }

    @Test(arguments: [
        ("Tgid:\t7\nUid:\t1000\t0\t0\t0\nNSpid:\t7\n", 1000, nil as Int32?),
        ("Name:\tUid:\\nTgid:\nTgid:\t7\nUid:\t5\t0\t0\t0\nUid:\t6\n", 5, nil),
        ("Tgid:\t7\nUid:\t4294967295\nNSpid:\t7\t7\t1\n", .max, 1),
        ("Tgid:\t7\nUid:\t1\nNSpid:\t7\tx\n", 1, nil),
    ])
    func wellFormed(text: String, uid: UInt32, innerPID: Int32?) throws {
        let status = try #require(ProcessStatus(parsing: text.bytes))
        #expect(status.threadGroup == 7 && status.uid == uid && status.innerPID == innerPID)
    }

    @Test(arguments: [
        "", "\n", ":", "Tgid:\t7\n", "Uid:\t7\n", "Tgid:\t\nUid:\t\n", "Tgid:\t7\nUid:\t12",
        "Tgid:\t7\nUid:\t-1\n",
    ])
    func refused(_ text: String) { #expect(ProcessStatus(parsing: text.bytes) == nil) }

    @Test func damaged() throws { everyDamage(of: try Fixture.bytes("status")) { _ = ProcessStatus(parsing: $0) } }
}

@Suite struct CgroupMembershipTests {
    @Test(arguments: [
        ("0::/system.slice/web.service\n", "/system.slice/web.service", true),
        ("1:name=systemd:/a\n0::/b:c:d\n", "/b:c:d", true),
        ("1:name=systemd:/a\n0::/\n", "/", true),
        ("4:memory:/m\n1:name=systemd:/a\n", "/a", false),
        ("0::/../outside\n", "/../outside", true),
        ("0::/gone (deleted)\n", "/gone (deleted)", true),
        ("0:x:/a\n00::/b\n0::relative\n0::/c\n", "/c", true),
    ])
    func wellFormed(text: String, path: String, isUnified: Bool) {
        #expect(CgroupMembership(parsing: text.bytes) == CgroupMembership(path: path, isUnified: isUnified))
    }

    @Test(arguments: ["", "\n", ":", "::", "0:\n", "0::\n", "0::x\n", "4:memory:/m\n", "0::/cut"])
    func refused(_ text: String) { #expect(CgroupMembership(parsing: text.bytes) == nil) }

    @Test func captured() throws {
        let text = try Fixture.bytes("cgroup")
        #expect(CgroupMembership(parsing: text) == CgroupMembership(path: "/", isUnified: true))
        everyDamage(of: text) { _ = CgroupMembership(parsing: $0) }
    }
}

@Suite struct CommandLineTests {
    @Test func captured() throws {
        let line = CommandLine(parsing: try Fixture.bytes("cmdline"))
        #expect(line.argv.words == ["python3", "/tmp/capture.py", "two words", ""])
        #expect(!line.argv.isTruncated && !line.isCut)
    }

    @Test(arguments: [
        ("", []), ("a\0", ["a"]), ("a", ["a"]), ("\0", [""]), ("a\0\0b\0", ["a", "", "b"]),
        ("nginx: master\0\0\0\0\0\0\0\0\0", ["nginx: master"]), ("\0\0\0\0\0\0\0\0", []),
    ])
    func words(text: String, words: [String]) { #expect(CommandLine(parsing: text.bytes).argv.words == words) }

    @Test(arguments: [0, 1, 1535, 1536, 1537, 2047, 2048, 2049, 100_000])
    func lengths(_ count: Int) {
        let bytes = (0..<count).map { UInt8($0 % 251 + 1) }
        let argv = CommandLine(parsing: bytes[...]).argv
        #expect(argv.totalBytes == count)
        #expect(argv.head == Array(bytes.prefix(1536)))
        #expect(argv.isTruncated == (count > 2048))
        #expect(argv.tail == Array(bytes.dropFirst(1536).suffix(512)))
    }

    @Test func cut() {
        let argv = CommandLine(parsing: [UInt8](repeating: 65, count: 4096)[...], isCut: true).argv
        #expect(argv.isTruncated && argv.tail.isEmpty && argv.totalBytes == 4097)
    }
}

@Suite struct EnvironmentMarkersTests {
    static let patterns: MarkerPatterns = ["CLAUDECODE", "CLAUDE_*", "EMPTY"]

    @Test func captured() throws {
        let found = EnvironmentMarkers(parsing: try Fixture.bytes("environ"), patterns: Self.patterns)
        #expect(!found.isIncomplete)
        #expect(
            found.markers == [
                EnvironmentMarker(name: "CLAUDECODE", value: "1"),
                EnvironmentMarker(name: "CLAUDE_CODE_ENTRYPOINT", value: "cli"),
            ])
        everyDamage(of: try Fixture.bytes("environ")) { _ = EnvironmentMarkers(parsing: $0, patterns: Self.patterns) }
    }

    @Test(arguments: [
        ("", []), ("\0\0", []), ("=\0=x\0", []), ("CLAUDECODE\0", []),
        ("XCLAUDECODE=1\0CLAUDECODE2=1\0claudecode=1\0", []),
        ("EMPTY=\0", ["EMPTY="]), ("CLAUDE_=a=b\0", ["CLAUDE_=a=b"]), ("A=1\0EMPTY=x", ["EMPTY=x"]),
        ("SECRET=CLAUDE_A=1\0", []), ("A=1\nCLAUDE_X=2\0", []),
    ])
    func whitelist(text: String, expected: [String]) {
        let found = EnvironmentMarkers(parsing: text.bytes, patterns: Self.patterns)
        #expect(found.markers.map { $0.name + "=" + $0.value } == expected)
    }

    @Test func clipped() {
        for value in [String(repeating: "v", count: 1000), String(repeating: "\u{20ac}", count: 1000)] {
            let found = EnvironmentMarkers(parsing: "CLAUDECODE=\(value)\0".bytes, patterns: Self.patterns)
            let marker = found.markers.first
            #expect((116...118).contains(marker?.value.utf8.count ?? 0))
            #expect(value.hasPrefix(marker?.value ?? "?"))
        }
        let noText = Array("CLAUDECODE=".utf8) + [UInt8](repeating: 0xff, count: 1000)
        let marker = EnvironmentMarkers(parsing: noText[...], patterns: Self.patterns).markers.first
        #expect((marker?.value.utf8.count ?? .max) <= 118)
    }

    @Test func manyAreCutAndSaidSo() {
        let text = (0..<5000).map { "CLAUDE_\($0)=x\0" }.joined()
        let found = EnvironmentMarkers(parsing: text.bytes, patterns: Self.patterns)
        #expect(found.isIncomplete)
        #expect(found.markers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 2 } <= 512)
    }

    /// The last variable of a cut text may be cut itself.
    @Test func cutFile() {
        let found = EnvironmentMarkers(parsing: "CLAUDE_A=1\0CLAUDE_B=tr".bytes, patterns: Self.patterns, isCut: true)
        #expect(found.isIncomplete)
        #expect(found.markers.map(\.name) == ["CLAUDE_A"])
    }
}

@Suite struct HostIdentifierTests {
    @Test func captured() throws {
        let boot = try Fixture.bytes("boot_id")
        #expect(HostIdentifier.bootID(parsing: boot) == "1204657e-17ea-48d3-b6dd-4ce65d996f9c")
        let machine = try Fixture.bytes("machine-id")
        #expect(HostIdentifier.machineID(parsing: machine) == "0123456789abcdef0123456789abcdef")
        everyDamage(of: boot) {
            _ = HostIdentifier.bootID(parsing: $0)
            _ = HostIdentifier.machineID(parsing: $0)
        }
    }

    @Test(arguments: [
        "", "\n", "uninitialized\n", "0123456789abcdef0123456789abcde\n", "0123456789abcdef0123456789abcdeg\n",
    ])
    func refused(_ text: String) {
        #expect(HostIdentifier.machineID(parsing: text.bytes) == nil)
        #expect(HostIdentifier.bootID(parsing: text.bytes) == nil)
    }
}

@Suite struct PressureTests {
    @Test func wellFormed() throws {
        let text =
            "some avg10=1.23 avg60=0.00 avg300=100.00 total=18446744073709551615\n"
            + "full avg10=0.07 avg60=0.00 avg300=0.00 total=5\n"
        let pressure = try #require(Pressure(parsing: text.bytes))
        #expect(pressure.some == Pressure.Share(average10: 123, average60: 0, average300: 10_000, total: .max))
        #expect(pressure.full == Pressure.Share(average10: 7, average60: 0, average300: 0, total: 5))
        #expect(Pressure(parsing: "some avg10=0.00 avg60=0.00 avg300=0.00 new=x total=1\n".bytes)?.full == nil)
    }

    @Test(arguments: [
        "", "\n", "some\n", "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
        "some avg10=0.00 avg60=0.00 avg300=0.00 total=0", "some avg10=nan avg60=0.00 avg300=0.00 total=0\n",
        "some avg10=-1.00 avg60=0.00 avg300=0.00 total=0\n", "some avg10=0.0 avg60=0.00 avg300=0.00 total=0\n",
        "some avg10=99999999.00 avg60=0.00 avg300=0.00 total=0\n", "some avg10=.00 avg60=0.00 avg300=0.00 total=0\n",
    ])
    func refused(_ text: String) { #expect(Pressure(parsing: text.bytes) == nil) }

    @Test func captured() throws {
        let text = try Fixture.bytes("pressure")
        #expect(Pressure(parsing: text)?.full?.total == 0)
        everyDamage(of: text) { _ = Pressure(parsing: $0) }
    }
}

@Suite struct SocketTableTests {
    @Test(arguments: [
        ("tcp", Endpoint.Transport.tcp, ["127.0.0.1:8080", "127.0.0.1:43750", "127.0.0.1:8080"], [10, 1, 1]),
        ("tcp6", .tcp, ["[::1]:8080"], [10]), ("udp", .udp, ["127.0.0.1:8080"], [7]),
        ("udp6", .udp, ["[::1]:8080"], [7]),
    ])
    func captured(name: String, transport: Endpoint.Transport, addresses: [String], states: [UInt8]) throws {
        let text = try Fixture.bytes(name)
        let table = SocketTable(parsing: text, transport: transport, networkNamespace: 9)
        #expect(table.malformed == 0)
        #expect(table.rows.map(\.local.description) == addresses)
        #expect(table.rows.map(\.state) == states)
        #expect(table.rows.allSatisfy { $0.local.transport == transport && $0.local.networkNamespace == 9 })
        everyDamage(of: text) { _ = SocketTable(parsing: $0, transport: transport) }
    }

    @Test func inodes() throws {
        let rows = SocketTable(parsing: try Fixture.bytes("tcp"), transport: .tcp).rows
        #expect(rows.map(\.inode) == [62484, 62488, 0])
    }

    @Test func malformedLinesAreCounted() {
        let text =
            "heading\n x\n 0: 0100007F:1F90 0:0 0A 0 0 0 0 0\n"
            + " 0: 0100007F:11F90 0:0 0A 0 0 0 0 0 5\n 0: zz:1 0:0 0A\n\n"
        let table = SocketTable(parsing: text.bytes, transport: .tcp)
        #expect(table.rows.isEmpty)
        #expect(table.malformed == 4)
    }
}
