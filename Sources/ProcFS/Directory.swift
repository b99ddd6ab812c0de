import EventModel
import Glibc

/// An open directory. Held open on `/proc/PID`, it stays that process's: once the process is gone, everything under it is
/// ESRCH or ENOENT, even when its pid has been given to another.
struct Directory: ~Copyable {
    let descriptor: Int32
    let path: String

    init(path: String) throws(SystemCallError) {
        self.descriptor = try systemCall("open", path) { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        self.path = path
    }

    init(_ name: String, in parent: borrowing Directory) throws(SystemCallError) {
        let (parentDescriptor, path) = (parent.descriptor, parent.path + "/" + name)
        // The last component must be a directory itself: a symbolic link could lead anywhere.
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW
        self.descriptor = try systemCall("openat", path) { openat(parentDescriptor, name, flags) }
        self.path = path
    }

    deinit { close(descriptor) }

    /// Inode number of the directory, for a cgroup its id.
    func inode() throws(SystemCallError) -> UInt64 {
        var status = stat()
        try systemCall("fstat", path) { fstat(descriptor, &status) }
        return UInt64(status.st_ino)
    }

    /// The first `limit` bytes of a file under it, and whether there were more.
    func contents(of name: String, limit: Int) throws(SystemCallError) -> FileContents {
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK
        let file = try systemCall("openat", path + "/" + name) { openat(descriptor, name, flags) }
        defer { close(file) }
        return try FileContents(reading: file, object: path + "/" + name, limit: limit)
    }

    /// Where a symbolic link under it leads; bytes that are no UTF-8 become U+FFFD.
    func link(_ name: String) throws(SystemCallError) -> String {
        let capacity = Int(PATH_MAX)
        var target = [CChar](repeating: 0, count: capacity)
        let count = try systemCall("readlinkat", path + "/" + name) { readlinkat(descriptor, name, &target, capacity) }
        return target.prefix(count).map(UInt8.init(bitPattern:))[...].text
    }

    /// Gives the name and the type (DT_DIR, ...) of each entry but `.` and `..` to `visit`, until that returns false.
    func forEachEntry(_ visit: (_ name: Bytes, _ type: UInt8) -> Bool) throws(SystemCallError) {
        let copy = try systemCall("openat", path) { openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard let stream = fdopendir(copy) else {
            let error = SystemCallError(call: "fdopendir", object: path, errno: errno)
            close(copy)
            throw error
        }
        defer { closedir(stream) }
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = Self.name(of: entry)
            if name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) { continue }
            guard visit(name, entry.pointee.d_type) else { return }
        }
        if errno != 0 { throw SystemCallError(call: "readdir", object: path, errno: errno) }
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> Bytes {
        guard let text = rawName(of: entry) else { return [] }
        return Array(UnsafeRawBufferPointer(start: text, count: strnlen(text, 256)))[...]
    }

    /// An entry is only as long as its name: the declared 256 bytes of `d_name` must not be copied. Valid until the next one
    /// is read.
    static func rawName(of entry: UnsafeMutablePointer<dirent>) -> UnsafePointer<CChar>? {
        MemoryLayout<dirent>.offset(of: \.d_name).map {
            UnsafeRawPointer(entry).advanced(by: $0).assumingMemoryBound(to: CChar.self)
        }
    }
}

/// The beginning of a file.
struct FileContents {
    var bytes: [UInt8] = []
    /// The file goes on.
    var isCut = false

    /// Whole files are read with few calls: files of /proc have no size, and give what they have piece by piece.
    init(reading file: Int32, object: @autoclosure () -> String, limit: Int) throws(SystemCallError) {
        while bytes.count <= limit {
            let room = min(max(4096, bytes.count), limit + 1 - bytes.count)
            var (count, number): (Int, Int32) = (0, 0)
            let piece = [UInt8](unsafeUninitializedCapacity: room) { buffer, used in
                repeat { count = read(file, buffer.baseAddress, room) } while count < 0 && errno == EINTR
                number = errno
                used = max(count, 0)
            }
            guard count >= 0 else { throw SystemCallError(call: "read", object: object(), errno: number) }
            if count == 0 { break }
            if bytes.isEmpty { bytes = piece } else { bytes += piece }
        }
        isCut = bytes.count > limit
        if isCut { bytes.removeLast(bytes.count - limit) }
    }
}

/// Makes a system call again for as long as it is interrupted; -1 becomes an error.
@discardableResult
func systemCall<Result: SignedInteger>(_ call: String, _ object: @autoclosure () -> String, _ body: () -> Result)
    throws(SystemCallError) -> Result
{
    while true {
        let result = body()
        if result != -1 { return result }
        let number = errno
        if number != EINTR { throw SystemCallError(call: call, object: object(), errno: number) }
    }
}

extension SystemCallError {
    /// What was asked for does not exist, or no longer.
    var isGone: Bool { errno == ENOENT || errno == ESRCH }
}
