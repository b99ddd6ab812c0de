public import EventModel
import Glibc

/// The cgroup of a unit: service, scope or slice.
public struct UnitCgroup: Hashable, Sendable {
    /// From the mount point on: `/system.slice/web.service`.
    public var path: String
    public var id: CgroupID
}

extension CgroupHierarchy {
    /// The cgroups of units, parents first, at most `limit`; how many more there were is not counted further than one.
    /// What a service makes below itself is its own; only managers of users have units there.
    public func unitCgroups(limit: Int) -> (units: [UnitCgroup], isComplete: Bool) {
        var units: [UnitCgroup] = []
        var waiting = [(path: "", depth: 0)]
        while let branch = waiting.popLast() {
            guard let directory = try? Directory(path: mountPoint + branch.path) else { continue }
            if !branch.path.isEmpty {
                guard units.count < limit else { return (units, false) }
                guard let inode = try? directory.inode() else { continue }
                units.append(UnitCgroup(path: branch.path, id: CgroupID(rawValue: inode)))
            }
            guard branch.depth < Self.deepestUnit, Self.hasUnits(branch.path) else { continue }
            var names: [String] = []
            try? directory.forEachEntry { name, type in
                if type == UInt8(DT_DIR), Self.isUnit(name) { names.append(name.text) }
                return names.count <= limit
            }
            waiting.append(contentsOf: names.sorted(by: >).map { (branch.path + "/" + $0, branch.depth + 1) })
        }
        return (units, true)
    }

    private static let deepestUnit = 16

    /// Whether the name of a directory is that of a service, scope or slice.
    public static func mayBeUnit(_ name: String) -> Bool { isUnit(Array(name.utf8)[...]) }

    static func isUnit(_ name: Bytes) -> Bool {
        [".service", ".scope", ".slice"].contains {
            name.count > $0.utf8.count && name.suffix($0.utf8.count).elementsEqual($0.utf8)
        }
    }

    /// The root, slices, and the service that a user's manager runs in.
    static func hasUnits(_ path: String) -> Bool {
        guard let last = path.split(separator: "/").last else { return true }
        return last.hasSuffix(".slice") || (last.hasPrefix("user@") && last.hasSuffix(".service"))
    }
}
