import EventModel
import Testing

@testable import ProcessTracking

/// `at` and `atd`: the daemon forks, its child forks the job's shell, and that runs the commands.
private final class AtHost {
    var table = ProcessTable(capacity: 1 << 20)
    let cgroups = CgroupTree()
    var tracker = RequestTracker()
    let daemon = key(2), agent = key(3), person = key(4)
    /// After every event.
    var isChecked = true
    private var now: UInt64 = 1000
    private var nextPID: Int32 = 100

    init() {
        for process in [daemon, agent, person] { take(fork(key(1), process)) }
        run(daemon, "/usr/sbin/atd")
        table.setTag(7, for: agent, at: time(5))
    }

    func take(_ event: Event) {
        table.apply(event)
        tracker.apply(event, &table, cgroups)
        if isChecked { #expect(table.violations() == []) }
    }

    func child(of parent: ProcessKey) -> ProcessKey {
        (now, nextPID) = (now + 1, nextPID + 1)
        let child = ProcessKey(pid: nextPID, start: time(now))
        take(fork(parent, child))
        return child
    }

    func run(
        _ process: ProcessKey, _ path: String, session: String? = nil, uid: UInt32 = 0, incomplete: Bool = false,
        words: [String]? = nil
    ) {
        now += 1
        let markers = session.map {
            [
                EnvironmentMarker(name: "CLAUDE_CODE_SESSION_ID", value: $0),
                EnvironmentMarker(name: "CLAUDECODE", value: "1"),
            ]
        }
        let exec = Exec(
            image: ExecImage(
                path: path, exe: path, argv: ArgumentVector(words: words ?? [path]), markers: markers ?? []),
            parentPID: 1, uid: uid, environmentIncomplete: incomplete)
        take(Event(time: time(now), source: .bpf, process: process, body: .exec(exec)))
    }

    /// A client that leaves a job; where it is for `now`, it tells the daemon.
    @discardableResult
    func at(
        _ parent: ProcessKey, session: String?, _ program: String = "/usr/bin/at", uid: UInt32 = 0,
        now isNow: Bool = false
    ) -> ProcessKey {
        let client = child(of: parent)
        run(client, program, session: session, uid: uid, words: [program, isNow ? "now" : "23:00"])
        signal(client, .hangup, to: daemon)
        take(exit(client, at: time(now + 1)))
        wait(isNow ? 1 : 60_000)
        return client
    }

    func signal(_ sender: ProcessKey, _ signal: Signal, to target: ProcessKey) {
        wait(1)
        let sent = SignalSent(target: target, targetThread: target.pid, signal: signal, code: .user, origin: .process)
        take(Event(time: time(now), source: .bpf, process: sender, body: .signal(sent)))
    }

    func wait(_ milliseconds: UInt64) { now += milliseconds }

    /// Anything that happens then.
    func clock(after milliseconds: UInt64) {
        wait(milliseconds)
        take(Event(time: time(now), source: .collector, body: .clock(WallOffset(nanoseconds: 0))))
    }

    /// The shell that the daemon starts for a job.
    func shell(uid: UInt32 = 0) -> ProcessKey {
        let shell = child(of: child(of: daemon))
        run(shell, "/bin/sh", uid: uid)
        return shell
    }

    /// That shell, and the command that it runs.
    func job(session: String?, uid: UInt32 = 0, incomplete: Bool = false) -> (shell: ProcessKey, command: ProcessKey) {
        let shell = shell(uid: uid)
        let command = child(of: shell)
        run(command, "/usr/bin/systemctl", session: session, uid: uid, incomplete: incomplete)
        return (shell, command)
    }
}

@Suite struct DeferredJobTests {
    @Test func anAgentsJobIsTheAgents() {
        let host = AtHost()
        let client = host.at(host.agent, session: "s1")
        let (shell, command) = host.job(session: "s1")
        let edge = host.table.request(of: shell)
        #expect(edge?.requester == client && edge?.certainty == .inferred)
        #expect(host.table.tag(of: command) == 7)
        #expect(host.table.pids(command).suffix(3) == [client.pid, 3, 1])
    }

    @Test func severalJobsOfOneAgentAreItsAll() {
        let host = AtHost()
        for _ in 0..<3 { host.at(host.agent, session: "s1") }
        for command in [host.job(session: "s1").command, host.job(session: "s1").command] {
            #expect(host.table.tag(of: command) == 7)
        }
    }

    @Test func aPersonsJobIsNotTheAgents() {
        let host = AtHost()
        host.at(host.agent, session: "s1")
        host.at(host.person, session: nil)
        let (shell, command) = host.job(session: nil)
        #expect(host.table.request(of: shell) == nil && host.table.tag(of: command) == 0)
    }

    @Test func anotherSessionAnotherUserAndACutEnvironmentFitNobody() {
        let host = AtHost()
        host.at(host.agent, session: "s1")
        let shells = [
            host.job(session: "s2").shell, host.job(session: "s1", uid: 1000).shell,
            host.job(session: "s1", incomplete: true).shell,
        ]
        for shell in shells { #expect(host.table.request(of: shell) == nil) }
    }

    @Test func aMarkerThatTwoPartiesHaveSaysNothing() {
        let host = AtHost()
        host.at(host.agent, session: "s1")
        host.at(host.person, session: "s1")
        let shell = host.job(session: "s1").shell
        #expect(host.table.request(of: shell) == nil)
    }

    @Test func whatIsNotBelowTheDaemonIsNoJob() {
        let host = AtHost()
        host.at(host.agent, session: "s1")
        let command = host.child(of: host.person)
        host.run(command, "/usr/bin/systemctl", session: "s1")
        #expect(host.table.request(of: command) == nil && host.table.tag(of: command) == 0)
    }

    @Test func whatTheShellBecomesIsItsCommand() {
        let host = AtHost()
        let client = host.at(host.agent, session: "s1")
        let shell = host.shell()
        host.run(shell, "/usr/bin/systemctl", session: "s1")
        #expect(host.table.request(of: shell)?.requester == client && host.table.tag(of: shell) == 7)
    }

    /// The markers are those of an agent that a person's job has started.
    @Test func whatIsNotTheShellsOwnCommandSaysNothing() {
        let host = AtHost()
        host.at(host.agent, session: "s1")
        let shell = host.shell()
        let program = host.child(of: shell)
        host.run(program, "/usr/bin/gemini")
        let tool = host.child(of: program)
        host.run(tool, "/bin/sh", session: "s1")
        host.run(program, "/usr/bin/gemini", session: "s1")
        #expect(host.table.request(of: shell) == nil && host.table.tag(of: shell) == 0)
    }

    @Test func theDaemonItselfIsNobodysJob() {
        let host = AtHost()
        host.at(host.agent, session: "s1")
        let mailer = host.child(of: host.daemon)
        host.run(mailer, "/usr/sbin/sendmail", session: "s1")
        #expect(host.table.request(of: mailer) == nil && host.table.tag(of: host.daemon) == 0)
    }

    @Test func aScriptCalledAtIsNoClient() {
        let image = ExecImage(path: "/usr/bin/at", exe: "/usr/bin/dash")
        #expect(!DeferredJobs.isClient(image) && !DeferredJobs.isClient(ExecImage(path: "/bin/cat", exe: "/bin/cat")))
        #expect(DeferredJobs.isClient(ExecImage(path: "/usr/bin/at", exe: "/usr/bin/at")))
    }

    @Test func clientsAreBounded() {
        let host = AtHost()
        host.isChecked = false
        for number in 0..<600 { host.at(host.agent, session: "s\(number)") }
        let (first, last) = (host.job(session: "s0").shell, host.job(session: "s599").shell)
        #expect(host.table.request(of: first) == nil && host.table.request(of: last) != nil)
        #expect(host.table.violations() == [])
    }
}

/// Jobs without markers that the daemon runs as soon as it is told of them.
@Suite struct ImmediateJobTests {
    @Test func aJobForNowIsWhoseItWasLeftBy() {
        let host = AtHost()
        let client = host.at(host.agent, session: nil, now: true)
        let shell = host.shell()
        #expect(host.table.tag(of: shell) == 0)
        host.clock(after: 1100)
        #expect(host.table.request(of: shell)?.requester == client && host.table.tag(of: shell) == 7)
        #expect(host.table.request(of: shell)?.certainty == .inferred)
    }

    @Test func aPersonsIsThePersons() {
        let host = AtHost()
        let client = host.at(host.person, session: nil, now: true)
        let shell = host.shell()
        host.clock(after: 1100)
        #expect(host.table.request(of: shell)?.requester == client && host.table.tag(of: shell) == 0)
    }

    @Test func whereTwoPartiesLeaveOneNobodyIsTold() {
        let host = AtHost()
        host.at(host.agent, session: nil, now: true)
        let first = host.shell()
        host.at(host.person, session: nil, now: true)
        let second = host.shell()
        host.clock(after: 3000)
        #expect(host.table.request(of: first) == nil && host.table.request(of: second) == nil)
    }

    /// One that was left before for that minute.
    @Test func whereMoreJobsStartThanWereLeftNobodyIsTold() {
        let host = AtHost()
        host.at(host.agent, session: nil, now: true)
        let shells = [host.shell(), host.shell()]
        host.clock(after: 1100)
        #expect(shells.allSatisfy { host.table.request(of: $0) == nil })
    }

    @Test func anothersJobAndALaterOneAreNotMeant() {
        let host = AtHost()
        host.at(host.agent, session: nil, now: true)
        let others = host.shell(uid: 1000)
        host.clock(after: 1100)
        let late = host.shell()
        host.at(host.agent, session: nil)
        let untold = host.shell()
        host.clock(after: 1100)
        for shell in [others, late, untold] { #expect(host.table.request(of: shell) == nil) }
    }

    @Test func callsAreBoundedAndForgotten() {
        let host = AtHost()
        for _ in 0..<200 {
            host.at(host.agent, session: nil, now: true)
            _ = host.shell()
        }
        host.clock(after: 5000)
        #expect(!host.tracker.immediateJobs.isWaiting)
    }
}
