import EventModel
import Testing

@Suite struct VocabularyTests {
    @Test(
        arguments: [
            (0, 0, nil, false, true), (768, 3, nil, false, false), (0xff00, 255, nil, false, false),
            (9, nil, 9, false, false),
            (15, nil, 15, false, false), (0x8b, nil, 11, true, false), (0x86, nil, 6, true, false),
            (64, nil, 64, false, false),
        ] as [(UInt32, Int32?, Int32?, Bool, Bool)])
    func exitStatus(_ raw: UInt32, _ code: Int32?, _ signal: Int32?, _ core: Bool, _ success: Bool) {
        let status = ExitStatus(rawValue: raw)
        #expect(status.code == code)
        #expect(status.signal?.rawValue == signal)
        #expect(status.coreDumped == core)
        #expect(status.isSuccess == success)
    }

    @Test func exitStatusThereAndBack() {
        #expect(ExitStatus.code(3).rawValue == 768)
        #expect(ExitStatus.signal(.segmentation, coreDumped: true).rawValue == 0x8b)
        #expect(ExitStatus.signal(.kill) == ExitStatus(rawValue: 9))
    }

    @Test(
        arguments: [
            (1, "SIGHUP"), (6, "SIGABRT"), (9, "SIGKILL"), (11, "SIGSEGV"), (15, "SIGTERM"), (16, "SIGSTKFLT"),
            (17, "SIGCHLD"),
            (19, "SIGSTOP"), (31, "SIGSYS"), (32, "signal 32"), (33, "signal 33"), (34, "SIGRTMIN"), (37, "SIGRTMIN+3"),
            (64, "SIGRTMIN+30"), (65, "signal 65"), (0, "signal 0"), (-1, "signal -1"), (.max, "signal 2147483647"),
            (.min, "signal -2147483648"),
        ] as [(Int32, String)])
    func signalNames(_ number: Int32, _ name: String) { #expect(Signal(rawValue: number).name == name) }

    @Test func whatSignalsDo() {
        #expect((1...64).filter { Signal(rawValue: $0).asksToEnd } == [1, 2, 3, 15])
        #expect((1...64).filter { Signal(rawValue: $0).stops } == [19, 20, 21, 22])
    }

    @Test(
        arguments: [
            (0, "SI_USER"), (-1, "SI_QUEUE"), (-2, "SI_TIMER"), (-6, "SI_TKILL"), (0x80, "SI_KERNEL"), (1, "fault 1"),
            (-60, "si_code -60"),
        ] as [(Int32, String)])
    func signalCodes(_ code: Int32, _ name: String) { #expect(SignalCode(rawValue: code).name == name) }

    @Test(
        arguments: [
            ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], "2001:db8::1"), ([0, 0, 0, 0, 0, 0, 0, 0], "::"),
            ([0, 0, 0, 0, 0, 0, 0, 1], "::1"),
            ([1, 0, 0, 0, 0, 0, 0, 0], "1::"), ([0x2001, 0, 0, 1, 0, 0, 0, 1], "2001:0:0:1::1"),
            ([0x2001, 0, 0, 1, 1, 0, 0, 1], "2001::1:1:0:0:1"), ([1, 0, 3, 4, 5, 6, 7, 8], "1:0:3:4:5:6:7:8"),
            ([0xfe80, 0, 0, 0, 0xABCD, 0, 0, 0xf], "fe80::abcd:0:0:f"),
            ([0, 0, 0, 0, 0, 0xffff, 0x7f00, 1], "::ffff:7f00:1"),
        ] as [([UInt16], String)])
    func ipv6(_ groups: [UInt16], _ text: String) {
        let bytes = groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
        #expect(Endpoint(family: .ipv6, address: bytes, port: 80, transport: .tcp).description == "[\(text)]:80")
    }

    @Test func otherEndpoints() {
        #expect(
            Endpoint(family: .ipv4, address: [127, 0, 0, 1], port: 8080, transport: .tcp).description
                == "127.0.0.1:8080")
        for bytes in 0..<18 {
            let endpoint = Endpoint(family: .ipv6, address: .init(repeating: 0, count: bytes), port: 1, transport: .udp)
            #expect(endpoint.isWildcard && endpoint.description.hasSuffix("]:1"))
        }
        #expect(!Endpoint(family: .ipv4, address: [0, 0, 0, 1], port: 1, transport: .tcp).isWildcard)
        #expect(Endpoint.Transport(rawValue: 132).name == "protocol 132")
    }

    @Test(
        arguments: [
            (ArgumentVector(words: ["a", "b c", ""]), ["a", "b c", ""]), (.empty, []),
            (ArgumentVector(words: [""]), [""]),
            (ArgumentVector(head: Array("a\0b".utf8)), ["a", "b"]),
            (ArgumentVector(head: Array("a\0\0b\0".utf8)), ["a", "", "b"]),
            (ArgumentVector(head: Array("a\0".utf8), tail: Array("z\0".utf8), totalBytes: 90), ["a", "…", "z"]),
            (ArgumentVector(head: Array("a\0b".utf8), tail: [], totalBytes: 90), ["a", "b", "…"]),
            (ArgumentVector(head: [], tail: Array("z\0".utf8), totalBytes: 90), ["…", "z"]),
            (ArgumentVector(totalBytes: 9), ["…"]),
            (ArgumentVector(head: Array("a\0b".utf8), tail: Array("c\0d\0".utf8)), ["a", "bc", "d"]),
            (ArgumentVector(isUnreadable: true), []), (ArgumentVector(head: [0], totalBytes: 9), ["", "…"]),
        ] as [(ArgumentVector, [String])])
    func argv(_ argv: ArgumentVector, _ words: [String]) {
        #expect(argv.words == words)
        #expect(argv.joined == words.joined(separator: " "))
        #expect(String(decoding: argv.joinedBytes, as: UTF8.self) == argv.joined)
    }

    @Test func argvThatIsNoText() {
        let argv = ArgumentVector(head: [0xff, 0, 0x61, 0])
        #expect(argv.words == ["\u{fffd}", "a"])
        #expect(argv.joinedBytes == [0xff, 0x20, 0x61])
    }

    @Test(arguments: [
        ("/usr/bin/node", "node"), ("claude", "claude"), ("", ""), ("/", "/"), ("/a//b/", "b"),
        ("./aaaaaaaaaabbbbbbbbbb", "aaaaaaaaaabbbbb"),
    ])
    func commIsTheLastComponent(_ path: String, _ comm: String) { #expect(ExecImage(path: path).comm == comm) }
}
