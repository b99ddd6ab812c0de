import EventModel
import Foundation
import Glibc
import Testing

@testable import ProcFS

@Suite struct ConnectorEnricherTests {
    static let time = BootTime(ticks: 100)

    static func event(_ change: ConnectorEvent.Change) -> ConnectorEvent { ConnectorEvent(time: time, change: change) }

    @Test func processesThatAreGone() throws {
        let (folder, procfs) = try CapturedTreeTests.tree([(1, CapturedTreeTests.stat(1, "init", parent: 0, start: 0))])
        var enricher = ConnectorEnricher(procfs)
        let batch = [
            Self.event(.fork(parent: 1, child: 7)), Self.event(.exec(pid: 7)),
            Self.event(.leaderExit(pid: 7, status: .code(3))), Self.event(.exec(pid: 8)),
            Self.event(.leaderExit(pid: 9, status: .code(0))),
        ]
        let events = try enricher.events(from: batch, now: Self.time)
        let key = ProcessKey(pid: 7, start: Self.time)
        #expect(events.count == 3)
        #expect(events.first?.process == ProcessKey(pid: 1, start: .zero))
        #expect(events.first?.fork == Fork(child: key, childParentPID: 1, uid: .max))
        #expect(events.dropFirst().first?.process == key)
        let exec = events.dropFirst().first?.exec
        #expect(exec?.image == ExecImage(path: "", argv: ArgumentVector(isUnreadable: true)))
        #expect(exec?.environmentIncomplete == true)
        #expect(events.last?.process == key && events.last?.exit == Exit(status: .code(3)))
        #expect(enricher.unresolved == 2)
        withExtendedLifetime(folder) {}
    }

    /// What `/proc` shows under the pid by then is another process.
    @Test func theNextOwnerOfAPidIsNotTakenForIt() throws {
        let next = CapturedTreeTests.stat(7, "next", parent: 1, start: 900)
        let (folder, procfs) = try CapturedTreeTests.tree([(7, next)])
        var enricher = ConnectorEnricher(procfs)
        let events = try enricher.events(
            from: [Self.event(.fork(parent: 1, child: 7)), Self.event(.exec(pid: 7))], now: Self.time)
        #expect(events.compactMap(\.exec).first?.image.argv.isUnreadable == true)
        #expect(events.last?.process?.start == Self.time)
        withExtendedLifetime(folder) {}
    }

    @Test func anExitThatWasLost() throws {
        let (folder, procfs) = try CapturedTreeTests.tree([(7, CapturedTreeTests.stat(7, "new", parent: 1, start: 90))])
        var enricher = ConnectorEnricher(procfs)
        let former = ProcessKey(pid: 7, start: BootTime(ticks: 3))
        let gone = ProcessKey(pid: 9, start: BootTime(ticks: 3))
        let seen = ProcessSeen(parent: nil, uid: 0, comm: "")
        enricher.learn(
            [former, gone].map { Event(time: .zero, source: .procfs, process: $0, body: .seen(seen)) })
        let events = try enricher.events(from: [Self.event(.fork(parent: 1, child: 7))], now: Self.time)
        #expect(events.first?.process == former && events.first?.exit == Exit(status: nil))
        #expect(events.last?.fork?.child == ProcessKey(pid: 7, start: BootTime(ticks: 90)))
        #expect(try enricher.lostEnds(now: Self.time).map(\.process) == [gone])
        #expect(try enricher.lostEnds(now: Self.time).isEmpty)
        withExtendedLifetime(folder) {}
    }

    /// The leader has ended, other threads live on: the process ends with them, or one of them executes.
    @Test(arguments: [true, false])
    func leaderEndsFirst(executes: Bool) throws {
        let line = CapturedTreeTests.stat(7, "x", parent: 1, start: 5)
        let dead = line.replacing(") S ", with: ") Z ").replacing(" 20 0 1 0 5", with: " 20 0 2 0 5")
        let (folder, procfs) = try CapturedTreeTests.tree([(7, dead)])
        var enricher = ConnectorEnricher(procfs)
        let exit = Self.event(.leaderExit(pid: 7, status: .signal(.kill)))
        #expect(try enricher.events(from: [exit], now: Self.time).isEmpty)
        #expect(try enricher.events(from: [], now: Self.time).isEmpty)
        if executes {
            try folder.write(line.utf8, to: "7/stat")
            let events = try enricher.events(from: [Self.event(.exec(pid: 7))], now: Self.time)
            #expect(events.count == 1 && events.first?.exec?.image.path == "x")
            // Late: by then the thread that executed is the leader, and lives.
            #expect(try enricher.events(from: [exit], now: Self.time).isEmpty)
        } else {
            try FileManager.default.removeItem(atPath: folder.path + "/7")
            let events = try enricher.events(from: [], now: Self.time)
            #expect(events.map(\.exit) == [Exit(status: .signal(.kill))])
        }
        #expect(try enricher.events(from: [], now: Self.time).isEmpty)
    }

    @Test func limit() throws {
        let (folder, procfs) = try CapturedTreeTests.tree([])
        var enricher = ConnectorEnricher(procfs, limit: 3)
        let batch = (10..<20).map { Self.event(.fork(parent: 1, child: $0)) }
        #expect(try enricher.events(from: batch, now: Self.time).count == 10)
        #expect(enricher.overflow == 7)
        withExtendedLifetime(folder) {}
    }
}

@Suite struct ProcConnectorTests {
    /// Why the connector cannot be had here; nil where it can.
    static let refusal: String? = {
        do throws(SystemCallError) {
            _ = try ProcConnector()
            return nil
        } catch {
            return "\(error.call) \(error.object): errno \(error.errno)"
        }
    }()

    static let note: Comment =
        "needs the kernel's process connector: CONFIG_PROC_EVENTS, the initial namespaces, CAP_NET_ADMIN. \(refusal ?? "")"

    @Test(.enabled(if: refusal == nil, note))
    func realLives() throws {
        var connector = try ProcConnector()
        var enricher = ConnectorEnricher(ProcFS(), markers: ["MARK*"])
        let child = try Child("/bin/sh", ["sh", "-c", "read x; exit 5"], environment: ["MARKER=1"])
        // It waits for input, but may not have come to its exec yet: the connector tells when.
        var events: [Event] = []
        while !events.about(child.pid).contains(where: { $0.exec != nil }) {
            var poll = pollfd(fd: connector.fileDescriptor, events: Int16(POLLIN), revents: 0)
            try #require(Glibc.poll(&poll, 1, 30_000) == 1, "the kernel tells nothing")
            events += try enricher.events(from: try connector.drain().events, now: ProcFS.boottimeNow())
        }
        try child.tell("\n")
        #expect(child.reap() == .code(5))
        let batch = try connector.drain()
        #expect(batch.lost == 0 && !batch.hasOverflowed && batch.malformed == 0)
        events += try enricher.events(from: batch.events, now: ProcFS.boottimeNow())
        let life = events.about(child.pid)
        #expect(life.count == 3)
        #expect(life.first?.process?.pid == getpid() && life.first?.fork?.uid == getuid())
        let key = try #require(life.first?.fork?.child)
        #expect(life.dropFirst().allSatisfy { $0.process == key })
        #expect(life.dropFirst().first?.exec?.image.argv.words == ["sh", "-c", "read x; exit 5"])
        #expect(life.dropFirst().first?.exec?.image.markers == [EnvironmentMarker(name: "MARKER", value: "1")])
        #expect(life.last?.exit == Exit(status: .code(5)))
        #expect(zip(life, life.dropFirst()).allSatisfy { $0.time <= $1.time })
    }

    /// A storm into a receive buffer that is too small. A message that comes through shows the gap before it, once one of
    /// its CPU has come through before.
    @Test(.enabled(if: refusal == nil, note))
    func lossIsCounted() throws {
        var connector = try ProcConnector(receiveBuffer: 4096)
        var (hasOverflowed, lost): (Bool, UInt64) = (false, 0)
        for _ in 0..<200 where lost == 0 {
            for _ in 0..<20 { try Child("/bin/true", ["true"]).reap() }
            let batch = try connector.drain()
            hasOverflowed = hasOverflowed || batch.hasOverflowed
            lost += batch.lost
        }
        #expect(hasOverflowed && lost > 0)
    }

    /// Thousands of processes: each one's fork and end are told once.
    @Test(
        .enabled(if: refusal == nil, note),
        .enabled(if: geteuid() == 0, "needs CAP_NET_ADMIN for a receive buffer that holds a storm"))
    func storm() throws {
        var connector = try ProcConnector(receiveBuffer: 64 << 20)
        var enricher = ConnectorEnricher(ProcFS())
        var (expected, events, lost): ([Int32], [Event], UInt64) = ([], [], 0)
        for number in 0..<2000 {
            let child = try Child("/bin/true", ["true"])
            child.reap()
            expected.append(child.pid)
            if number % 25 == 24 {
                let batch = try connector.drain()
                lost += batch.lost
                events += try enricher.events(from: batch.events, now: ProcFS.boottimeNow())
            }
        }
        let batch = try connector.drain()
        events += try enricher.events(from: batch.events, now: ProcFS.boottimeNow())
        #expect(lost + batch.lost == 0)
        // By order and key, not by pid: under load the pids come round within this test.
        var forks: [ProcessKey] = []
        for child in events.filter({ $0.process?.pid == getpid() }).compactMap(\.fork?.child)
        where forks.count < expected.count && child.pid == expected[forks.count] {
            forks.append(child)
        }
        #expect(forks.count == expected.count)
        let exits = Dictionary(grouping: events.filter { $0.exit != nil }.compactMap(\.process)) { $0 }
        #expect(forks.allSatisfy { exits[$0]?.count == 1 })
        let unread = events.filter { $0.exec?.image.argv.isUnreadable == true }.count
        let images = events.filter { $0.exec != nil }.count
        print("connector: \(expected.count) processes, \(unread) of \(images) images unread")
    }
}
