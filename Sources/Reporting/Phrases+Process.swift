import Attribution
import EventModel

extension Phrases {
    /// `bash (4300)`.
    static func name(_ process: ProcessDescription) -> VisibleText {
        "\(comm(process)) (\(process.key.pid))"
    }

    /// The name that the kernel has for it, 24 columns at most.
    static func comm(_ process: ProcessDescription) -> VisibleText {
        process.comm.isEmpty ? "(no name)" : VisibleText(escaping: process.comm, columns: 24)
    }

    /// The words as a shell would take them, cut to so many columns.
    static func command(_ process: ProcessDescription, columns: Int) -> VisibleText {
        let command = VisibleText(escaping: process.argv.map(quoted).joined(separator: " "), columns: columns)
        return process.argvTruncated ? "\(command) [cut when it was recorded]" : command
    }

    private static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
                    true
                default: plainPunctuation.contains(byte)
                }
            }
        return isPlain
            ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    private static let plainPunctuation = Set("@%+=:,./-_[]~^\\".utf8)

    /// `root → … → parent → actor` on few lines: the middle is left out where there are more than six.
    static func chain(_ processes: [ProcessDescription]) -> VisibleText {
        guard processes.count > 6 else { return VisibleText(processes.map(name), separator: " → ") }
        let hidden: VisibleText = "… \(processes.count - 5) more …"
        return VisibleText(
            processes.prefix(2).map(name) + [hidden] + processes.suffix(3).map(name), separator: " → ")
    }

    /// Who it was, in one phrase.
    static func who(_ verdict: Verdict) -> VisibleText {
        guard let culprit = verdict.culprit else { return "nobody is named: the evidence does not reach" }
        switch verdict.outcome {
        case .agent: return culprit.agent.map { "the agent \(agent($0))" } ?? "an agent"
        case .operator: return "a person's session\(culprit.root.uid.map { ", uid \($0)" } ?? "")"
        case .system: return "the system's own housekeeping"
        case .self: return "the subject itself"
        case .unknown: return "unknown"
        }
    }

    /// When a process started and ended, as seen from `origin`; whose it is; what is special about it.
    static func particulars(_ process: ProcessDescription, origin: BootTime, _ times: WallClock) -> VisibleText {
        let start: VisibleText =
            "started \(clock(process.key.start, near: origin, times)) (\(relative(process.key.start, to: origin)))"
        var parts = [start]
        if let exit = process.exit {
            parts.append("\(ending(exit.status)) at \(relative(exit.at, to: origin))")
        } else {
            parts.append("still running")
        }
        if let uid = process.uid { parts.append("uid \(uid)") }
        if let unit = process.unit { parts.append(VisibleText(escaping: unit, columns: 50)) }
        if let inner = process.namespacedPID { parts.append("pid \(inner) inside its namespace") }
        if process.seenBy == .procfs { parts.append("read from /proc, its start was not observed") }
        return VisibleText(parts, separator: " · ")
    }
}
