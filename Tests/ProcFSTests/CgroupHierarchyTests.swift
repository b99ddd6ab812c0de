import EventModel
import Foundation
import Testing

@testable import ProcFS

@Suite struct CgroupHierarchyTests {
    @Test func captured() throws {
        let text = try Fixture.bytes("mountinfo")
        #expect(
            CgroupHierarchy.find(inMountinfo: text) == CgroupHierarchy(mountPoint: "/sys/fs/cgroup/unified", root: "/"))
        everyDamage(of: text) { _ = CgroupHierarchy.find(inMountinfo: $0) }
    }

    @Test(arguments: [
        ("", nil), ("\n", nil), ("1 2 0:1 / / rw - ext4 x rw\n", nil),
        (
            "1 2 0:1 / /sys/fs/cgroup rw shared:9 master:1 - cgroup2 cgroup2 rw\n",
            CgroupHierarchy(mountPoint: "/sys/fs/cgroup")
        ),
        (
            "1 2 0:1 / /c/systemd rw - cgroup cgroup rw,xattr,name=systemd\n",
            CgroupHierarchy(mountPoint: "/c/systemd", isUnified: false)
        ),
        ("1 2 0:1 / /c/memory rw - cgroup cgroup rw,memory\n", nil),
        (
            "1 2 0:1 /a /x rw - cgroup2 c rw\n1 2 0:1 / /with\\040space rw - cgroup2 c rw\n",
            CgroupHierarchy(mountPoint: "/with space")
        ),
        ("1 2 0:1 /a\\134b /x\\9 rw - cgroup2 c rw\n", CgroupHierarchy(mountPoint: "/x\\9", root: "/a\\b")),
        ("1 2 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw", nil), ("1 2 0:1 / /sys/fs/cgroup rw -\n", nil),
    ])
    func mounts(text: String, expected: CgroupHierarchy?) {
        #expect(CgroupHierarchy.find(inMountinfo: text.bytes) == expected)
    }

    @Test(arguments: [
        ("/", "/", "/cg"), ("/", "/a/b", "/cg/a/b"), ("/a", "/a", "/cg"), ("/a", "/a/b", "/cg/b"), ("/a", "/ab", nil),
        ("/a", "/", nil), ("/", "/../x", nil), ("/..", "/../x", "/cg/x"), ("/..", "/", nil), ("/a", "/a/../b", nil),
    ])
    func directories(root: String, path: String, expected: String?) {
        let hierarchy = CgroupHierarchy(mountPoint: "/cg", root: root)
        #expect(hierarchy.directory(of: CgroupMembership(path: path, isUnified: true)) == expected)
        #expect(hierarchy.directory(of: CgroupMembership(path: path, isUnified: false)) == nil)
    }

    @Test func tree() throws {
        let folder = try TemporaryFolder(["system.slice/web.service/", "system.slice/db.service/", "user.slice/"])
        let scan = try ProcFS(cgroups: folder.path).cgroupTree(at: .zero)
        var names: [CgroupID: String] = [:]
        for event in scan.events {
            guard case .cgroup(.made(let id, let parent, let name)) = event.body else { continue }
            #expect(id == event.cgroup)
            let prefix = names.isEmpty ? "" : try #require(names[parent], "a parent comes before its children") + "/"
            names[id] = prefix + name
        }
        let expected: Set = [
            "", "/system.slice", "/system.slice/web.service", "/system.slice/db.service", "/user.slice",
        ]
        #expect(Set(names.values) == expected)
        #expect(scan.unreadable == 0 && scan.omitted == 0)
        let membership = CgroupMembership(path: "/system.slice/web.service", isUnified: true)
        let id = CgroupHierarchy(mountPoint: folder.path).id(of: membership)
        #expect(names[id] == "/system.slice/web.service")
    }

    @Test func limits() throws {
        let folder = try TemporaryFolder((0..<50).map { "c\($0)/" } + ["deep/a/b/c/"])
        let hierarchy = CgroupHierarchy(mountPoint: folder.path)
        let narrow = try hierarchy.tree(at: .zero, countLimit: 20)
        #expect(narrow.events.count == 20 && narrow.omitted == 32)
        let flat = try hierarchy.tree(at: .zero, depthLimit: 2)
        #expect(flat.events.count == 52 && flat.omitted == 1)
    }

    @Test func missing() {
        #expect(throws: SystemCallError.self) { try ProcFS(cgroups: "/nonexistent").cgroupTree(at: .zero) }
    }
}

extension ProcFS {
    fileprivate init(cgroups mountPoint: String) {
        self.init(root: "/proc", cgroups: CgroupHierarchy(mountPoint: mountPoint))
    }
}

/// A folder that is removed with its last owner.
final class TemporaryFolder {
    let path: String

    /// Makes files, folders (`name/`) and symbolic links (`name -> target`) under it.
    init(_ entries: [String] = []) throws {
        path = NSTemporaryDirectory() + "procfs-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for entry in entries { try write([], to: entry) }
    }

    func write(_ bytes: some Sequence<UInt8>, to entry: String) throws {
        let url = URL(fileURLWithPath: path + "/" + entry)
        let folder = entry.hasSuffix("/") ? url : url.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if !entry.hasSuffix("/") { try Data(bytes).write(to: url) }
    }

    func link(_ entry: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path + "/" + entry, withDestinationPath: target)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
