import EventModel
import Glibc
import Testing

@testable import ProcessTracking

@Suite(.serialized) struct CapacityTests {
    private static let many: Int32 = 200_000

    private func pid(_ number: Int32) -> ProcessKey { key(number + 10, at: UInt64(number) + 10) }

    @Test func aStormThatEndsStaysWithinTheCap() {
        var table = ProcessTable([seen(key(1), parent: nil), seen(key(2), parent: key(1))], capacity: 4 << 20)
        table.setTag(7, for: key(2), at: time(2))
        for number in 0..<Self.many {
            let child = pid(number)
            for event in [fork(key(2), child), exec(child), exit(child)] {
                table.apply(event)
                guard isWithinCap(table, Int32(number)) else { return }
            }
        }
        #expect(table[key(2)]?.tag == 7 && table[key(2)]?.isAlive == true)
        #expect(table[pid(Self.many - 1)]?.tag == 7)
        #expect(table.forgotten.living == 0)
        #expect(Int(table.forgotten.ended) + table.count == Int(Self.many) + 2)
        #expect(table.census.living(7) == 1)
        #expect(table.violations() == [])
    }

    @Test func aCrowdThatLivesStaysWithinTheCap() {
        var table = ProcessTable([seen(key(1), parent: nil)], capacity: 4 << 20)
        for number in 0..<Self.many {
            table.apply(fork(key(1), pid(number)))
            guard isWithinCap(table, Int32(number)) else { return }
        }
        #expect(table[key(1)]?.isAlive == true)
        #expect(table[pid(0)] == nil && table[pid(Self.many - 1)] != nil)
        #expect(table.forgotten.ended == 0)
        #expect(Int(table.forgotten.living) + table.count == Int(Self.many) + 1)
        #expect(table.violations() == [])
        // One that was forgotten comes back with the next event that names it, without its past.
        table.apply(exec(pid(0)))
        #expect(table[pid(0)]?.creator == nil && table[pid(0)]?.comm == "sh")
    }

    /// Each makes the next and ends: nothing of it is ever without a kept child but the last one.
    @Test func whatRespawnsForEverPushesNobodyOut() {
        var table = ProcessTable([seen(key(1), parent: nil)], capacity: 1 << 20)
        for living: Int32 in 2..<9 { table.apply(fork(key(1), key(living))) }
        table.setTag(7, for: key(8), at: time(8))
        var last = key(8)
        for number in 0..<20_000 {
            let next = pid(Int32(number))
            for event in [fork(last, next), exec(next)] + (last == key(8) ? [] : [exit(last, at: next.start)]) {
                table.apply(event)
            }
            guard isWithinCap(table, Int32(number)) else { return }
            last = next
        }
        #expect(table.forgotten.living == 0 && table.forgotten.ended > 0)
        #expect(table[last]?.tag == 7)
        #expect((1...8).allSatisfy { table[key($0)]?.isAlive == true })
        #expect(table.violations() == [])
    }

    @Test func aLineOfLivingOnesStaysWithinTheCap() {
        var table = ProcessTable([seen(key(1), parent: nil)], capacity: 1 << 20)
        var last = key(1)
        for number in 0..<20_000 {
            let next = pid(Int32(number))
            table.apply(fork(last, next))
            guard isWithinCap(table, Int32(number)) else { return }
            last = next
        }
        #expect(table.violations() == [])
        #expect(table.lineage(of: last).count <= ProcessTable.deepest)
    }

    /// Ended ones that nobody descends from go before anybody's ancestors.
    @Test func ancestorsOfTheLivingStay() {
        var table = ProcessTable([seen(key(1), parent: nil)], capacity: 64 << 10)
        for event in [fork(key(1), key(2)), fork(key(2), key(3)), fork(key(3), key(4)), exit(key(2)), exit(key(3))] {
            table.apply(event)
        }
        for number in 0..<Int32(5000) {
            let child = pid(number)
            for event in [fork(key(1), child), exec(child), exit(child)] { table.apply(event) }
        }
        #expect(table.pids(key(4)) == [4, 3, 2, 1])
        #expect(table.forgotten.living == 0)
    }

    private func isWithinCap(_ table: ProcessTable, _ number: Int32) -> Bool {
        if table.usedBytes > table.capacity { Issue.record("\(table.usedBytes) bytes at \(number)") }
        return table.usedBytes <= table.capacity
    }

    /// The accounted bytes are what the process really grows by, at most twice over. Other tests grow it as well, so the
    /// least of several measurements counts.
    @Test func accountedBytesAreReal() throws {
        let capacity = 64 << 20
        var least = Int.max
        var tables: [ProcessTable] = []
        for _ in 0..<3 where least > capacity * 2 {
            let before = try residentBytes()
            var table = ProcessTable([seen(key(1), parent: nil)], capacity: capacity)
            for number in 0..<Self.many {
                let child = pid(number)
                for event in [fork(key(1), child), exec(child)] { table.apply(event) }
            }
            least = min(least, try residentBytes() - before)
            #expect(table.usedBytes <= capacity && table.usedBytes > capacity / 2)
            tables.append(table)
        }
        #expect(least <= 2 * capacity, "\(least >> 20) MiB")
        print(
            "\(least >> 20) MiB for \(tables.map { $0.usedBytes >> 20 }) MiB accounted, \(tables.map(\.count)) entries")
    }

    private func residentBytes() throws -> Int {
        let file = try #require(fopen("/proc/self/statm", "r"))
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 128)
        let line = try #require(fgets(&buffer, 128, file).map { String(cString: $0) })
        let pages = try #require(Int(line.split(separator: " ")[1]))
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
