import EventModel

/// What each second looked like until something struck: shares of the second, by hundredths.
struct Seconds {
    var machine: UInt64 = 95
    var own: UInt64? = 90
    /// Of it, what its own quota took.
    var throttled: UInt64?
    var memory: UInt64 = 0
    /// As long as for CPU time, where nothing else is said.
    var ownMemory: UInt64?
    var io: UInt64 = 0
    var ownIO: UInt64?
    var cpus: UInt32?
    /// How long prod's main process waited; nil where the samples do not tell.
    var waited: UInt64?
    /// CPU time of each process, in hundredths of a second.
    var used: [(ProcessKey, UInt64)] = []
    /// The same in the half minute before, when nothing was short; empty for not looked at.
    var before: [(ProcessKey, UInt64)] = []
    /// What each held more after each second, in MiB.
    var grown: [(ProcessKey, UInt32)] = []

    private static let quiet: UInt64 = 30

    func pass(in scene: UnitScene, for length: UInt64 = 32) {
        if !before.isEmpty {
            for second in 0..<Self.quiet {
                look(scene, before.map { ProcessUsage(process: $0, cpu: $1 * second * 10_000) })
                scene.wait(997)
            }
        }
        for second in 0...length {
            let stall = { (hundredths: UInt64) in
                Stall(some10: 0, full10: 0, someTotal: second * hundredths * 10_000, fullTotal: 0)
            }
            let host = HostSample(
                reason: .activity, cpu: stall(machine), memory: stall(memory), io: stall(io), cpus: cpus)
            scene.take(Event(time: scene.tick(), source: .psi, body: .hostSample(host)))
            look(scene, usages(after: second))
            if let own {
                let usage = CgroupUsage(
                    cgroup: CgroupID(rawValue: 21), throttled: throttled.map { second * $0 * 10_000 },
                    memoryStall: stall(ownMemory ?? own), cpuStall: stall(own), ioStall: ownIO.map(stall))
                scene.take(
                    Event(
                        time: scene.tick(), source: .cgroup,
                        body: .cgroupSamples(CgroupSamples(reason: .activity, entries: [usage]))))
            }
            scene.wait(997)
        }
    }

    private func usages(after second: UInt64) -> [ProcessUsage] {
        let used = used.map { process, hundredths in
            let earlier = before.first { $0.0 == process }.map { $0.1 * Self.quiet } ?? 0
            return ProcessUsage(process: process, cpu: (earlier + hundredths * second) * 10_000)
        }
        let grown = grown.map { ProcessUsage(process: $0, anonymousKiB: ($1 << 10) * UInt32(second)) }
        return used + grown
    }

    private func look(_ scene: UnitScene, _ usages: [ProcessUsage]) {
        let entries = usages.map { usage in
            var usage = usage
            usage.waited = waited.map { usage.process == scene.prod ? UInt32($0 * scene.now / 100) : 0 }
            return usage
        }
        scene.take(
            Event(
                time: scene.tick(), source: .bpf,
                body: .processSamples(ProcessSamples(reason: .activity, entries: entries))))
    }
}
