public import EventModel
import Glibc

/// Counts what one process has open, a piece at a time: where there are thousands, it takes milliseconds. Nothing is asked of
/// the file systems that the files are in, so that none that does not answer can hold it up.
public final class DescriptorCount {
    public enum Step: Hashable, Sendable {
        /// Time was up; it can go on.
        case unfinished
        case held(ProcessHolding)
        /// It has ended or is about to, or is another process of that pid.
        case gone
    }

    private let process: ProcessKey
    private let directory: Directory
    private let stream: OpaquePointer
    private let most: UInt32
    private var open = OpenDescriptors()
    private var target = [CChar](repeating: 0, count: DescriptorCount.longestPath)

    /// Most descriptors of one process that are counted.
    public static let most: UInt32 = 4096
    private static let longestPath = Int(PATH_MAX)
    /// So many are counted from one look at the clock to the next: well below a tenth of a millisecond.
    private static let stride = 32

    /// Nil where there is no such process any more, or where it is closed to us.
    public init?(of process: ProcessKey, in files: ProcFS, most: UInt32 = DescriptorCount.most) {
        guard let root = try? Directory(path: files.root), let own = try? Directory("\(process.pid)", in: root) else {
            return nil
        }
        let descriptor = openat(own.descriptor, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            return nil
        }
        self.process = process
        self.stream = stream
        self.most = most
        directory = own
    }

    deinit { closedir(stream) }

    /// Counts on, until the last one or until `end`; some are counted in any case.
    public func go(until end: BootTime) -> Step {
        var taken = 0
        while true {
            errno = 0
            guard let entry = readdir(stream) else { return errno == 0 ? finish() : .gone }
            guard let name = Directory.rawName(of: entry), UInt8(truncatingIfNeeded: name.pointee) != UInt8(ascii: ".")
            else { continue }
            guard open.count < most else {
                open.isCut = true
                return finish()
            }
            take(name)
            taken += 1
            if taken % Self.stride == 0, ProcFS.boottimeNow() >= end { return .unfinished }
        }
    }

    private func take(_ name: UnsafePointer<CChar>) {
        let length = readlinkat(dirfd(stream), name, &target, Self.longestPath)
        // Closed since it was listed.
        if length < 0, errno == ENOENT { return }
        target.withUnsafeBytes { open.add(target: UnsafeRawBufferPointer(rebasing: $0.prefix(max(0, length)))) }
    }

    /// The directory that is held open is that process's alone, whoever has its pid by now.
    private func finish() -> Step {
        guard let stat = try? ProcPass.stat(at: "stat", in: directory), stat.key.matches(tick: process),
            !stat.isKernelThread, !stat.isLeaderExiting,
            let status = try? directory.contents(of: "status", limit: 64 * 1024)
        else { return .gone }
        let memory = ProcessUse.memory(inStatus: status.bytes[...])
        return .held(
            ProcessHolding(
                process: process, residentKiB: memory.resident / 1024, swapKiB: memory.swapped / 1024, descriptors: open
            ))
    }
}

extension OpenDescriptors {
    /// Paths of what has no place in the file system.
    private static let placeless = ["/memfd:", "/dmabuf:", "/anon_hugepage"]

    /// Counts one, by where its link leads (proc_pid_fd(5)). A file whose name truly ends in ` (deleted)` cannot be told from
    /// one that is.
    mutating func add(target: UnsafeRawBufferPointer) {
        count += 1
        if target.starts(with: "socket:[".utf8) {
            sockets += 1
        } else if target.starts(with: "pipe:[".utf8) {
            pipes += 1
        } else if target.first == .slash, Self.hasPlace(target) {
            files += 1
            if target.suffix(10).elementsEqual(" (deleted)".utf8) { deletedFiles += 1 }
        }
    }

    private static func hasPlace(_ path: UnsafeRawBufferPointer) -> Bool {
        if path.starts(with: "/dev/".utf8) { return path.starts(with: "/dev/shm/".utf8) }
        return !placeless.contains { path.starts(with: $0.utf8) }
    }
}
