internal import EventModel
internal import Glibc

/// Where a recording's bytes come from: a file, or memory.
enum RecordingSource {
    case file(descriptor: Int32, path: String, size: Int)
    case memory([UInt8])

    /// Opens a file for reading. Does not wait for the other end of a pipe: that fails later, as it cannot be searched.
    static func open(_ path: String) throws(RecordingError) -> RecordingSource {
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        let descriptor = Glibc.open(path, flags)
        guard descriptor >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR
                ? .noSuchFile(path: path)
                : .unreadable(SystemCallError(call: "open", object: path, errno: errno))
        }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            _ = Glibc.close(descriptor)
            throw .isDirectory(path: path)
        }
        do throws(SystemCallError) {
            let size = try SystemCall.retrying("lseek", path) { lseek(descriptor, 0, SEEK_END) }
            return .file(descriptor: descriptor, path: path, size: size)
        } catch {
            _ = Glibc.close(descriptor)
            throw .unreadable(error)
        }
    }

    var name: String {
        switch self {
        case .file(_, let path, _): path
        case .memory: "<memory>"
        }
    }

    /// Bytes there were when it was opened; what a writer adds later is not looked at.
    var size: Int {
        switch self {
        case .file(_, _, let size): size
        case .memory(let bytes): bytes.count
        }
    }

    /// Fills `target` from `offset` on; fewer bytes at the end of the file alone.
    func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) throws(RecordingError) -> Int {
        switch self {
        case .file(let descriptor, let path, _):
            do throws(SystemCallError) { return try Self.readFully(descriptor, path, target, offset) } catch {
                throw .unreadable(error)
            }
        case .memory(let bytes):
            let piece = bytes.dropFirst(offset).prefix(target.count)
            target.copyBytes(from: piece)
            return piece.count
        }
    }

    private static func readFully(
        _ descriptor: Int32, _ path: String, _ target: UnsafeMutableRawBufferPointer, _ offset: Int
    ) throws(SystemCallError) -> Int {
        var done = 0
        while done < target.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: target[done...])
            let at = off_t(offset + done)
            let count = try SystemCall.retrying("pread", path) { pread(descriptor, rest.baseAddress, rest.count, at) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    func close() {
        if case .file(let descriptor, _, _) = self { _ = Glibc.close(descriptor) }
    }
}
