import EventModel
import Testing

@testable import SystemdState

/// What a manager takes out of a unit file (systemd.syntax(7), and load-fragment.c of systemd 257), and what it does not.
@Suite struct UnitFileTextTests {
    private func read(_ text: String, _ section: String = "Service") -> MemorySettings {
        UnitFileText.settings(Array(text.utf8)[...], section: section)
    }

    private func max(_ value: String) -> MemorySettings.Amount? { read("[Service]\nMemoryMax=\(value)\n").max }

    @Test(
        arguments: [
            ("64M", 64 << 20), ("67108864", 64 << 20), ("64K", 64 << 10), ("1G", 1 << 30), ("2T", 2 << 40), ("7B", 7),
            ("1.5G", 3 << 29), ("1G 512M", 3 << 29), ("1G512M", 3 << 29), ("64 M", 64 << 20), ("  64M  ", 64 << 20),
            ("0.5K", 512), ("10.M", 10 << 20), ("15E", 15 << 60), ("1P", 1 << 50),
        ] as [(String, UInt64)])
    func sizes(text: String, bytes: UInt64) { #expect(max(text) == .bytes(bytes)) }

    @Test(arguments: ["infinity", "", "   "]) func none(text: String) { #expect(max(text) == .unlimited) }

    @Test(arguments: ["10%", "12.5%", "100%", "125‰", "1250‱"]) func shares(text: String) {
        #expect(max(text) == .share)
    }

    /// A manager leaves it out, with a warning: what stood there before is in force.
    @Test(
        arguments: [
            "64m", "64MiB", "M", "-1", "0", "64M 1G", "64M 64M", "1,5G", "x%", "%", "16E", "18446744073709551615",
            "99999999999999999999", "Infinity", "64M # less", "\"64M\"", "0x40",
        ])
    func whatIsNoSize(text: String) {
        #expect(max(text) == nil)
        #expect(read("[Service]\nMemoryMax=1G\nMemoryMax=\(text)").max == .bytes(1 << 30))
    }

    @Test func theLastOfEachCounts() {
        let settings = read(
            "[Service]\nMemoryMax=1G\nMemoryHigh=1M\n[Unit]\nMemoryMax=1K\n[Service]\nMemoryMax=64M\nMemoryLimit=7K\n")
        #expect(settings == MemorySettings(max: .bytes(64 << 20), limit: .bytes(7 << 10), high: .bytes(1 << 20)))
        #expect(read("[Service]\nMemoryMax=1G\nMemoryMax=\n").max == .unlimited)
    }

    @Test(
        arguments: [
            "MemoryMax=64M", "[Unit]\nMemoryMax=64M", "[service]\nMemoryMax=64M", "[Slice]\nMemoryMax=64M",
            "[X-Service]\nMemoryMax=64M", "[Service]\n#MemoryMax=64M", "[Service]\n ; MemoryMax=64M",
            "[Service]\nmemorymax=64M", "[Service]\nMemoryMaximum=64M", "[Service]\nMemoryMax:64M",
            "[Service]\nDescription=MemoryMax=64M", "[Service]\nExecStart=a \\\nMemoryMax=64M",
            "[Service]\nA=\\\n# b\nMemoryMax=64M", "[Service\n[Service]\nMemoryMax=64M",
            "[Service]\n[Unit\nMemoryMax=64M",
            "[Service]\n[Unit]\n[]\nMemoryMax=64M", "[Service]\nMemorySwapMax=64M\nMemoryMin=1M", "", "[", "=", "\\",
            "[Service]\n=64M", "[Service]\nMemoryMax 64M",
        ])
    func whatIsNotSaid(text: String) { #expect(read(text) == MemorySettings()) }

    @Test(
        arguments: [
            "[Service]\nMemoryMax=64M", " [Service] \n\t MemoryMax \t=\t 64M", "[Service]\r\nMemoryMax=64M\r\n",
            "\u{feff}[Service]\nMemoryMax=64M", "[Service]\nMemoryMax=\\\n64M", "[Service]\nMemoryMax=\\\r\n64M",
            "[Service]\nMemoryMax=\\\n# less\n  ; more\n64M", "[Service]\nMemoryMax=64M\\",
            "[Service]\nA=b\\\\\nMemoryMax=64M",
            "[Service]\nA=b\rMemoryMax=64M", "[Service]\nA=b\0MemoryMax=64M", "# [Unit\n[Service]\nMemoryMax=64M",
            "[Service]\nA=b\\\n\nMemoryMax=64M", "[Service]\nMemoryMax=64M\n[Unit\nMemoryMax=1K",
        ])
    func howItIsSaid(text: String) { #expect(read(text) == MemorySettings(max: .bytes(64 << 20))) }

    @Test func eachKindOfUnitHasItsSection() {
        #expect(read("[Slice]\nMemoryMax=64M", "Slice").max == .bytes(64 << 20))
        #expect(read("[Service]\nMemoryMax=64M", "Slice").max == nil)
    }

    /// As long as what is read may be, and of as many pieces.
    @Test func theLongestFiles() {
        let room = UnitFileReader.longestFile
        for piece in ["\\\n", "\\", "[Service]\n", "MemoryMax=64M\n", ";\n", "\r\n", "="] {
            #expect(read(String(repeating: piece, count: room / piece.utf8.count)) == MemorySettings())
        }
        #expect(max(String(repeating: "1", count: room)) == nil)
        #expect(max(String(repeating: "1G", count: room)) == nil)
    }
}
