import Glibc

/// What a hook is given on stdin.
enum StandardInput {
    /// All of it, until its end, or until nothing more has come for so long. Of a person's terminal nothing; of what is
    /// longer than `limit` bytes nothing either, but it is read, so that its writer does not hang or break.
    static func read(limit: Int, patience: Int32) -> [UInt8] {
        guard isatty(STDIN_FILENO) == 0 else { return [] }
        let end = MonotonicClock.now() + UInt64(max(0, patience)) * 1_000_000
        var bytes: [UInt8] = []
        var isTooLong = false
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let now = MonotonicClock.now()
            guard now < end else { break }
            var wait = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            guard poll(&wait, 1, Int32(clamping: (end - now) / 1_000_000 + 1)) > 0 else { break }
            let count = Glibc.read(STDIN_FILENO, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            isTooLong = isTooLong || bytes.count + count > limit
            if !isTooLong { bytes.append(contentsOf: chunk[..<count]) }
        }
        return isTooLong ? [] : bytes
    }
}
