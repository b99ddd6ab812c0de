import Attribution
import EventModel

// A memory limit of prod, who changes it, and the kill at it.
extension UnitScene {
    static let dropIn = "/etc/systemd/system/prod.service.d/limit.conf"

    /// The manager tells of its limit, and of the files that it read.
    func limit(_ mebibytes: UInt64?, files: [String] = []) {
        take(
            Event(
                time: tick(), source: .systemd,
                body: .unit(
                    UnitState(
                        unit: unit, active: "active", sub: "running", type: "simple",
                        memoryMax: mebibytes.map { $0 << 20 }, files: files))))
    }

    /// `says` and `before`: what the file says of memory; nil where that is not known.
    func write(
        _ writer: ProcessKey?, _ path: String = UnitScene.dropIn, step: UnitFileChange.Step = .written,
        says: MemorySettings? = nil, before: MemorySettings? = nil
    ) {
        let change = UnitFileChange(
            path: path, step: step, manager: .system, writer: writer?.pid ?? 0, settings: says, settingsBefore: before)
        take(Event(time: tick(), source: .fanotify, process: writer, body: .unitFile(change)))
    }

    func setLimit(_ client: ProcessKey, _ property: String = "MemoryMax=67108864") {
        call(
            client, "SetUnitProperties", [], .done,
            arguments: [.text("prod.service"), .flag(true), .list([property])])
    }

    @discardableResult
    func reload(_ parent: ProcessKey) -> ProcessKey {
        let client = start(parent, "/usr/bin/systemctl")
        call(client, "Reload", [], .done)
        return client
    }

    /// The kernel ends it at that limit of that cgroup, or of the machine.
    func diesOfMemory(at mebibytes: UInt64? = 64, in name: String = "prod.service") -> Incident {
        signal(prod, .kill, to: prod, code: .kernel, origin: .kernel)
        let limit = mebibytes.map {
            OOMVictim.Limit(
                cgroup: CgroupID(rawValue: 900), name: name, limitKiB: $0 << 10, usageKiB: $0 << 10, ooms: 1)
        }
        take(
            Event(
                time: tick(), source: .bpf, process: prod,
                body: .oomVictim(
                    OOMVictim(victim: prod, anonymousKiB: 60 << 10, scope: limit.map { .cgroup($0) } ?? .global))))
        return prodEnds(.signal(.kill))
    }
}
