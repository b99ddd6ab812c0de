import EventModel
import Glibc

extension CgroupHierarchy {
    static let countLimit = 100_000
    static let depthLimit = 64

    /// Every cgroup under the mount, each after its parent. What is deeper or more than the limits is counted.
    func tree(at time: BootTime, countLimit: Int = countLimit, depthLimit: Int = depthLimit) throws(SystemCallError)
        -> Scan
    {
        let top = try Directory(path: mountPoint)
        var scan = Scan()
        scan.events.append(Self.made(try top.inode(), parent: 0, name: "", at: time))
        var waiting = [Branch(path: mountPoint, inode: try top.inode(), depth: 0)]
        while let branch = waiting.popLast() {
            let room = branch.depth + 1 < depthLimit ? countLimit - scan.events.count : 0
            do throws(SystemCallError) {
                waiting.append(contentsOf: try branch.visit(at: time, room: room, into: &scan).reversed())
            } catch {
                scan.unreadable += error.isGone ? 0 : 1
            }
        }
        return scan
    }

    private static func made(_ inode: UInt64, parent: UInt64, name: String, at time: BootTime) -> Event {
        let id = CgroupID(rawValue: inode)
        let change = CgroupChange.made(id, parent: CgroupID(rawValue: parent), name: name)
        return Event(time: time, source: .procfs, cgroup: id, body: .cgroup(change))
    }

    /// A directory whose children are still to be listed.
    private struct Branch {
        var path: String
        var inode: UInt64
        var depth: Int

        /// Its children, of which no more than `room` are taken.
        func visit(at time: BootTime, room: Int, into scan: inout Scan) throws(SystemCallError) -> [Branch] {
            let directory = try Directory(path: path)
            var names: [String] = []
            var omitted = 0
            try directory.forEachEntry { name, type in
                guard type == UInt8(DT_DIR) else { return true }
                if names.count < room { names.append(name.text) } else { omitted += 1 }
                return true
            }
            scan.omitted += omitted
            var children: [Branch] = []
            for name in names {
                do throws(SystemCallError) {
                    let inode = try Directory(name, in: directory).inode()
                    scan.events.append(CgroupHierarchy.made(inode, parent: self.inode, name: name, at: time))
                    children.append(Branch(path: path + "/" + name, inode: inode, depth: depth + 1))
                } catch {
                    scan.unreadable += error.isGone ? 0 : 1
                }
            }
            return children
        }
    }
}
