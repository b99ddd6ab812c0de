import Glibc

/// What this program was started with and has changed, for a program that it becomes.
enum InheritedSignals {
    /// SIGPIPE was ignored before we did so.
    nonisolated(unsafe) private static var pipeWasIgnored = false

    /// A reader of our output that goes away is met at the write.
    static func ignorePipe() {
        var before = sigaction()
        sigaction(SIGPIPE, nil, &before)
        pipeWasIgnored = unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self) == 1
        signal(SIGPIPE, SIG_IGN)
    }

    /// Becomes the command, found in PATH; comes back only where it cannot be started.
    static func become(_ words: [String]) throws -> Never {
        if !pipeWasIgnored { signal(SIGPIPE, SIG_DFL) }
        var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        argv.append(nil)
        execvp(words.first ?? "", argv)
        throw Failure.cannotStart(words.first ?? "", errno: errno)
    }
}
