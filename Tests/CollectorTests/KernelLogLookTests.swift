import EventModel
import Testing

@testable import Collector

/// Where in the order of events a list of the kernel's log stands: right behind its kill, whichever is read first.
@Suite struct KernelLogLookTests {
    private func look() -> KernelLogLook {
        KernelLogLook(nil, SourceStatus(name: "kernel-log", state: .active, why: ""))
    }

    private func dump(_ pid: Int32) -> OOMDump {
        OOMDump(victimPID: pid, scope: .global, took: .milliseconds(1), entries: [.init(pid: pid, anonymousKiB: 1)])
    }

    private func at(_ milliseconds: UInt64) -> BootTime { BootTime(nanoseconds: milliseconds * 1_000_000) }

    /// However late it is read: before the events that came after the kill.
    @Test func readBeforeTheKillIsHandedOut() {
        var look = look()
        look.took(dump(7), at: at(9_000))
        #expect(look.list(ofVictim: 8, killedAt: at(999)) == nil)
        let list = look.list(ofVictim: 7, killedAt: at(1_000))
        #expect(list == Event(time: at(1_000), source: .kmsg, body: .oomDump(dump(7))))
        #expect(look.list(ofVictim: 7, killedAt: at(1_001)) == nil, "it is handed out once")
        #expect(look.rest(at: at(9_100)).isEmpty)
    }

    @Test func readAfterTheKillWasHandedOut() {
        var look = look()
        #expect(look.list(ofVictim: 7, killedAt: at(1_000)) == nil)
        #expect(look.rest(at: at(1_050)).isEmpty)
        look.took(dump(7), at: at(1_100))
        #expect(look.rest(at: at(1_095)).map(\.time) == [at(1_095)])
        #expect(look.rest(at: at(1_200)).isEmpty)
    }

    /// A kill that nobody saw is not waited for for ever.
    @Test func withoutAKill() {
        var look = look()
        look.took(dump(7), at: at(1_000))
        #expect(look.rest(at: at(1_900)).isEmpty)
        #expect(look.rest(at: at(2_100)).map(\.body) == [.oomDump(dump(7))])
        look.took(dump(8), at: at(3_000))
        #expect(look.rest(at: at(3_001), isLast: true).count == 1)
    }

    @Test func isBounded() {
        var look = look()
        for pid in 1...1_000 as ClosedRange<Int32> {
            _ = look.list(ofVictim: -pid, killedAt: at(1))
            look.took(dump(pid), at: at(1))
        }
        let rest = look.rest(at: at(2), isLast: true)
        #expect(rest.map(\.body) == (993...1_000).map { Event.Body.oomDump(dump($0)) })
    }
}
