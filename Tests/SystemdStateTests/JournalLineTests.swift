import EventModel
import Testing

@testable import SystemdState

/// Lines of `journalctl -o json`, clocks and cursors.
@Suite struct JournalLineTests {
    @Test(
        arguments: [
            (#"{"MESSAGE":"a\n\"\\\u00e4\ud83d\ude00\/"}"#, "a\n\"\\ä😀/"),
            (#"{ "X" : null , "MESSAGE" : [104, 105] }"#, "hi"), (#"{"MESSAGE":["one","two"]}"#, "one"),
            (#"{"MESSAGE":[[104],"two"],"Y":1.5e3,"Z":true}"#, "h"), (#"{"MESSAGE":[]}"#, nil),
            (#"{"MESSAGE":null}"#, nil), (#"{"MESSAGE":"\ud83dx"}"#, "\u{FFFD}x"), ("{}", nil),
        ] as [(String, String?)])
    func values(_ line: String, _ message: String?) throws {
        #expect(try #require(JournalLine.parse(line.bytes))[.message] == message)
    }

    @Test(arguments: [
        "", "{", "[]", #"{"a"}"#, #"{"a":}"#, #"{"a":1"#, #"{"a":"x}"#, #"{"MESSAGE":[300]}"#, #"{"a":[[[1]]]}"#,
        #"{"a":"\u12"}"#, #"{"a":1} x"#, #"{"a":{"b":1}}"#,
    ])
    func refused(_ line: String) { #expect(JournalLine.parse(line.bytes) == nil) }

    @Test func deepNestingIsRefusedAtOnce() {
        #expect(JournalLine.parse((#"{"a":"# + String(repeating: "[", count: 100_000)).bytes) == nil)
    }

    @Test func anEntryIsPutOnTheBootClock() {
        let clock = JournalClock(boot: "b", suspended: .seconds(0), wall: WallOffset(nanoseconds: 1_000_000_000_000))
        // Logged at 5 s, written down 20 ms later.
        #expect(
            clock.time(monotonic: 5_020_000, realtime: 1_005_020_000, sent: 1_005_000_000).nanoseconds == 5_000_000_000)
        // The wall clock was set in between: what it says is no delay.
        #expect(clock.time(monotonic: 5_020_000, realtime: 1_005_020_000, sent: 5_000_000).nanoseconds == 5_020_000_000)
        #expect(clock.time(monotonic: 5_020_000, realtime: 1_005_020_000, sent: nil).nanoseconds == 5_020_000_000)
        #expect(clock.time(monotonic: .max, realtime: .max, sent: 0).nanoseconds == .max)
    }

    @Test func anEntryFromBeforeASuspendStaysBeforeIt() {
        let clock = JournalClock(boot: "b", suspended: .seconds(100), wall: WallOffset(nanoseconds: 1_000_000_000_000))
        #expect(clock.time(monotonic: 5_000_000, realtime: 1_005_000_000, sent: nil).nanoseconds == 5_000_000_000)
        #expect(clock.time(monotonic: 5_000_000, realtime: 1_105_000_000, sent: nil).nanoseconds == 105_000_000_000)
        // A wall clock that was set says nothing.
        #expect(clock.time(monotonic: 5_000_000, realtime: 9_005_000_000, sent: nil).nanoseconds == 105_000_000_000)
    }

    @Test func cursors() throws {
        let text =
            "s=adbd0359706e4c6da1010c385e411083;i=3c;b=9C454b71d2c94707919582b337569218;m=b8efbe5b;t=660c6976f7bba;x=84c40771ccdd09dd"
        let cursor = try #require(JournalCursor(text))
        #expect(cursor.boot == "9c454b71d2c94707919582b337569218" && cursor.monotonic == 0xb8ef_be5b)
        for bad in ["", "s=1;i=2", "b=x;m=1", text.replacing("m=", with: "m=z"), String(repeating: "x=1;", count: 100)]
        {
            #expect(JournalCursor(bad) == nil)
        }
    }

    @Test func eachUnitHasItsShareOfASecond() {
        var allowance = TextAllowance()
        let noisy = UnitID(manager: .system, name: "noisy.service")
        let quiet = UnitID(manager: .system, name: "quiet.service")
        let start = BootTime(nanoseconds: 7_000_000_000)
        let passed = (0..<1000).reduce(0) {
            $0 + (allowance.admits(noisy, at: start + .milliseconds(UInt64($1) / 2)) ? 1 : 0)
        }
        #expect(passed == TextAllowance.lines)
        let isQuietHeard = allowance.admits(quiet, at: start + .milliseconds(600))
        let isNoisyHeardAgain = allowance.admits(noisy, at: start + .seconds(1))
        #expect(isQuietHeard && isNoisyHeardAgain)
        let (refused, nothing) = (allowance.takeRefused(), allowance.takeRefused())
        #expect(refused?.count == UInt64(1000 - TextAllowance.lines) && nothing == nil)
        // More units than are told apart have one share together.
        let crowd = (0..<(TextAllowance.units * 2)).reduce(0) {
            $0 + (allowance.admits(UnitID(manager: .system, name: "u\($1)"), at: start + .seconds(5)) ? 1 : 0)
        }
        #expect(crowd == TextAllowance.units + TextAllowance.lines)
    }
}
