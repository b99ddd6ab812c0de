public import EventModel

/// Where the cgroup hierarchy that systemd uses is mounted, and from which of its directories on.
public struct CgroupHierarchy: Hashable, Sendable {
    public var mountPoint: String
    /// The directory of the hierarchy that the mount shows, seen from the reader's cgroup namespace; `/` for the whole.
    public var root: String
    /// Version 2; else it is version 1's `name=systemd`.
    public var isUnified: Bool

    public init(mountPoint: String, root: String = "/", isUnified: Bool = true) {
        self.mountPoint = mountPoint
        self.root = root
        self.isUnified = isUnified
    }

    /// Looks through `/proc/PID/mountinfo` (proc_pid_mountinfo(5)) for a mount of the unified hierarchy, else for one of
    /// `name=systemd`; among several, one of the whole hierarchy, and then the first. A line that was cut is left out.
    public static func find(inMountinfo text: ArraySlice<UInt8>) -> CgroupHierarchy? {
        var best: CgroupHierarchy?
        var rest = text[..<(text.lastIndex(of: .newline) ?? text.startIndex)]
        while let line = rest.next(until: .newline) {
            guard let mount = CgroupHierarchy(mountinfoLine: line) else { continue }
            if best.map({ mount.rank > $0.rank }) ?? true { best = mount }
        }
        return best
    }

    /// Where version 1's hierarchy of that controller is mounted; the whole of it rather than a part.
    static func find(controller: String, inMountinfo text: ArraySlice<UInt8>) -> String? {
        var found: String?
        var rest = text[..<(text.lastIndex(of: .newline) ?? text.startIndex)]
        while let line = rest.next(until: .newline) {
            guard let mount = Mount(line), mount.type.elementsEqual("cgroup".utf8), mount.has(option: controller) else {
                continue
            }
            if unescaped(mount.root) == "/" { return unescaped(mount.point) }
            found = found ?? unescaped(mount.point)
        }
        return found
    }

    private var rank: Int { (isUnified ? 2 : 0) + (root == "/" ? 1 : 0) }

    /// A line of `mountinfo`: `id parent major:minor root mount-point options [optional...] - type source super-options`.
    private struct Mount {
        var root, point, type, options: Bytes

        init?(_ line: Bytes) {
            let fields = line.split(separator: .space)
            guard fields.count >= 10, let dash = fields.dropFirst(6).firstIndex(where: { $0.elementsEqual("-".utf8) }),
                fields.count > dash + 3
            else { return nil }
            (root, point, type, options) = (fields[3], fields[4], fields[dash + 1], fields[dash + 3])
        }

        func has(option: String) -> Bool {
            options.split(separator: UInt8(ascii: ",")).contains { $0.elementsEqual(option.utf8) }
        }
    }

    private init?(mountinfoLine line: Bytes) {
        guard let mount = Mount(line) else { return nil }
        let isUnified = mount.type.elementsEqual("cgroup2".utf8)
        let isSystemd = mount.type.elementsEqual("cgroup".utf8) && mount.has(option: "name=systemd")
        guard isUnified || isSystemd else { return nil }
        self.init(
            mountPoint: Self.unescaped(mount.point), root: Self.unescaped(mount.root), isUnified: isUnified)
    }

    /// Space, tab, newline and backslash are written as `\` and three octal digits.
    private static func unescaped(_ field: Bytes) -> String {
        var bytes: [UInt8] = []
        var rest = field
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            guard byte == UInt8(ascii: "\\"), digits.count == 3,
                digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) })
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(digits.reduce(0) { $0 << 3 | ($1 & 7) })
            rest = rest.dropFirst(3)
        }
        return bytes[...].text
    }

    /// The directory of a membership's cgroup; nil where this mount does not show it.
    func directory(of membership: CgroupMembership) -> String? {
        guard membership.isUnified == isUnified else { return nil }
        let prefix = root == "/" ? "" : root
        let path = membership.path == "/" ? "" : membership.path
        guard path == prefix || path.hasPrefix(prefix + "/") else { return nil }
        let below = path.dropFirst(prefix.count)
        // A cgroup outside of the namespace's root: following it would lead above the mount.
        guard !below.split(separator: "/").contains("..") else { return nil }
        return mountPoint + below
    }

    /// Identity of a membership's cgroup: its inode number. Unknown where this mount does not show it, or it is gone.
    public func id(of membership: CgroupMembership) -> CgroupID {
        guard let path = directory(of: membership), let directory = try? Directory(path: path),
            let inode = try? directory.inode()
        else { return .unknown }
        return CgroupID(rawValue: inode)
    }
}
