import EventModel
import Foundation
import Glibc
import Testing

@testable import ProcFS

/// Against the running kernel. Each test looks only at the processes that it has started itself.
@Suite struct LiveTests {
    @Test func scanShowsWhatWasStarted() throws {
        let child = try Child(
            "/bin/cat", ["/bin/../bin/cat", "-u", "-"], environment: ["CLAUDECODE=1", "SECRET_TOKEN=x", "AI_AGENT=me"])
        try child.tell("ready\n")
        #expect(try child.line() == "ready")
        let scan = try ProcFS().scan(at: BootTime(nanoseconds: 5), markers: ["CLAUDECODE", "AI_*"])
        let events = scan.events.about(child.pid)
        #expect(events.count == 1)
        let seen = try #require(events.first?.seen)
        #expect(seen.comm == "cat" && seen.uid == getuid() && seen.parent?.pid == getpid())
        let image = try #require(seen.image)
        #expect(image.exe?.hasSuffix("/cat") == true && image.path == "/bin/../bin/cat")
        #expect(image.argv.words == ["/bin/../bin/cat", "-u", "-"])
        #expect(image.cwd == FileManager.default.currentDirectoryPath)
        #expect(image.markers.map(\.name).sorted() == ["AI_AGENT", "CLAUDECODE"])
        let own = try #require(scan.events.about(getpid()).first?.process)
        #expect(seen.parent == own)
        #expect(try ProcFS().host(version: "").collector == own)
    }

    @Test func parentsComeFirst() throws {
        let scan = try ProcFS().scan(at: .zero)
        var known: Set<ProcessKey> = []
        for event in scan.events {
            let (key, seen) = (try #require(event.process), event.seen)
            if seen != nil { #expect(known.insert(key).inserted, "twice: \(key)") }
        }
        let inOrder = scan.events.compactMap { event in event.seen.map { (event.process, $0.parent) } }
        var before: Set<ProcessKey> = []
        for (key, parent) in inOrder {
            if let parent, known.contains(parent) { #expect(before.contains(parent)) }
            if let key { before.insert(key) }
        }
    }

    @Test func zombieIsReportedWithItsStatus() throws {
        let child = try Child(script: "exit 3")
        child.awaitEnd()
        let events = try ProcFS().scan(at: .zero).events.about(child.pid)
        #expect(events.count == 2 && events.first?.seen != nil && events.first?.seen?.image == nil)
        #expect(events.last?.exit == Exit(status: .code(3)))
    }

    @Test func pollerFollowsALife() throws {
        var poller = ProcessPoller(ProcFS(), markers: ["MARK*"])
        _ = try poller.poll(at: .zero)
        let child = try Child("/bin/sh", ["sh", "-c", "read x; exec cat"], environment: ["PATH=/bin", "MARKER=7"])
        let pid = child.pid
        // It reads its input, so it has executed the shell; then it answers as cat.
        try child.tell("go\nping\n")
        #expect(try child.line() == "ping")
        let born = try poller.poll(at: .zero).about(pid)
        #expect(born.count == 2)
        #expect(born.first?.process?.pid == getpid() && born.first?.fork?.childParentPID == getpid())
        #expect(born.last?.exec?.image.argv.words == ["cat"] && born.last?.exec?.parentPID == getpid())
        #expect(born.last?.exec?.image.markers == [EnvironmentMarker(name: "MARKER", value: "7")])
        #expect(try poller.poll(at: .zero).about(pid).isEmpty)
        child.closeInput()
        child.awaitEnd()
        #expect(try poller.poll(at: .zero).about(pid).map(\.exit) == [Exit(status: .code(0))])
        child.reap()
        #expect(try poller.poll(at: .zero).about(pid).isEmpty)
    }

    @Test func pollerSeesAnExecOfTheSameProgram() throws {
        let child = try Child(script: "echo one; read x; exec sh -c 'echo two; read x'")
        #expect(try child.line() == "one")
        var poller = ProcessPoller(ProcFS())
        _ = try poller.poll(at: .zero)
        try child.tell("\n")
        #expect(try child.line() == "two")
        let events = try poller.poll(at: .zero).about(child.pid)
        #expect(events.map { $0.exec?.image.argv.words } == [["sh", "-c", "echo two; read x"]])
    }

    @Test func pollerTellsForkFromExec() throws {
        let child = try Child(script: "read x; (echo made; read x; :) ; :")
        var poller = ProcessPoller(ProcFS())
        _ = try poller.poll(at: .zero)
        try child.tell("\n")
        #expect(try child.line() == "made")
        let forks = try poller.poll(at: .zero).filter { $0.fork?.childParentPID == child.pid }
        let grandchild = try #require(forks.first?.fork?.child)
        #expect(forks.count == 1 && forks.first?.process?.pid == child.pid)
        #expect(try poller.poll(at: .zero).about(grandchild.pid).isEmpty)
    }

    /// Who reaps first takes the status along.
    @Test func exitOfTheReapedIsUnknown() throws {
        let child = try Child(script: "echo here; read x")
        #expect(try child.line() == "here")
        var poller = ProcessPoller(ProcFS())
        _ = try poller.poll(at: .zero)
        kill(child.pid, SIGKILL)
        #expect(child.reap() == .signal(.kill))
        #expect(try poller.poll(at: .zero).about(child.pid).map(\.exit) == [Exit(status: nil)])
    }

    static func racer() throws -> Child { try Child("/bin/bash", ["race-sh", "-c", "exec -a race-true /bin/true"]) }

    static func isOfOneProgram(_ image: ExecImage) -> Bool {
        guard let first = image.argv.words.first, let exe = image.exe else { return true }
        if first == "race-sh" { return exe.hasSuffix("sh") }
        return first != "race-true" || exe.hasSuffix("/true")
    }

    /// Looks at each of thousands of processes for as long as it is there, from its start over an exec to its end. What is
    /// seen may be the one program or the other, never some of both.
    @Test func racesWithExecAndExit() throws {
        let procfs = ProcFS()
        var seen: [String: Int] = [:]
        for _ in 0..<1500 {
            let child = try Self.racer()
            while let seenNow = try procfs.process(child.pid, at: .zero)?.seen {
                if let image = seenNow.image { #expect(Self.isOfOneProgram(image), "\(image)") }
                seen[seenNow.image?.argv.words.first ?? "no image", default: 0] += 1
                if seenNow.comm == "true", seenNow.image == nil { break }
            }
            child.reap()
        }
        print("races with exec and exit: \(seen)")
        #expect(seen["race-sh", default: 0] > 0)
    }

    /// Scans and polls while processes come and go as fast as they can.
    @Test func scanAndPollInAStorm() throws {
        let done = DoneFlag()
        let storm = Thread {
            for _ in 0..<1000 {
                let children = (0..<4).map { _ in try? Self.racer() }
                for child in children { child?.reap() }
            }
            done.set()
        }
        storm.start()
        var poller = ProcessPoller(ProcFS())
        var (rounds, begun, ended) = (0, Set<ProcessKey>(), Set<ProcessKey>())
        var isOver = false
        while !isOver {
            isOver = done.isSet
            let scan = try ProcFS().scan(at: .zero)
            #expect(scan.unreadable == 0 && scan.events.contains { $0.process?.pid == getpid() })
            let events = try poller.poll(at: .zero)
            for image in (scan.events + events).compactMap({ $0.seen?.image ?? $0.exec?.image }) {
                #expect(Self.isOfOneProgram(image), "\(image)")
            }
            for key in events.compactMap({ $0.fork?.child }) { #expect(begun.insert(key).inserted, "twice: \(key)") }
            for key in events.filter({ $0.exit != nil }).compactMap(\.process) {
                #expect(ended.insert(key).inserted, "ended twice: \(key)")
            }
            rounds += 1
        }
        print("storm of 4000: \(rounds) rounds, \(begun.count) forks and \(ended.count) exits seen")
    }

    @Test func clocks() {
        let before = ProcFS.boottimeNow()
        let offset = ProcFS.wallOffset()
        #expect(ProcFS.boottimeNow() >= before)
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let wall = offset.wall(ProcFS.boottimeNow()).nanoseconds
        #expect(abs(wall / 1_000_000_000 - Int64(now.tv_sec)) <= 60)
    }

    @Test func hostIsThisOne() throws {
        let host = try ProcFS().host(version: "1")
        #expect(host.name == (try String(contentsOfFile: "/proc/sys/kernel/hostname", encoding: .utf8)).dropLast())
        let bootID = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        #expect(host.bootID == bootID.dropLast())
        #expect(!host.kernel.isEmpty && host.collector.pid == getpid())
    }

    static let hierarchy = ProcFS().cgroups

    @Test(.enabled(if: hierarchy != nil, "needs a mounted cgroup hierarchy of systemd's kind, and none is mounted"))
    func cgroupTreeHoldsTheCgroupsOfProcesses() throws {
        let procfs = ProcFS()
        let own = try #require(try procfs.process(getpid(), at: .zero)).cgroup
        #expect(own != .unknown)
        let tree = try procfs.cgroupTree(at: .zero)
        #expect(tree.events.contains { $0.cgroup == own })
        let root = try #require(tree.events.first)
        #expect(root.body == .cgroup(.made(root.cgroup, parent: .unknown, name: "")))
    }
}

/// Set by one thread, looked at by another.
final class DoneFlag: @unchecked Sendable {
    private let lock = NSLock()
    private var value = false

    func set() { lock.withLock { value = true } }
    var isSet: Bool { lock.withLock { value } }
}
