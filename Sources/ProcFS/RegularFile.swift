internal import Cfanotify
import Glibc

/// Reading a file at a path that others have chosen.
public enum RegularFile {
    /// All of it, symbolic links followed. Nil where it is no regular file, is longer than `limit` bytes, cannot be read, or
    /// lies on a file system that is not one of those where files are only what was written into them. No device and no
    /// FIFO is opened. May wait for long where the path leads through a file system that does not answer.
    public static func read(_ path: String, limit: Int) -> [UInt8]? {
        // A descriptor that only stands for the place: nobody is told of it, and nothing begins.
        let place = open(path, placeOnly | O_CLOEXEC)
        guard place >= 0 else { return nil }
        defer { close(place) }
        var status = stat()
        var system = statfs()
        guard fstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit,
            fstatfs(place, &system) == 0, systems.contains(UInt32(truncatingIfNeeded: system.f_type))
        else { return nil }
        // What was looked at is what is opened, whatever lies at the path by now. A lease on it is not waited for.
        let file = open("/proc/self/fd/\(place)", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard let contents = try? FileContents(reading: file, object: path, limit: limit), !contents.isCut else {
            return nil
        }
        return contents.bytes
    }

    /// O_PATH, which Glibc's module may not import.
    private static let placeOnly: Int32 = 0o10_000_000

    /// By what statfs(2) calls them; `LocalMounts` has the same by name.
    private static let systems: Set<UInt32> = [
        0xEF53,  // ext2, ext3, ext4
        0x5846_5342,  // xfs
        0x9123_683E,  // btrfs
        0x794C_7630,  // overlay
        0x0102_1994,  // tmpfs
        0x2FC1_2FC1,  // zfs
        0xF2F5_2010,  // f2fs
        0xCA45_1A4E,  // bcachefs
        0x8584_58F6,  // ramfs
        0x7371_7368,  // squashfs
        0xE0F5_E1E2,  // erofs
    ]
}
