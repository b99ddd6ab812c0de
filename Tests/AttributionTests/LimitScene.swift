import EventModel

@testable import Attribution

/// Limits of prod and of the slices that it is in, and kills at them.
extension UnitScene {
    /// The manager says of a unit what it may have; where it `isWhole`, all of its properties were read.
    func tells(_ name: String, max bytes: UInt64?, isWhole: Bool = true) {
        let isService = name.hasSuffix(".service")
        let state = UnitState(
            unit: UnitID(manager: unit.manager, name: name), load: isWhole ? "loaded" : "", active: "active",
            sub: isService ? "running" : "active", type: isService && isWhole ? "simple" : nil, memoryMax: bytes)
        take(Event(time: tick(), source: .systemd, body: .unit(state)))
    }

    func sets(
        _ client: ProcessKey, _ property: String, of name: String = "prod.service", _ answer: Answer = .done,
        serial: UInt32 = 5
    ) {
        call(
            client, "SetUnitProperties", [], answer, serial: serial,
            arguments: [.text(name), .flag(true), .list([property])])
    }

    /// Prod, or another process, is chosen at the limit of a cgroup that has so many KiB.
    func killed(
        _ victim: ProcessKey? = nil, holding mebibytes: UInt64 = 60, limitKiB: UInt64, of name: String, cgroup: UInt64
    ) {
        let victim = victim ?? prod
        signal(victim, .kill, to: victim, code: .kernel, origin: .kernel)
        let limit = OOMVictim.Limit(
            cgroup: CgroupID(rawValue: cgroup), name: name, limitKiB: limitKiB, usageKiB: limitKiB, ooms: 1)
        oom(victim, trigger: victim, mebibytes: mebibytes, scope: .cgroup(limit))
    }

    func systemctl(_ parent: ProcessKey) -> ProcessKey { start(parent, "/usr/bin/systemctl") }
}
