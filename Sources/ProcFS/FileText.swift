import Glibc

/// A small file read with three calls, for those that are read again and again.
enum FileText {
    /// The first `limit` bytes; nil where it cannot be read, whatever the reason.
    static func read(_ path: String, limit: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return (try? FileContents(reading: file, object: "", limit: limit))?.bytes
    }
}
