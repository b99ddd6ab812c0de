import EventModel
import ProcessTracking
import Testing

@Suite struct CgroupTreeTests {
    private func made(_ id: UInt64, _ parent: UInt64, _ name: String) -> Event {
        Event(
            time: .zero, source: .bpf,
            body: .cgroup(.made(CgroupID(rawValue: id), parent: CgroupID(rawValue: parent), name: name)))
    }

    private func removed(_ id: UInt64) -> Event {
        Event(time: .zero, source: .bpf, body: .cgroup(.removed(CgroupID(rawValue: id))))
    }

    private func tree(_ events: [Event], capacity: Int = 8) -> CgroupTree {
        var tree = CgroupTree(capacity: capacity)
        for event in events { tree.apply(event) }
        return tree
    }

    @Test func pathsAndUnits() {
        let tree = tree([
            made(1, 0, ""), made(2, 1, "user.slice"), made(3, 2, "user@1000.service"), made(4, 3, "app.slice"),
            made(5, 4, "web.service"),
            made(6, 5, "sub"), made(7, 2, "session-3.scope"), removed(5),
        ])
        #expect(tree.path(of: CgroupID(rawValue: 6)) == "/user.slice/user@1000.service/app.slice/web.service/sub")
        #expect(tree.unit(of: CgroupID(rawValue: 6)) == "web.service")
        #expect(tree.unit(of: CgroupID(rawValue: 4)) == "user@1000.service")
        #expect(tree.unit(of: CgroupID(rawValue: 7)) == "session-3.scope")
        #expect(tree.path(of: CgroupID(rawValue: 1)) == "/")
        #expect(tree.unit(of: CgroupID(rawValue: 1)) == nil && tree.path(of: .unknown) == nil)
    }

    @Test func circlesEnd() {
        let tree = tree([made(1, 2, "a"), made(2, 1, "b")])
        #expect(tree.path(of: CgroupID(rawValue: 1)) == nil)
    }

    @Test func removedOnesMakeRoomAndOneMadeAgainStays() {
        let events =
            [made(1, 0, "")] + (2...8).map { made($0, 1, "d\($0)") } + [
                removed(2), removed(2), removed(3), made(2, 1, "again"),
            ]
        let tree = tree(events + (20..<40).map { made($0, 1, "n") })
        #expect(tree.count <= 8)
        #expect(tree.path(of: CgroupID(rawValue: 2)) == "/again")
        #expect(tree.path(of: CgroupID(rawValue: 3)) == nil)
    }
}
