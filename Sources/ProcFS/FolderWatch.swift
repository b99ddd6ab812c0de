internal import Cfanotify
public import EventModel
import Glibc

/// Watches directories for files that somebody writes, places or removes there, and who did (fanotify(7), groups that
/// report names: kernel 5.9; on overlayfs 6.6). Needs CAP_SYS_ADMIN.
public final class FolderWatch {
    public struct Change: Hashable, Sendable {
        public var folder: String
        public var name: String
        public var kind: Kind
        public var isFolder: Bool
        /// The process, by its pid in our pid namespace; 0 where it is outside.
        public var pid: Int32
    }

    public enum Kind: Hashable, Sendable { case made, written, placed, removed }

    public let descriptor: Int32
    private var folders: [FolderHandle: String] = [:]
    private var handles: [String: FolderHandle] = [:]
    /// Most directories at once.
    public let capacity: Int
    /// Changes of which nobody was told, since the kernel's queue was full or it was too many at once.
    public private(set) var lost: UInt64 = 0

    private static let mask =
        UInt64(FAN_CREATE | FAN_CLOSE_WRITE | FAN_MOVED_TO | FAN_MOVED_FROM | FAN_DELETE)
        | UInt64(FAN_ONDIR) | UInt64(FAN_EVENT_ON_CHILD)

    public init(capacity: Int = 1024) throws(SystemCallError) {
        let flags = UInt32(FAN_CLASS_NOTIF) | UInt32(FAN_CLOEXEC) | UInt32(FAN_NONBLOCK) | UInt32(FAN_REPORT_DFID_NAME)
        descriptor = try systemCall("fanotify_init", "") { fanotify_init(flags, UInt32(O_RDONLY)) }
        self.capacity = capacity
    }

    deinit { close(descriptor) }

    public func isWatching(_ folder: String) -> Bool { handles[folder] != nil }

    /// Throws where it is no directory, or its file system does not tell.
    public func watch(_ folder: String) throws(SystemCallError) {
        guard folders.count < capacity, let handle = FolderHandle(folder) else {
            throw SystemCallError(
                call: "name_to_handle_at", object: folder, errno: folders.count < capacity ? errno : ENOSPC)
        }
        _ = try systemCall("fanotify_mark", folder) {
            fanotify_mark(descriptor, UInt32(FAN_MARK_ADD | FAN_MARK_ONLYDIR), Self.mask, AT_FDCWD, folder)
        }
        if let old = handles[folder] { folders[old] = nil }
        folders[handle] = folder
        handles[folder] = handle
    }

    /// It is gone, and so is what the kernel watched.
    public func forget(_ folder: String) {
        guard let handle = handles.removeValue(forKey: folder) else { return }
        folders[handle] = nil
    }

    /// What has changed since the last call, in order; at most `most` at once, the rest is counted as lost.
    public func changes(most: Int = 64) -> [Change] {
        var changes: [Change] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return changes }
            for notice in FolderNotice.all(buffer[..<count]) {
                if notice.isOverflow { lost += 1 }
                guard let handle = notice.folder, let folder = folders[handle] else { continue }
                for kind in notice.kinds {
                    let change = Change(
                        folder: folder, name: notice.name, kind: kind, isFolder: notice.isFolder, pid: notice.pid)
                    if changes.last == change { continue }
                    guard changes.count < most else {
                        lost += 1
                        continue
                    }
                    changes.append(change)
                }
            }
        }
    }
}

extension FolderWatch {
    /// Reads what the kernel might have written, for fuzzing; how many notices it makes of it.
    @discardableResult
    public static func readNotices(_ bytes: UnsafeRawBufferPointer) -> Int {
        FolderNotice.all(ArraySlice(bytes)).reduce(0) { $0 + $1.kinds.count }
    }
}

/// What names a directory to the kernel: `struct file_handle`, and which file system it is of.
struct FolderHandle: Hashable {
    var fileSystem: [Int32]
    var type: Int32
    var bytes: [UInt8]

    private static let longest = 128

    init(fileSystem: [Int32], type: Int32, bytes: [UInt8]) {
        self.fileSystem = fileSystem
        self.type = type
        self.bytes = bytes
    }

    /// Nil, with errno set, where its file system gives none.
    init?(_ path: String) {
        var system = statfs()
        guard statfs(path, &system) == 0 else { return nil }
        let identity = [system.f_fsid.__val.0, system.f_fsid.__val.1]
        // Two numbers, and the handle behind them.
        var buffer = [UInt32](repeating: 0, count: 2 + Self.longest / 4)
        // Since 6.5 one that only tells; before, and where that is not known, one that can be opened as well.
        for flags in [0x200, 0] as [Int32] {
            buffer[0] = UInt32(Self.longest)
            var mount: Int32 = 0
            let result = buffer.withUnsafeMutableBytes { raw -> Int32 in
                guard let handle = raw.baseAddress?.assumingMemoryBound(to: file_handle.self) else { return -1 }
                return name_to_handle_at(AT_FDCWD, path, handle, &mount, flags)
            }
            guard result == 0, buffer[0] <= Self.longest else { continue }
            let bytes = buffer.withUnsafeBytes { Array($0[8..<8 + Int(buffer[0])]) }
            self.init(fileSystem: identity, type: Int32(bitPattern: buffer[1]), bytes: bytes)
            return
        }
        return nil
    }
}

/// One `struct fanotify_event_metadata` and the name behind it.
struct FolderNotice {
    var mask: UInt64
    var pid: Int32
    var folder: FolderHandle?
    var name = ""

    var isOverflow: Bool { mask & UInt64(FAN_Q_OVERFLOW) != 0 }
    var isFolder: Bool { mask & UInt64(FAN_ONDIR) != 0 }

    /// Several where the kernel has put them together.
    var kinds: [FolderWatch.Kind] {
        let all: [(UInt64, FolderWatch.Kind)] = [
            (UInt64(FAN_CREATE), .made), (UInt64(FAN_CLOSE_WRITE), .written), (UInt64(FAN_MOVED_TO), .placed),
            (UInt64(FAN_MOVED_FROM), .removed), (UInt64(FAN_DELETE), .removed),
        ]
        return all.filter { mask & $0.0 != 0 }.map(\.1)
    }

    static func all(_ bytes: Bytes) -> [FolderNotice] {
        var notices: [FolderNotice] = []
        var rest = bytes
        // Length, version, length of this part, mask, descriptor, pid.
        while let length = rest.integer(at: 0, UInt32.self), let own = rest.integer(at: 6, UInt16.self),
            let mask = rest.integer(at: 8, UInt64.self), let pid = rest.integer(at: 20, Int32.self), own >= 24,
            Int(clamping: length) >= Int(own), rest.count >= Int(clamping: length)
        {
            var notice = FolderNotice(mask: mask, pid: pid)
            notice.take(rest.prefix(Int(clamping: length)).dropFirst(Int(own)))
            notices.append(notice)
            rest = rest.dropFirst(Int(clamping: length))
        }
        return notices
    }

    /// `struct fanotify_event_info_fid`: type 2 has the directory's handle and the name in it.
    private mutating func take(_ information: Bytes) {
        guard let type = information.integer(at: 0, UInt8.self), type == 2,
            let first = information.integer(at: 4, Int32.self), let second = information.integer(at: 8, Int32.self),
            let length = information.integer(at: 12, UInt32.self), let kind = information.integer(at: 16, Int32.self),
            length <= 128, information.count >= 20 + Int(length)
        else { return }
        let handle = information.dropFirst(20).prefix(Int(length))
        folder = FolderHandle(fileSystem: [first, second], type: kind, bytes: Array(handle))
        name = String(decoding: information.dropFirst(20 + Int(length)).prefix { $0 != 0 }, as: UTF8.self)
    }
}
