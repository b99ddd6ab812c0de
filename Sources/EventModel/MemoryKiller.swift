/// Daemons that end processes where memory runs short. They choose; who held the memory is another question.
public enum MemoryKiller {
    /// By the name that the kernel shows.
    public static let names: Set<String> = ["systemd-oomd", "earlyoom", "oomd", "nohang", "psi-monitor"]

    /// By the service that they are: some of them are scripts, which the kernel shows by the name of what runs them.
    public static let services: Set<String> = [
        "systemd-oomd.service", "earlyoom.service", "oomd.service", "nohang.service", "nohang-desktop.service",
    ]

    /// Those that are set to look after cgroups, by either.
    public static let ofCgroups: Set<String> = ["systemd-oomd", "oomd"]

    /// journald's id of what a service manager writes of a unit whose processes systemd-oomd has killed (sd-messages.h).
    public static let oomdMessage = "d989611b15e44c9dbf31e3c81256e4ed"

    /// Whether what was executed there may be one. Asked at every exec: most are none by their last letter.
    public static func isOne(path: String) -> Bool {
        guard let last = path.utf8.last,
            last == UInt8(ascii: "d") || last == UInt8(ascii: "m") || last == UInt8(ascii: "g")
                || last == UInt8(ascii: "r"), let name = path.utf8.split(separator: UInt8(ascii: "/")).last
        else { return false }
        return names.contains(String(decoding: name, as: UTF8.self))
    }
}
