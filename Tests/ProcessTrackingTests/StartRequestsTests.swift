import EventModel
import Testing

@testable import ProcessTracking

/// Who had services started, within caps.
@Suite struct StartRequestsTests {
    private func time(_ seconds: Int) -> BootTime { BootTime(nanoseconds: UInt64(seconds) * 1_000_000_000) }

    private func caller(_ pid: Int) -> ProcessKey { ProcessKey(pid: Int32(pid), start: time(1)) }

    private func unit(_ number: Int) -> UnitID { UnitID(manager: .system, name: "s\(number).service") }

    private func ask(_ requests: inout StartRequests, _ number: Int, by pid: Int, at seconds: Int) -> [ProcessKey] {
        let request = ManagerCall(verb: .start, manager: .system, units: [unit(number).name])
        let event = Event(time: time(seconds), source: .bpf, body: .unit(UnitState(unit: unit(0), active: "", sub: "")))
        let call = TransientUnits.Call(socket: UInt64(pid), serial: 1)
        let (isTaken, released) = requests.ask(request, by: caller(pid), call, event)
        #expect(isTaken)
        return released
    }

    /// Every caller that is taken in is let go of once, or still there.
    @Test func theCapsHold() {
        var requests = StartRequests(capacity: 32)
        var held: [ProcessKey: Int] = [:]
        for number in 0..<1000 {
            held[caller(number), default: 0] += 1
            var released = ask(&requests, number % 100, by: number, at: 10 + number)
            if number % 3 != 0 { released += requests.began(in: unit(number % 100), at: time(10 + number)) }
            if number % 5 == 0 {
                let state = UnitState(unit: unit(number % 100), active: "inactive", sub: "dead")
                requests.learn(state, at: time(11 + number))
            }
            for key in released { held[key, default: 0] -= 1 }
            #expect(requests.starters.count <= 32)
        }
        #expect(held.values.allSatisfy { $0 == 0 || $0 == 1 })
        let kept = requests.starters.values.reduce(0) { $0 + $1.count }
        let still = held.values.reduce(0, +)
        #expect(kept <= 32 * 3 && still >= kept && still <= kept + 64)
    }

    @Test func whatIsNotAnsweredByAStartIsForgotten() {
        var requests = StartRequests()
        for number in 0..<200 { _ = ask(&requests, number, by: number, at: 10) }
        // Of the first, too many came after it; of the last, none did.
        let released = requests.began(in: unit(0), at: time(11))
        #expect(released.isEmpty && requests.starter(of: unit(0), at: time(11)) == nil)
        _ = requests.began(in: unit(199), at: time(11))
        #expect(requests.starter(of: unit(199), at: time(11))?.caller == caller(199))
        _ = requests.began(in: unit(198), at: time(30))
        #expect(requests.starter(of: unit(198), at: time(30)) == nil)
    }
}
