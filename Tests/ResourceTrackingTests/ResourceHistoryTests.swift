import EventModel
import ProcessTracking
import ResourceTracking
import Testing
import UnitTracking

@Suite struct ResourceHistoryTests {
    /// A service, and an agent's tree with two processes, in a table.
    private struct Machine {
        var table = ProcessTable()
        var cgroups = CgroupTree()
        var history = ResourceHistory()
        let service = ProcessKey(pid: 10, start: BootTime(nanoseconds: 1_000))
        let agent = ProcessKey(pid: 20, start: BootTime(nanoseconds: 2_000))
        let child = ProcessKey(pid: 21, start: BootTime(nanoseconds: 3_000))
        let unit = TreeKey.unit(UnitID(manager: .system, name: "web.service"))

        init() {
            for (id, parent, name) in [(1, 0, ""), (2, 1, "system.slice"), (3, 2, "web.service")]
                as [(UInt64, UInt64, String)]
            {
                cgroups.apply(
                    Event(
                        time: .zero, source: .procfs, cgroup: CgroupID(rawValue: id),
                        body: .cgroup(.made(CgroupID(rawValue: id), parent: CgroupID(rawValue: parent), name: name))))
            }
            seen(service, cgroup: 3)
            seen(agent, cgroup: 1)
            table.setTag(7, for: agent, at: .zero)
            fork(agent, child)
        }

        mutating func seen(_ key: ProcessKey, cgroup: UInt64) {
            table.apply(
                Event(
                    time: .zero, source: .bpf, process: key, cgroup: CgroupID(rawValue: cgroup),
                    body: .seen(ProcessSeen(parent: nil, uid: 0, comm: "x"))))
        }

        mutating func fork(_ parent: ProcessKey, _ child: ProcessKey) {
            table.apply(
                Event(
                    time: child.start, source: .bpf, process: parent, cgroup: CgroupID(rawValue: 1),
                    body: .fork(Fork(child: child, childParentPID: parent.pid, uid: 0))))
        }

        mutating func exit(_ key: ProcessKey) {
            table.apply(Event(time: .zero, source: .bpf, process: key, body: .exit(Exit(status: .code(0)))))
        }

        mutating func sample(
            _ seconds: UInt64, _ entries: [ProcessUsage], reason: SampleReason = .activity, unvisited: UInt32 = 0
        ) {
            take(
                seconds,
                .processSamples(ProcessSamples(reason: reason, entries: entries, unlistedKiB: 5, unvisited: unvisited)))
        }

        mutating func take(_ seconds: UInt64, _ body: Event.Body) {
            let event = Event(time: BootTime(nanoseconds: seconds * 1_000_000_000), source: .bpf, body: body)
            history.apply(event, processes: table, cgroups: cgroups)
        }
    }

    private static func at(_ seconds: UInt64) -> BootTime { BootTime(nanoseconds: seconds * 1_000_000_000) }

    /// Of services; an agent's processes are not kept.
    @Test func knowsHowLongServicesWaited() {
        var machine = Machine()
        func sample(_ second: UInt64, service: UInt32?, cpu: UInt64 = 0) {
            machine.sample(
                second,
                [
                    ProcessUsage(process: machine.service, cpu: cpu, waited: service),
                    ProcessUsage(process: machine.agent, waited: UInt32(second) * 1000),
                ])
        }
        for second in UInt64(1)...5 { sample(second, service: .max &+ UInt32(second) * 500, cpu: second * 20_000) }
        let waited = machine.history.waited(machine.service, from: Self.at(1), to: Self.at(5))
        #expect(waited == 0.5)
        #expect(machine.history.waited(machine.agent, from: Self.at(1), to: Self.at(5)) == 0)
        #expect(machine.history.cores(of: machine.unit, from: Self.at(1), to: Self.at(5)) == 0.02)
        #expect(
            machine.history.waited(machine.service, from: Self.at(1), to: Self.at(20)) == nil, "too much of it unseen")
        #expect(machine.history.cores(of: machine.unit, from: Self.at(1), to: Self.at(20)) == nil)
        // What did not look does not tell that nobody waited.
        for second in UInt64(20)...25 { machine.sample(second, [ProcessUsage(process: machine.service)]) }
        #expect(machine.history.waited(machine.service, from: Self.at(20), to: Self.at(25)) == nil)
        for second in UInt64(30)...35 {
            machine.sample(second, [ProcessUsage(process: machine.agent, waited: 7)], unvisited: 1)
        }
        #expect(machine.history.waited(machine.service, from: Self.at(30), to: Self.at(35)) == nil)
    }

    @Test func countsByTree() throws {
        var machine = Machine()
        machine.sample(
            1,
            [
                ProcessUsage(process: machine.agent, anonymousKiB: 100, fileKiB: 900, sharedKiB: 40),
                ProcessUsage(process: machine.child, anonymousKiB: 300, sharedKiB: 50, swapKiB: 7),
                ProcessUsage(process: machine.service, anonymousKiB: 200),
                ProcessUsage(process: ProcessKey(pid: 99, start: .zero), anonymousKiB: 1),
            ])
        let moment = try #require(machine.history.moments.last)
        #expect(moment.trees.map(\.tree) == [.agent(7), machine.unit, .cgroup(.unknown)])
        let agent = try #require(moment[.agent(7)])
        // What is shared counts once, and what belongs to files not at all.
        #expect(
            agent.heldKiB == 457 && agent.largest == machine.child && agent.largestKiB == 357 && agent.processes == 2)
        #expect(moment.heldKiB == 457 + 200 + 1 + 5)
    }

    /// A child's CPU time goes to its parent when that has waited for it: it counts once.
    @Test func countsTheTimeOfEndedChildrenOnce() throws {
        var machine = Machine()
        let usage = { (key: ProcessKey, cpu: UInt64) in ProcessUsage(process: key, cpu: cpu) }
        machine.sample(1, [usage(machine.agent, 1_000), usage(machine.service, 5_000_000)])
        machine.sample(
            2, [usage(machine.agent, 1_000), usage(machine.child, 400_000), usage(machine.service, 5_000_100)])
        machine.exit(machine.child)
        machine.sample(3, [usage(machine.agent, 901_000), usage(machine.service, 5_000_100)])
        let moments = machine.history.moments
        // Listed for the first time, and not new: its life before that does not count.
        #expect(moments[0].trees.allSatisfy { $0.cpu == 0 })
        #expect(moments[1][machine.unit]?.cpu == 100 && moments[2][machine.unit]?.cpu == 0)
        #expect(moments[1][.agent(7)]?.cpu == 0, "the child is older than the first sample")
        #expect(moments[2][.agent(7)]?.cpu == 500_000)
        #expect(machine.history.cpu(from: Self.at(1), to: Self.at(3))?[.agent(7)] == 500_000)
        #expect(machine.history.cpu(from: Self.at(3), to: Self.at(9)) == nil)
    }

    /// The first process waits for a service that has run for long: it has not used that time.
    @Test func theTimeOfAServiceThatEndedIsNotItsManagers() throws {
        var machine = Machine()
        let manager = ProcessKey(pid: 1, start: BootTime(nanoseconds: 1))
        machine.seen(manager, cgroup: 2)
        let usage = { (key: ProcessKey, cpu: UInt64) in ProcessUsage(process: key, cpu: cpu) }
        machine.sample(1, [usage(manager, 100), usage(machine.agent, 1_000), usage(machine.service, 90_000_000)])
        machine.exit(machine.service)
        machine.sample(2, [usage(manager, 90_000_300), usage(machine.agent, 901_000)])
        let moment = try #require(machine.history.moments.last)
        #expect(moment.trees.map(\.cpu).reduce(0, +) == 900_200)
        #expect(moment[.agent(7)]?.cpu == 900_000)
    }

    /// Between two samples that are far apart a build begins, and a watchdog strikes.
    @Test func samplesThatAreFarApartTellOfWhatIsBetween() {
        var machine = Machine()
        for (seconds, cpu) in [(10, 0), (30, 100), (50, 19_000_000)] as [(UInt64, UInt64)] {
            machine.sample(seconds, [ProcessUsage(process: machine.agent, cpu: cpu)])
        }
        #expect(machine.history.cpu(from: Self.at(28), to: Self.at(46))?[.agent(7)] == 19_000_000)
        #expect(machine.history.cpu(from: Self.at(31), to: Self.at(46))?[.agent(7)] == 18_999_900)
        #expect(machine.history.cpu(from: Self.at(11), to: Self.at(31))?[.agent(7)] == 100)
    }

    @Test func findsTablesAndMomentsByTime() {
        var machine = Machine()
        machine.sample(10, [])
        machine.sample(20, [], unvisited: 3)
        machine.sample(30, [ProcessUsage(process: machine.agent, anonymousKiB: 1)], reason: .oom)
        let history = machine.history
        #expect(history.table(forKillAt: Self.at(29), scope: nil, within: .seconds(2))?.at == Self.at(30))
        #expect(
            history.table(forKillAt: Self.at(29), scope: CgroupID(rawValue: 5), within: .seconds(2)) == nil, "another's"
        )
        #expect(history.table(forKillAt: Self.at(27), scope: nil, within: .seconds(2)) == nil)
        #expect(history.table(forKillAt: Self.at(31), scope: nil, within: .seconds(2)) == nil)
        #expect(history.moment(before: Self.at(25), within: .seconds(5))?.at == Self.at(20))
        #expect(history.moment(before: Self.at(26), within: .seconds(5)) == nil)
        // One in which somebody was not looked at says nothing of growth.
        #expect(history.baselines(for: Self.at(30), least: .seconds(5)).map(\.at) == [Self.at(10)])
        #expect(history.baselines(for: Self.at(12), least: .seconds(5)).isEmpty)
    }

    @Test func tellsTheShareOfTimeThatWasWaited() throws {
        var machine = Machine()
        for (seconds, total) in [(10, 0), (20, 2_000_000), (30, 9_000_000)] as [(UInt64, UInt64)] {
            let stall = Stall(some10: 0, full10: 0, someTotal: total, fullTotal: 0)
            machine.take(seconds, .hostSample(HostSample(reason: .rest, memory: stall)))
        }
        let history = machine.history
        #expect(history.stalled(\.memory, from: Self.at(10), to: Self.at(20)) == 0.2)
        #expect(history.stalled(\.memory, from: Self.at(21), to: Self.at(29)) == 0.7)
        #expect(history.stalled(\.cpu, from: Self.at(10), to: Self.at(20)) == nil)
        #expect(ResourceHistory().stalled(\.memory, from: Self.at(10), to: Self.at(20)) == nil)
        #expect(history.host(at: Self.at(25))?.at == Self.at(20) && history.host(at: Self.at(5))?.at == Self.at(10))
    }

    @Test func aCgroupKeepsWhatIsNotReadEachTime() throws {
        var machine = Machine()
        let id = CgroupID(rawValue: 3)
        let io = CgroupUsage.IO(read: 1, written: 2)
        machine.take(
            1, .cgroupSamples(CgroupSamples(reason: .rest, entries: [CgroupUsage(cgroup: id, cpu: 5, io: io)])))
        for seconds in 2..<UInt64(40) {
            machine.take(
                seconds, .cgroupSamples(CgroupSamples(reason: .rest, entries: [CgroupUsage(cgroup: id, cpu: seconds)])))
        }
        let track = try #require(machine.history.cgroups[id])
        #expect(track.latest?.usage.io == io && track.latest?.usage.cpu == 39 && track.moments.count == 12)
    }

    /// A unit is judged after its cgroup has gone, and what its tasks had waited for then counts; up to a cap.
    @Test func whatIsGoneIsKeptForAWhile() throws {
        var machine = Machine()
        let id = CgroupID(rawValue: 700)
        for second in 0...UInt64(20) {
            let stall = Stall(some10: 0, full10: 0, someTotal: second * 900_000, fullTotal: 0)
            let usage = CgroupUsage(cgroup: id, memoryStall: nil, cpuStall: second % 2 == 0 ? stall : nil)
            machine.take(second, .cgroupSamples(CgroupSamples(reason: .activity, entries: [usage])))
        }
        machine.take(21, .cgroup(.removed(id)))
        let waited = try #require(
            machine.history.stalled(
                id, for: .cpu, from: BootTime(nanoseconds: 8_000_000_000), to: BootTime(nanoseconds: 20_000_000_000)))
        #expect(waited.lowerBound > 0.7 && waited.lowerBound < 0.75 && waited.upperBound > 0.89)
        for number in 0..<UInt64(ResourceHistory.goneKept) {
            let other = CgroupID(rawValue: 1_000 + number)
            machine.take(
                22, .cgroupSamples(CgroupSamples(reason: .activity, entries: [CgroupUsage(cgroup: other, cpu: 1)])))
            machine.take(22, .cgroup(.removed(other)))
        }
        #expect(machine.history.cgroups[id] == nil)
        #expect(machine.history.cgroups.count == ResourceHistory.goneKept)
    }

    /// However much comes, no more than the caps stays.
    @Test func isBounded() {
        var machine = Machine()
        let many = (0..<ProcessSamples.capacity).map { number in
            ProcessUsage(
                process: ProcessKey(pid: Int32(number + 100), start: BootTime(nanoseconds: 9)), anonymousKiB: 2_000,
                cpu: UInt64(number))
        }
        for number in 0..<200 as Range<UInt64> {
            machine.sample(number, Array(many.prefix(number < 20 ? many.count : 10)), reason: .oom)
            machine.take(number, .hostSample(HostSample(reason: .rest)))
            machine.take(
                number,
                .cgroupSamples(
                    CgroupSamples(
                        reason: .rest,
                        entries: (0..<100).map { CgroupUsage(cgroup: CgroupID(rawValue: number * 100 + $0)) })))
        }
        let history = machine.history
        #expect(
            history.hosts.count <= ResourceHistory.hostsKept && history.moments.count <= ResourceHistory.momentsKept)
        #expect(history.moments.allSatisfy { $0.trees.count <= ResourceHistory.treesKept })
        #expect(history.tables.reduce(0) { $0 + $1.samples.entries.count } <= 2 * ProcessSamples.capacity)
        #expect(history.tables.count <= 8 && history.cgroups.count <= 2048)
        #expect(history.hosts.last?.at == Self.at(199) && history.moments.last?.at == Self.at(199))
    }

    private static func holdings(_ keys: [ProcessKey], kib: UInt64 = 1) -> Event.Body {
        .processHoldings(
            ProcessHoldings(
                entries: keys.map {
                    ProcessHolding(process: $0, residentKiB: kib, swapKiB: 0, descriptors: OpenDescriptors(count: 3))
                }))
    }

    @Test func keepsWhatAProcessHeldAtItsLastLooks() throws {
        var machine = Machine()
        // `/proc` knows it to the tick alone.
        let young = ProcessKey(pid: 30, start: BootTime(nanoseconds: 20_000_003))
        machine.seen(young, cgroup: 3)
        let tick = ProcessKey(pid: 30, start: BootTime(nanoseconds: 20_000_000))
        for seconds in 10..<UInt64(13) { machine.take(seconds, Self.holdings([machine.service, tick], kib: seconds)) }
        let holdings = machine.history.holdings
        func kib(_ key: ProcessKey, _ seconds: UInt64, _ patience: UInt64 = 5) -> UInt64? {
            holdings.latest(of: key, before: Self.at(seconds), within: .seconds(patience))?.holding.residentKiB
        }
        #expect(kib(young, 12) == 12 && kib(young, 11) == 11 && kib(machine.service, 17) == 12)
        // Two looks are kept; what is too old or of another process is nothing.
        #expect(kib(young, 10) == nil && kib(machine.service, 18) == nil && kib(machine.agent, 12) == nil)
        #expect(holdings.count == 2)
    }

    @Test func holdingsAreBounded() {
        var machine = Machine()
        let key = { (number: UInt64) in ProcessKey(pid: Int32(number + 100), start: BootTime(nanoseconds: 9)) }
        for number in 0..<5_000 as Range<UInt64> {
            machine.take(number, Self.holdings((0..<4).map { key(number * 4 + $0) }))
            #expect(machine.history.holdings.count <= HoldingHistory.capacity)
        }
        let last = machine.history.holdings.latest(of: key(19_999), before: Self.at(5_000), within: .seconds(9))
        #expect(last?.at == Self.at(4_999))
        // All of one moment.
        for start in 0..<3 as Range<UInt64> {
            machine.take(6_000, Self.holdings((0..<200).map { key(50_000 + start * 200 + $0) }))
        }
        #expect(machine.history.holdings.count <= HoldingHistory.capacity)
    }

    @Test func namesTheLargestOfTheLargestTrees() {
        var machine = Machine()
        #expect(machine.history.largestOfTrees.isEmpty)
        machine.sample(
            1,
            [
                ProcessUsage(process: machine.agent, anonymousKiB: 100),
                ProcessUsage(process: machine.child, anonymousKiB: 300),
                ProcessUsage(process: machine.service, anonymousKiB: 200),
            ])
        #expect(machine.history.largestOfTrees == [machine.child, machine.service])
    }
}
