internal import EventModel
internal import Glibc
internal import ProcFS

/// A file of the journal, as its own header tells of it (systemd's "Journal File Format"; the first 208 bytes have been
/// the same since version 189).
struct JournalFile: Hashable {
    struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    var identity: Identity
    var path: String
    /// CLOCK_MONOTONIC of its last entry in microseconds; nil where that is of another boot.
    var tail: UInt64?
    /// journald writes to it.
    var isOnline: Bool
    /// Of the file system, in nanoseconds since 1970.
    var changedAt: WallTime
    var size: Int

    private static let headerSize = 208
    private static let signature = Array("LPKSHHRH".utf8)

    /// From a descriptor that is open for reading; nil where it is no regular file. A header that cannot be read leaves
    /// `tail` nil.
    init?(descriptor: Int32, path: String, boot: String) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        self.path = path
        changedAt = WallTime(
            nanoseconds: Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec))
        size = Int(status.st_size)
        isOnline = false
        var header = [UInt8](repeating: 0, count: Self.headerSize)
        guard pread(descriptor, &header, header.count, 0) == header.count, header.starts(with: Self.signature) else {
            return
        }
        isOnline = header[16] == 1
        let tailBoot = header[56..<72].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        if tailBoot == boot {
            tail = header.withUnsafeBytes {
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 200, as: UInt64.self))
            }
        }
    }
}

extension JournalFile {
    /// What this process has open of the journal, by descriptor: the library keeps each file that it reads open, and says
    /// nothing of one that it gives up.
    static func open(boot: String) -> [Int32: JournalFile] {
        var files: [Int32: JournalFile] = [:]
        for name in Folder.names(in: "/proc/self/fd") {
            guard let descriptor = Int32(name), let path = link("/proc/self/fd/" + name), isName(path) else { continue }
            files[descriptor] = JournalFile(descriptor: descriptor, path: path, boot: boot)
        }
        return files
    }

    /// The journal's files that lie in `folders`, and in their folders of the machine's id; in the order of their paths.
    static func all(in folders: [String], boot: String) -> [JournalFile] {
        let inner = folders.flatMap { folder in
            Folder.names(in: folder).filter { $0.utf8.count == 32 && $0.utf8.allSatisfy(\.isHexDigit) }
                .map { folder + "/" + $0 }
        }
        var files: [JournalFile] = []
        for folder in folders + inner {
            for name in Folder.names(in: folder) where isName(name) && files.count < mostFiles {
                // A pipe of such a name is not waited for.
                let descriptor = Glibc.open(folder + "/" + name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
                guard descriptor >= 0 else { continue }
                defer { close(descriptor) }
                if let file = JournalFile(descriptor: descriptor, path: folder + "/" + name, boot: boot) {
                    files.append(file)
                }
            }
        }
        return files.sorted { $0.path < $1.path }
    }

    private static let mostFiles = 4096

    private static func isName(_ path: String) -> Bool {
        let bare = path.hasSuffix(deleted) ? path.dropLast(deleted.count) : path[...]
        return bare.hasSuffix(".journal") || bare.hasSuffix(".journal~")
    }

    /// What the kernel puts behind the path of a file that has no name any more.
    private static let deleted = " (deleted)"

    private static func link(_ path: String) -> String? {
        var target = [UInt8](repeating: 0, count: 4096)
        let count = target.withUnsafeMutableBytes { bytes in
            bytes.bindMemory(to: CChar.self).baseAddress.map { readlink(path, $0, bytes.count) } ?? 0
        }
        return count > 0 ? String(decoding: target[..<count], as: UTF8.self) : nil
    }

    /// The last component, for a person.
    var name: String {
        let bare = path.hasSuffix(Self.deleted) ? String(path.dropLast(Self.deleted.count)) : path
        return bare.split(separator: "/").last.map(String.init) ?? bare
    }
}
