import Attribution
import Collector
import EventModel
import IncidentDetection
import Testing

/// A limit was lowered minutes before it is reached: who asked for it comes through the whole pipeline, far behind the window.
@Suite struct EarlierCallTests {
    private let unit = UnitID(manager: .system, name: "kaval.service")
    private let main = Story.key(500, 100_000)
    private let client = Story.key(700, 110_000)

    private func state(_ at: UInt64, _ active: String, _ sub: String, main: ProcessKey?, max: UInt64) -> Event {
        Story.event(
            at, source: .systemd,
            .unit(
                UnitState(
                    unit: unit, active: active, sub: sub, type: "simple",
                    result: active == "failed" ? "oom-kill" : "success", invocation: "a", main: main,
                    restartPolicy: "no", memoryMax: max)))
    }

    private var asked: [Event] {
        let call = ManagerMessage(
            kind: .call, serial: 3, socket: 10, peerSocket: 11, peer: Story.key(1), address: "/run/systemd/private",
            path: "/org/freedesktop/systemd1", interface: "org.freedesktop.systemd1.Manager",
            member: "SetUnitProperties",
            arguments: [.text(unit.name), .flag(true), .list(["MemoryMax=67108864"])])
        let answer = ManagerMessage(
            kind: .reply, serial: 9, replySerial: 3, socket: 11, peerSocket: 10, isFromListener: true,
            address: "/run/systemd/private")
        return [
            Story.fork(110_000, Story.key(23), client), Story.exec(110_001, client, "/usr/bin/systemctl"),
            Story.event(110_002, client, .managerMessage(call)),
            Story.event(110_003, Story.key(1), .managerMessage(answer)),
            Story.exit(110_004, client, .code(0)),
        ]
    }

    private var killed: [Event] {
        let limit = OOMVictim.Limit(
            cgroup: CgroupID(rawValue: 900), name: unit.name, limitKiB: 64 << 10, usageKiB: 64 << 10, ooms: 1)
        let sent = SignalSent(
            target: main, targetThread: main.pid, signal: .kill, code: .kernel, disposition: .standard, origin: .kernel)
        return [
            Story.event(400_000, main, .signal(sent)),
            Story.event(400_001, main, .oomVictim(OOMVictim(victim: main, scope: .cgroup(limit)))),
            Story.exit(400_002, main), state(400_010, "failed", "failed", main: nil, max: 64 << 20),
            Story.event(405_000, source: .collector, .clock(Story.host.wallOffset)),
        ]
    }

    private func incident(_ middle: [Event]) throws -> Incident {
        let running = [
            Story.fork(100_000, Story.key(1), main), Story.exec(100_001, main, "/usr/bin/kaval"),
            state(100_010, "active", "running", main: main, max: 1 << 30),
        ]
        return try #require(try Story.pipeline(Story.opening + running + middle + killed).incidents.all.first)
    }

    @Test func whoAsked() throws {
        let verdict = try incident(asked).verdict
        #expect(verdict.mechanism == .configChange)
        #expect(verdict.outcome == .agent)
        #expect(verdict.culprit?.actor.key == client)
    }

    @Test func nobodyDid() throws {
        let verdict = try incident([]).verdict
        #expect(verdict.mechanism == .configChange)
        #expect(verdict.outcome == .unknown)
    }
}
