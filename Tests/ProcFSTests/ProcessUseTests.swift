import EventModel
import Glibc
import Testing

@testable import ProcFS

@Suite struct ProcessUseTests {
    @Test func whatThisProcessTakesIsRead() throws {
        let files = ProcFS()
        let own = try #require(files.key(of: getpid()))
        let use = try #require(files.use(of: [own])[own])
        #expect(use.resident > 1 << 20)
        #expect(use.cpu.nanoseconds > 0)
    }

    @Test func aLaterHolderOfThePidIsNotMeant() throws {
        let files = ProcFS()
        var other = try #require(files.key(of: getpid()))
        other.start = BootTime(nanoseconds: other.start.nanoseconds + 50_000_000)
        #expect(files.use(of: [other, ProcessKey(pid: 0x3fff_fff0, start: .zero)]).isEmpty)
    }

    @Test func fieldsAreFoundBehindAnyName() {
        let stat = "7 (a) b ) S 1 7 7 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 1 0 99 1 2 3 4 5\n"
        #expect(ProcessUse.cpuTicks(inStat: Array(stat.utf8)[...]) == 100)
        #expect(ProcessUse.cpuTicks(inStat: Array("7 (a) S 1".utf8)[...]) == 0)
        #expect(ProcessUse.cpuTicks(inStat: []) == 0)
    }

    @Test func memoryIsInKibibytes() {
        let status = "Name:\tVmRSS: 7 kB\nVmRSS:\t     12 kB\nVmSwap:\t       3 kB\n"
        #expect(ProcessUse.memory(inStatus: Array(status.utf8)[...]) == (12 << 10, 3 << 10))
        #expect(ProcessUse.memory(inStatus: Array("VmRSS: x\nVmSwap:".utf8)[...]) == (0, 0))
        #expect(ProcessUse.memory(inStatus: Array("VmRSS: 18446744073709551615 kB\n".utf8)[...]).resident == .max)
    }
}
