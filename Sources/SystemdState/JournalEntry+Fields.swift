internal import EventModel

// Which entries are kept, and whose word they are. Only what journald itself wrote decides (systemd 252 to 257).
extension JournalEntry {
    /// Nil for an entry that is of no use here. `isWatched` says of which units the own log lines are wanted.
    init?(_ fields: JournalFields, isWatched: (UnitID) -> Bool) {
        let writer = Self.writer(fields)
        switch writer {
        case .manager, .component: break
        case .kernel: guard Self.isAboutKill(fields[.message] ?? "") else { return nil }
        case .other: guard let unit = Self.writerUnit(fields), isWatched(unit) else { return nil }
        }
        self.init(
            writer: writer, writerPID: fields.number(.pid), messageID: Self.hex(fields[.messageID]),
            message: fields[.message] ?? "", identifier: fields[.identifier] ?? fields[.comm],
            priority: fields.number(.priority))
        takeSubject(fields)
        guard writer != .other else { return }
        self.fields = JournalField.kept.compactMap { field in
            fields[field].map { Field(name: field.rawValue, value: $0) }
        }
    }

    static func writer(_ fields: JournalFields) -> Writer {
        switch fields[.transport] {
        case "kernel":
            // Whoever writes to /dev/kmsg gets another facility than 0 from the kernel.
            return fields[.facility] == "0" ? .kernel : .other
        case "driver": return .component("journald")
        default: break
        }
        if fields[.pid] == "1" { return .manager(.system) }
        if let uid = userManager(fields) { return .manager(.user(uid)) }
        return component(fields[.writerUnit]).map { .component($0) } ?? .other
    }

    /// A user can make a cgroup `init.scope` anywhere below the own manager's: the whole path counts.
    private static func userManager(_ fields: JournalFields) -> UInt32? {
        guard fields[.writerUserUnit] == "init.scope", let uid = fields.number(.ownerUID, UInt32.self),
            fields[.uid] == String(uid),
            fields[.cgroup] == "/user.slice/user-\(uid).slice/user@\(uid).service/init.scope"
        else { return nil }
        return uid
    }

    /// The unit is that of the writer's cgroup, below the system's slices, where only root makes one.
    private static func component(_ unit: String?) -> String? {
        guard let unit, unit.hasPrefix("systemd-") else { return nil }
        if unit.hasPrefix("systemd-coredump@") { return "coredump" }
        return components[unit]
    }

    private static let components = [
        "systemd-journald.service": "journald", "systemd-logind.service": "logind", "systemd-oomd.service": "oomd",
        "systemd-suspend.service": "sleep", "systemd-hibernate.service": "sleep",
        "systemd-hybrid-sleep.service": "sleep", "systemd-suspend-then-hibernate.service": "sleep",
    ]

    /// One of these holds for whatever a manager, the kernel or a component writes. A coredump's unit has a name of its
    /// own each time; it is found by its message.
    static let matches =
        [
            "_PID=1", "_SYSTEMD_USER_UNIT=init.scope", "_TRANSPORT=kernel", "_TRANSPORT=driver",
            "MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1",
        ] + components.keys.sorted().map { "_SYSTEMD_UNIT=\($0)" }

    /// The kernel's own words on OOM kills and on faults that end a process.
    private static func isAboutKill(_ message: String) -> Bool {
        ["oom", "Out of memory", "out of memory", "Killed process", "segfault at", "traps: "].contains {
            message.utf8.contains($0.utf8)
        }
    }

    private static func writerUnit(_ fields: JournalFields) -> UnitID? {
        if let name = fields[.writerUserUnit], let uid = fields.number(.ownerUID, UInt32.self) {
            return UnitID(manager: .user(uid), name: name)
        }
        return fields[.writerUnit].map { UnitID(manager: .system, name: $0) }
    }

    private mutating func takeSubject(_ fields: JournalFields) {
        switch writer {
        case .manager(.system):
            unit = fields[.unit].map { UnitID(manager: .system, name: $0) }
            invocation = Self.hex(fields[.invocation])
        case .manager(.user(let uid)):
            unit = fields[.userUnit].map { UnitID(manager: .user(uid), name: $0) }
            invocation = Self.hex(fields[.userInvocation])
        case .component("coredump"):
            unit = Self.dumpedUnit(fields)
        case .component, .kernel: break
        case .other:
            unit = Self.writerUnit(fields)
            invocation = Self.hex(fields[.writerInvocation])
        }
    }

    private static func dumpedUnit(_ fields: JournalFields) -> UnitID? {
        if let name = fields[.coreUserUnit], let uid = fields.number(.coreOwnerUID, UInt32.self) {
            return UnitID(manager: .user(uid), name: name)
        }
        return fields[.coreUnit].map { UnitID(manager: .system, name: $0) }
    }

    /// 32 hexadecimal digits in lower case; nil for anything else.
    private static func hex(_ text: String?) -> String? {
        guard let text, text.utf8.count == 32, text.utf8.allSatisfy({ $0.isHexDigit }) else { return nil }
        return text.lowercased()
    }
}

extension UInt8 {
    /// 0-9, a-f, A-F.
    var isHexDigit: Bool {
        (0x30...0x39).contains(self) || (0x61...0x66).contains(self) || (0x41...0x46).contains(self)
    }
}

extension Sequence<UInt8> {
    /// Whether `part` stands somewhere in it; the work is at most the product of both lengths.
    fileprivate func contains(_ part: String.UTF8View) -> Bool {
        let bytes = Array(self)
        let wanted = Array(part)
        guard let first = wanted.first, bytes.count >= wanted.count else { return false }
        return (0...(bytes.count - wanted.count)).contains { start in
            bytes[start] == first && bytes[start..<(start + wanted.count)].elementsEqual(wanted)
        }
    }
}
