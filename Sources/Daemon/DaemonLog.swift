public import Glibc
public import Reporting

/// What the daemon says of itself: lines on stderr, with the priorities of sd-daemon(3) where no person reads them.
public struct DaemonLog: Sendable {
    private let hasPriorities: Bool

    public init(hasPriorities: Bool = isatty(STDERR_FILENO) != 1) { self.hasPriorities = hasPriorities }

    public enum Priority: Int, Sendable {
        case error = 3
        case warning = 4
        case notice = 5
        case info = 6
    }

    /// One line; text from outside is escaped.
    public func write(_ priority: Priority, _ text: VisibleText) {
        let line = (hasPriorities ? "<\(priority.rawValue)>" : "culprit: ") + text.text + "\n"
        // One write, so that lines of several threads stay whole.
        _ = Glibc.write(STDERR_FILENO, line, line.utf8.count)
    }
}
