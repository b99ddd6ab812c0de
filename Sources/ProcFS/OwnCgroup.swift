import EventModel
import Glibc

/// The calling process's cgroups and the limits that the kernel has for them, in either version of the hierarchy.
public struct OwnCgroup: Sendable {
    /// Of the unified hierarchy, or systemd's own; as `/proc/self/cgroup` has it.
    public let path: String
    private let memberships: [Membership]
    private let mounts: [Mount]

    private struct Membership {
        /// Empty for the unified hierarchy.
        var controllers: [String]
        var path: String
    }

    private struct Mount {
        var point: String
        var root: String
        /// Empty for the unified hierarchy.
        var controllers: [String]
    }

    /// Nil where it cannot be read.
    public init?(root: String = "/proc") {
        guard let directory = try? Directory(path: root),
            let own = try? directory.contents(of: "self/cgroup", limit: 64 * 1024),
            let mounts = try? directory.contents(of: "self/mountinfo", limit: 4 << 20)
        else { return nil }
        self.init(cgroup: own.bytes[...], mountinfo: mounts.bytes[...])
    }

    init?(cgroup: ArraySlice<UInt8>, mountinfo: ArraySlice<UInt8>) {
        var memberships: [Membership] = []
        for var line in cgroup.split(separator: .newline) {
            guard line.next(until: .colon) != nil, let names = line.next(until: .colon), line.first == .slash else {
                continue
            }
            memberships.append(Membership(controllers: Self.names(names), path: line.text))
        }
        let main =
            memberships.first { $0.controllers.isEmpty } ?? memberships.first { $0.controllers == ["name=systemd"] }
        guard let main else { return nil }
        path = main.path
        self.memberships = memberships
        mounts = mountinfo.split(separator: .newline).compactMap(Self.mount)
    }

    private static func names(_ text: ArraySlice<UInt8>) -> [String] {
        text.split(separator: UInt8(ascii: ",")).map(\.text)
    }

    private static func mount(_ line: ArraySlice<UInt8>) -> Mount? {
        let fields = line.split(separator: .space)
        guard fields.count >= 10, let dash = fields.dropFirst(6).firstIndex(where: { $0.elementsEqual("-".utf8) }),
            fields.count > dash + 3
        else { return nil }
        let (point, root) = (fields[4].text, fields[3].text)
        if fields[dash + 1].elementsEqual("cgroup2".utf8) { return Mount(point: point, root: root, controllers: []) }
        guard fields[dash + 1].elementsEqual("cgroup".utf8) else { return nil }
        return Mount(point: point, root: root, controllers: names(fields[dash + 3]))
    }

    /// The words of a control file: of the unified hierarchy where it is there, else of the controller's own. Nil where
    /// neither is, and then nothing is limited.
    public func value(of file: String, controller: String, before name: String) -> (text: String, isUnified: Bool)? {
        if let text = read(file, of: nil) { return (text, true) }
        return read(name, of: controller).map { ($0, false) }
    }

    private func read(_ file: String, of controller: String?) -> String? {
        let isMeant = { (names: [String]) in controller.map { names.contains($0) } ?? names.isEmpty }
        guard let own = memberships.first(where: { isMeant($0.controllers) }) else { return nil }
        for mount in mounts where isMeant(mount.controllers) {
            let prefix = mount.root == "/" ? "" : mount.root
            guard own.path == prefix || own.path.hasPrefix(prefix + "/") || prefix.isEmpty else { continue }
            guard let directory = try? Directory(path: mount.point + own.path.dropFirst(prefix.count)),
                let contents = try? directory.contents(of: file, limit: 4096)
            else { continue }
            return contents.bytes[...].trimmed.text
        }
        return nil
    }
}
