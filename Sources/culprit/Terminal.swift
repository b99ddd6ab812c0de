import EventModel
import Glibc
import Reporting

/// The two output streams: results on stdout, messages on stderr.
enum Terminal {
    /// One line of message.
    static func message(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    /// A piece of the result. A reader that has gone away ends the program quietly, as it does for other filters.
    static func result(_ text: String) { write(text, to: STDOUT_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
                if count < 0 {
                    if errno == EINTR { continue }
                    if descriptor == STDOUT_FILENO { endWithoutReader() }
                    return
                }
                written += count
            }
        }
    }

    private static func endWithoutReader() -> Never {
        if errno == EPIPE { exit(0) }
        Failure.report(SystemCallError(call: "write", object: "the result, to stdout", errno: errno))
    }

    /// A stream that was closed by the caller gets a descriptor that every write fails on. The next file to be opened
    /// would take its number otherwise, and our messages would go into that.
    static func holdClosedStreams() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Colour on a terminal only; NO_COLOR switches it off, FORCE_COLOR on.
    static var hasColour: Bool {
        func isSet(_ name: String) -> Bool { getenv(name).map { $0.pointee != 0 } ?? false }
        if isSet("NO_COLOR") { return false }
        return isSet("FORCE_COLOR") || isatty(STDOUT_FILENO) == 1
    }

    /// Columns of the terminal on stdout, 100 where there is none.
    static var width: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
        return max(60, min(Int(size.ws_col), 160))
    }

    /// A line that is overwritten by the next: progress for who is looking, nothing for a log.
    static func progress(_ text: String) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        write("\r\u{1b}[K" + text, to: STDERR_FILENO)
    }

    static func endProgress() {
        guard isatty(STDERR_FILENO) == 1 else { return }
        write("\r\u{1b}[K", to: STDERR_FILENO)
    }
}

/// Text from outside, on its way to a terminal.
enum Visible {
    /// With everything that a terminal would act on made visible, on one line.
    static func line(_ text: String) -> String { VisibleText(escaping: text).text }
}
