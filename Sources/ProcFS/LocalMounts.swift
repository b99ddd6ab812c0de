/// Which paths lie on a file system of this host: looking at one of another host may wait for ever.
public struct LocalMounts: Sendable {
    private var types: [(path: String, type: String)] = []

    private static let local: Set<String> = [
        "ext2", "ext3", "ext4", "xfs", "btrfs", "overlay", "tmpfs", "zfs", "f2fs", "bcachefs", "ramfs", "squashfs",
        "erofs",
    ]

    /// As this process sees them now (proc_pid_mounts(5)).
    public init() {
        self.init(parsing: (FileText.read("/proc/self/mounts", limit: 1 << 20) ?? [])[...])
    }

    public init(parsing text: ArraySlice<UInt8>) {
        types = String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard let path = fields.dropFirst().first, let type = fields.dropFirst(2).first else { return nil }
            return (Self.unescaped(path), String(type))
        }
    }

    /// False where it is not known.
    public func isLocal(_ path: String) -> Bool {
        var found: (length: Int, type: String)?
        for (mount, type) in types {
            let isAbove = mount == "/" || path == mount || path.hasPrefix(mount + "/")
            // Of two at one place the later hides the other.
            if isAbove, mount.utf8.count >= found?.length ?? 0 { found = (mount.utf8.count, type) }
        }
        return found.map { Self.local.contains($0.type) } ?? false
    }

    /// Blanks and backslashes are there as three octal digits.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == 0x5C, rest.count >= 3,
                let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
