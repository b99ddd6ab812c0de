import EventModel
import ProcessTracking
import ResourceTracking
import Testing

/// What the kernel's log lists at an OOM kill, and which kill that was.
@Suite struct KernelLogTests {
    private static let limit = CgroupID(rawValue: 900)
    private static let scope = OOMVictim.Scope.cgroup(
        .init(cgroup: limit, name: "shared", limitKiB: 100, usageKiB: 100, ooms: 1))

    private struct Machine {
        var table = ProcessTable()
        var history = ResourceHistory()
        let victim = ProcessKey(pid: 10, start: BootTime(nanoseconds: 1_001))
        let hog = ProcessKey(pid: 20, start: BootTime(nanoseconds: 2_001))

        init() {
            for key in [victim, hog] { seen(key) }
        }

        mutating func seen(_ key: ProcessKey) {
            take(0, .seen(ProcessSeen(parent: nil, uid: 0, comm: "x")), key)
        }

        mutating func take(
            _ milliseconds: UInt64, _ body: Event.Body, _ process: ProcessKey? = nil, source: Source = .bpf
        ) {
            let event = Event(time: KernelLogTests.at(milliseconds), source: source, process: process, body: body)
            table.apply(event)
            history.apply(event, processes: table, cgroups: CgroupTree())
        }

        mutating func kill(_ milliseconds: UInt64, scope: OOMVictim.Scope = KernelLogTests.scope) {
            take(milliseconds, .oomVictim(OOMVictim(victim: victim, scope: scope)))
        }

        mutating func log(
            _ milliseconds: UInt64, victim: Int32 = 10, scope: OOMDump.Scope = .cgroup(name: "shared"),
            hasKinds: Bool = true, took: UInt64 = 1
        ) {
            let dump = OOMDump(
                victimPID: victim, scope: scope, took: .milliseconds(took), hasKinds: hasKinds,
                entries: [
                    .init(pid: 20, anonymousKiB: 80), .init(pid: 10, anonymousKiB: 10, swapKiB: 1),
                    .init(pid: 77, anonymousKiB: 5),
                ], unlisted: 3, unlistedKiB: 7)
            take(milliseconds, .oomDump(dump), source: .kmsg)
        }
    }

    private static func at(_ milliseconds: UInt64) -> BootTime { BootTime(nanoseconds: milliseconds * 1_000_000) }

    private static func table(_ machine: Machine, _ milliseconds: UInt64, _ scope: CgroupID? = limit)
        -> ResourceHistory.KillTable?
    {
        machine.history.table(forKillAt: at(milliseconds), scope: scope, within: .seconds(2))
    }

    /// It is of the kill, however late it was read; of whom nobody knows who it was counts as not listed.
    @Test func belongsToTheKillOfItsVictim() throws {
        var machine = Machine()
        machine.kill(5_000)
        machine.log(9_000)
        let found = try #require(Self.table(machine, 5_000))
        #expect(found.at == Self.at(5_000) && found.source == .kmsg && found.samples.scope == Self.limit)
        #expect(found.samples.entries.map(\.process) == [machine.hog, machine.victim])
        #expect(found.samples.entries.map(\.heldKiB) == [80, 11])
        #expect(found.samples.entries.allSatisfy { $0.isInScope })
        #expect(found.samples.unlisted == 4 && found.samples.unlistedKiB == 12 && found.samples.unvisited == 0)
        // It is no look at all processes.
        #expect(machine.history.moments.isEmpty && machine.history.tables.isEmpty)
        #expect(Self.table(machine, 4_000) == nil && Self.table(machine, 5_500) == nil)
        #expect(Self.table(machine, 5_000, nil) == nil)
        // What was ended with it.
        #expect(Self.table(machine, 5_040) == found)
    }

    @Test func ofTheWholeMachine() throws {
        var machine = Machine()
        machine.kill(5_000, scope: .global)
        machine.log(5_100, scope: .global)
        let found = try #require(Self.table(machine, 5_000, nil))
        #expect(found.samples.scope == nil && !found.samples.entries.contains(where: { $0.isInScope }))
    }

    /// Another victim, another limit, no kinds of memory, or a kill of long ago: then it says nothing.
    @Test func belongsToNoOther() {
        var machine = Machine()
        machine.kill(5_000)
        machine.log(5_100, victim: 20)
        machine.log(5_100, scope: .global)
        machine.log(5_100, scope: .cgroup(name: "other"))
        machine.log(5_100, hasKinds: false)
        machine.log(4_900)
        machine.log(65_100)
        #expect(machine.history.dumps.isEmpty && Self.table(machine, 5_000) == nil)
        var another = Machine()
        another.kill(5_000, scope: .global)
        another.log(5_100)
        another.kill(6_000, scope: .unknown)
        another.log(6_100)
        #expect(another.history.dumps.isEmpty)
    }

    /// A pid that was another's while the list was made, or came within it, is nobody's.
    @Test func aRecycledPIDIsNobodys() throws {
        var machine = Machine()
        machine.take(4_000, .exit(Exit(status: .code(0))), machine.hog)
        let next = ProcessKey(pid: 20, start: Self.at(4_999))
        machine.take(4_999, .fork(Fork(child: next, childParentPID: 1, uid: 0)), machine.victim)
        machine.kill(5_000)
        machine.log(5_100, took: 3)
        let found = try #require(Self.table(machine, 5_000))
        #expect(found.samples.entries.map(\.process) == [machine.victim])
        #expect(found.samples.unlistedKiB == 7 + 80 + 5)
    }

    /// And whoever has it by the time that the list is read had nothing to do with it.
    @Test func thePIDsNextOwnerIsNotMeant() throws {
        var machine = Machine()
        machine.kill(5_000)
        machine.take(5_050, .exit(Exit(status: .code(0))), machine.hog)
        let next = ProcessKey(pid: 20, start: Self.at(5_060))
        machine.take(5_060, .fork(Fork(child: next, childParentPID: 1, uid: 0)), machine.victim)
        machine.log(5_100)
        let found = try #require(Self.table(machine, 5_000))
        #expect(found.samples.entries.map(\.process) == [machine.hog, machine.victim])
    }

    /// What the kernel's programs saw in time goes before it, what `/proc` gave does not; and never both.
    @Test(arguments: [(Source.bpf, UInt64(6_900), Source.bpf), (.bpf, 7_100, .kmsg), (.procfs, 6_900, .kmsg)])
    func whichTable(source: Source, milliseconds: UInt64, expected: Source) {
        var machine = Machine()
        machine.kill(5_000)
        machine.log(5_100)
        let samples = ProcessSamples(
            reason: .oom, scope: Self.limit, entries: [ProcessUsage(process: machine.hog, anonymousKiB: 90)])
        machine.take(milliseconds, .processSamples(samples), source: source)
        #expect(Self.table(machine, 5_000)?.source == expected)
    }

    @Test func isBounded() {
        var machine = Machine()
        let entries = (0..<Int32(ProcessSamples.capacity)).map {
            OOMDump.Entry(pid: $0 % 2 == 0 ? 10 : 20, anonymousKiB: 1)
        }
        for number in 0..<400 as Range<UInt64> {
            machine.kill(5_000 + number, scope: .global)
            let dump = OOMDump(
                victimPID: 10, scope: .global, took: .milliseconds(0),
                entries: number < 20 ? entries : Array(entries.prefix(3)))
            machine.take(5_000 + number, .oomDump(dump))
        }
        #expect(machine.history.dumps.count <= 8 && machine.history.dumps.last?.at == Self.at(5_399))
        #expect(
            machine.history.dumps.reduce(0) { $0 + $1.samples.entries.count } <= 2 * ProcessSamples.capacity)
    }
}
