public import EventModel

/// Makes events that the wire can hold, extremes included: what is encoded must decode to the same.
public struct EventGenerator {
    var random: SplitMix64

    public init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// Kinds of bodies that `event(kind:)` knows.
    public static let kinds = 28

    public mutating func event() -> Event { event(kind: random.below(Self.kinds)) }

    public mutating func event(kind: Int) -> Event {
        var event = Event(
            time: time(), source: random.below(2) == 0 ? .bpf : .procfs,
            process: random.below(8) == 0 ? nil : process(), thread: Int32(truncatingIfNeeded: number()),
            cgroup: CgroupID(rawValue: number()), body: .cgroup(.moved))
        switch kind {
        case 0: event.body = .fork(fork())
        case 1: event.body = .exec(exec())
        case 2: event.body = .exit(exit())
        case 3: event.body = .signal(signal())
        case 4: event.body = .oomVictim(victim())
        case 5: event.body = .socket(socket())
        case 6: event.body = .cgroup(.made(event.cgroup, parent: CgroupID(rawValue: number()), name: text(256)))
        case 7: event.body = .cgroup(.removed(event.cgroup))
        case 8: event.body = .cgroup(.moved)
        case 9: event.body = .unrecognised(type: UInt16(15 + random.below(49)))
        default:
            event.source = Source.allCases.randomElement(using: &random) ?? .collector
            event.body = userBody(kind)
        }
        return event
    }

    private mutating func userBody(_ kind: Int) -> Event.Body {
        switch kind {
        case 10: .seen(seen())
        case 11: .host(host())
        case 12: .clock(WallOffset(nanoseconds: Int64(bitPattern: number())))
        case 13: .source(SourceStatus(name: text(40), state: state(), why: text(4096)))
        case 14: .gap(Gap(source: text(30), from: time(), to: time(), lost: number(), why: text(300)))
        case 15: .journal(journalEntry())
        case 16: .unit(unitState())
        case 17: .job(job())
        case 18: .managerMessage(managerMessage())
        case 19: .hostSample(hostSample())
        case 20: .cgroupSamples(cgroupSamples())
        case 21: .processSamples(processSamples())
        case 22: .registration(registration())
        case 23: .unitFile(unitFileChange())
        case 24: .unixSocket(unixSocket())
        case 25: .processHoldings(processHoldings())
        case 26: .oomDump(oomDump())
        default: .configuration(text(random.below(50) == 0 ? 260_000 : 3000))
        }
    }

    // MARK: Pieces

    /// Small, large, and the extremes.
    mutating func number() -> UInt64 {
        switch random.below(6) {
        case 0: 0
        case 1: .max
        case 2: random.next() >> 40
        default: random.next()
        }
    }

    mutating func time() -> BootTime { BootTime(nanoseconds: number()) }

    /// Never 0, which says "none" on the wire.
    mutating func pid() -> Int32 {
        let pid = Int32(truncatingIfNeeded: number())
        return pid == 0 ? 1 : pid
    }

    mutating func process() -> ProcessKey { ProcessKey(pid: pid(), start: time()) }

    mutating func optionalPID() -> Int32? { random.below(2) == 0 ? nil : pid() }

    mutating func uid() -> UInt32 { UInt32(truncatingIfNeeded: number()) }

    /// Up to `limit` bytes; characters of one to four bytes, mostly ASCII, no NUL.
    mutating func text(_ limit: Int, without forbidden: Set<Character> = []) -> String {
        let length = random.below(4) == 0 ? limit : random.below(min(limit, 40) + 1)
        let alphabet: [Character] = ["a", "b", "Z", "0", "-", ".", " ", "=", "/", "\n", "ä", "€", "𝄞", "\u{7f}"]
        var text = ""
        while text.utf8.count < length {
            let character = alphabet[random.below(random.below(4) == 0 ? alphabet.count : 7)]
            guard text.utf8.count + character.utf8.count <= length else { break }
            if !forbidden.contains(character) { text.append(character) } else { text.append("_") }
        }
        return text
    }

    mutating func bytes(_ limit: Int) -> [UInt8] {
        let length = random.below(4) == 0 ? limit : random.below(min(limit, 60) + 1)
        return (0..<length).map { _ in random.below(5) == 0 ? 0 : UInt8(truncatingIfNeeded: random.next()) }
    }

    private mutating func state() -> SourceStatus.State { [.active, .degraded, .missing][random.below(3)] }
}
