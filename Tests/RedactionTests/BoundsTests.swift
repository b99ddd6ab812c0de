import EventModel
import Glibc
import Redaction
import Testing

/// Whatever comes in: it ends, soon, and nothing but secrets changes.
@Suite(.serialized) struct BoundsTests {
    let redactor = Redactor()

    /// Pieces that make a scan that starts anew at each of them look at the rest again and again.
    @Test(arguments: [
        "eyJ-", "sk-", "-----BEGIN PRIVATE KEY", "-----BEGIN ", "://", "a://b:c/", "token=", "token=\"", "token: ",
        "\"", "'",
        "\\\"", "--token ", "Bearer ", "Authorization: ", "ghp_", "a='", "a=\"\\", "mysql -p", "KEY=,", "KEY=&x",
        "key=", "key=a,", "pwd=", "Authorization: Bearer ", "key: ", "\"key\": \"", "((", "=", ":",
        "SG.", "key\\\"=\\\"", "\"'", "env ", "AGE-SECRET-KEY-1",
    ])
    func repeatedPiecesTakeLinearTime(_ piece: String) {
        let text = String(repeating: piece, count: 60_000 / piece.utf8.count)
        let elapsed = cpuTime {
            _ = redactor.redact(text: text)
            _ = redactor.redact(ArgumentVector(words: [text, text]))
        }
        #expect(elapsed < .seconds(20), "\(piece): \(elapsed)")
    }

    @Test func bytesThatAreNoText() {
        var generator = SplitMix(state: 7)
        for _ in 0..<20_000 {
            let alphabet = Array("=:'\"\\-[]@/ \0;&,.$etokTOKEN_pasbqky0189\n\u{1b}é".utf8) + [0xff, 0x80]
            let length = Int(generator.next() % 60)
            let bytes = (0..<length).map { _ in alphabet[Int(generator.next() % UInt64(alphabet.count))] }
            let cut = Int(generator.next() % 3) == 0
            let argv = ArgumentVector(head: bytes, tail: cut ? bytes : [], totalBytes: cut ? 4_000 : nil)
            guard let redacted = redactor.redact(argv) else { continue }
            #expect(redacted.isTruncated == argv.isTruncated)
            #expect(
                redacted.head.split(separator: 0, omittingEmptySubsequences: false).count
                    <= argv.head.split(separator: 0, omittingEmptySubsequences: false).count)
        }
    }

    @Test func unreadableAndEmpty() {
        #expect(redactor.redact(ArgumentVector(isUnreadable: true)) == nil)
        #expect(redactor.redact(.empty) == nil)
        #expect(redactor.redact(text: "") == nil)
        #expect(redactor.redact(ArgumentVector(totalBytes: 10)) == nil)
    }

    @Test func headAndTailThatAreOneTogether() {
        let argv = ArgumentVector(head: Array("x\0--tok".utf8), tail: Array("en=abc\0".utf8))
        #expect(redactor.redact(argv)?.words == ["x", "--token=[redacted]"])
        #expect(redactor.redact(argv)?.isTruncated == false)
    }

    /// The hot path's figure, in release; elsewhere only that it is no order of magnitude off.
    @Test func tenThousandTypicalArgvs() {
        let argvs = (0..<10_000).map { index in
            ArgumentVector(words: [
                "/usr/bin/gcc", "-O2", "-c", "src/module_\(index).c", "-o", "build/module_\(index).o", "-Wall",
            ])
        }
        let elapsed = cpuTime {
            for argv in argvs where redactor.redact(argv) != nil { Issue.record("nothing here is secret") }
        }
        #expect(elapsed < .seconds(1))
        print("10,000 argvs: \(elapsed)")
    }
}

/// What this thread spends on it: others have the machine as well.
private func cpuTime(of work: () -> Void) -> Duration {
    func now() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
    let start = now()
    work()
    return now() - start
}

/// A deterministic generator, so that a failure comes again.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
