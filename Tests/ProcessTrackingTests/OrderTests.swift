import EventModel
import Testing

@testable import ProcessTracking

/// Records of several processors, of the back-fill and of the kernel may come in any order.
@Suite struct OrderTests {
    private static func orders<Element>(_ items: [Element]) -> [[Element]] {
        guard items.count > 1 else { return [items] }
        return items.indices.flatMap { index in
            var rest = items
            let first = rest.remove(at: index)
            return orders(rest).map { [first] + $0 }
        }
    }

    @Test(arguments: [false, true]) func everyOrderOfAFamily(isRounded: Bool) {
        let (parent, child) = (key(20), key(40))
        let listed = isRounded ? rounded(child) : child
        let events = [
            fork(key(1), parent), exec(parent, "/bin/p"), exit(parent, at: time(90)), fork(parent, child),
            exec(child, "/bin/c"),
            exit(child, at: time(95), .signal(.kill)), seen(listed, parent: key(1), at: time(60)),
        ]
        for (number, order) in Self.orders(events).enumerated() {
            var table = ProcessTable(capacity: 1 << 20)
            table.setTag(3, for: parent, at: .zero)
            for event in order { table.apply(event) }
            #expect(table.violations() == [], "order \(number)")
            #expect(table.livingCount >= 1, "order \(number)")
            if !isRounded {
                #expect(table.count == 3, "order \(number)")
                #expect(table.pids(child) == [40, 20, 1], "order \(number)")
                #expect(table[child]?.edgeSource == .bpf && table[child]?.comm == "c", "order \(number)")
                #expect(table[child]?.exit?.status == .signal(.kill) && table[parent]?.comm == "p", "order \(number)")
                #expect(table[child]?.uid == 1000 && table[child]?.seenBy == .bpf, "order \(number)")
                #expect(table.livingCount == 1, "order \(number)")
            }
        }
    }

    @Test func everyOrderWithTwoGenerationsOfOnePid() {
        let (old, new) = (key(5, at: 50), key(5, at: 500))
        let events = [
            fork(key(1), old), exit(old, at: time(60)), fork(key(2), new), exec(new), seen(old, parent: key(1)),
            fork(old, key(6, at: 55)),
        ]
        for order in Self.orders(events) {
            let table = ProcessTable(order)
            #expect(table.violations() == [])
            #expect(table[new]?.isAlive == true && table[old]?.isAlive == false)
            #expect(table.pids(key(6, at: 55)) == [6, 5, 1])
        }
    }

    /// The invariants hold after every one of many events that make no sense together, at the cap as well.
    @Test(arguments: [600 << 10, 12 << 10, 2 << 10]) func anyEventsAtAll(capacity: Int) {
        var state: UInt64 = 42
        func random(_ below: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % below
        }
        func process() -> ProcessKey {
            let key = key(Int32(1 + random(12)), at: random(6) * 40)
            return random(5) == 0 ? rounded(key) : key
        }
        var table = ProcessTable(capacity: capacity)
        for step in 0..<6000 {
            let now = time(UInt64(step))
            switch random(6) {
            case 0, 1:
                table.apply(
                    fork(random(9) == 0 ? nil : process(), process(), at: now, source: random(3) == 0 ? .procfs : .bpf))
            case 2: table.apply(exec(process(), "/bin/" + String(repeating: "x", count: Int(random(40))), at: now))
            case 3: table.apply(exit(process(), at: now, random(3) == 0 ? nil : .code(1)))
            case 4:
                table.apply(
                    seen(process(), parent: random(4) == 0 ? nil : process(), random(2) == 0 ? nil : "/s", at: now))
            default: table.setTag(Int32(random(4)), for: process(), at: now)
            }
            let violations = table.violations()
            #expect(violations == [], "step \(step)")
            if !violations.isEmpty { return }
        }
    }
}
