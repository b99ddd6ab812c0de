public import EventModel

/// What a look at the addresses that are held may take.
public struct SocketScanLimits: Hashable, Sendable {
    /// Network namespaces, and sockets in all of them.
    public var namespaces = 64
    public var sockets = 4096
    /// Descriptors that are read in all.
    public var descriptors = 500_000
    /// Bytes of each table: what listens stands first in it.
    public var tableBytes = 4 << 20
    /// For all of it.
    public var time = Interval.milliseconds(500)

    public init() {}
}

extension ProcFS {
    /// The TCP sockets that listen and the UDP sockets that are bound, as `.socket` events, in every network namespace
    /// that one of `processes` is in. The holder is the first of `processes` that has a descriptor of it: given by start,
    /// the one that opened it, or whoever is left of those. What nobody has (the kernel's own) is left out; `omitted` counts
    /// what the limits cut off.
    public func heldAddresses(
        by processes: [ProcessKey], at time: BootTime, limits: SocketScanLimits = SocketScanLimits()
    ) throws(SystemCallError) -> Scan {
        var look = SocketLook(directory: try Directory(path: root), at: time, limits: limits)
        for process in processes { look.enterNamespace(of: process) }
        for process in processes where look.isLooking { look.findDescriptors(of: process) }
        if !look.isWithinLimits { look.scan.omitted += look.wanted.count }
        return look.scan
    }
}

/// One look: the sockets of each namespace, then whose they are.
private struct SocketLook: ~Copyable {
    let directory: Directory
    let time: BootTime
    let limits: SocketScanLimits
    let began = ProcFS.boottimeNow()
    var scan = Scan()
    /// By inode, those whose holder is not known yet.
    var wanted: [UInt64: SocketTable.Row] = [:]
    private var namespaces: Set<UInt32> = []
    private var descriptors = 0

    private static let listening: UInt8 = 10
    private static let unconnected: UInt8 = 7

    init(directory: consuming Directory, at time: BootTime, limits: SocketScanLimits) {
        self.directory = directory
        self.time = time
        self.limits = limits
    }

    /// Something is still to be found, and there is time and room for it.
    var isLooking: Bool { !wanted.isEmpty && isWithinLimits }

    var isWithinLimits: Bool { descriptors < limits.descriptors && !isLate }

    private var isLate: Bool { began.distance(to: ProcFS.boottimeNow()) > limits.time }

    mutating func enterNamespace(of key: ProcessKey) {
        guard let process = try? Directory("\(key.pid)", in: directory),
            let namespace = (try? process.link("ns/net")).flatMap({ Self.number($0, of: "net:[") }).flatMap({
                UInt32(exactly: $0)
            }), !namespaces.contains(namespace)
        else { return }
        guard namespaces.count < limits.namespaces, !isLate else {
            scan.omitted += 1
            return
        }
        namespaces.insert(namespace)
        for (file, transport) in [
            ("tcp", Endpoint.Transport.tcp), ("tcp6", .tcp), ("udp", .udp), ("udp6", .udp),
        ] {
            guard let text = try? process.contents(of: "net/" + file, limit: limits.tableBytes) else {
                scan.unreadable += 1
                continue
            }
            // A line that was cut is left out; the last of a whole table ends as the others do.
            let table = SocketTable(parsing: text.bytes[...], transport: transport, networkNamespace: namespace)
            scan.unreadable += table.malformed
            take(table.rows, state: transport == .tcp ? Self.listening : Self.unconnected)
        }
    }

    private mutating func take(_ rows: [SocketTable.Row], state: UInt8) {
        for row in rows where row.state == state && row.local.port != 0 && row.inode != 0 {
            guard wanted.count < limits.sockets else {
                scan.omitted += 1
                continue
            }
            wanted[row.inode] = row
        }
    }

    mutating func findDescriptors(of key: ProcessKey) {
        guard let process = try? Directory("\(key.pid)", in: directory),
            let folder = try? Directory("fd", in: process)
        else { return }
        var names: [String] = []
        let room = limits.descriptors - descriptors
        try? folder.forEachEntry { name, _ in
            names.append(name.text)
            return names.count < room
        }
        descriptors += names.count
        let inodes = names.compactMap { name in
            (try? folder.link(name)).flatMap { Self.number($0, of: "socket:[") }
        }
        let found = inodes.filter { wanted[$0] != nil }
        // The pid may be another's by now.
        guard !found.isEmpty, let stat = try? ProcPass.stat(at: "stat", in: process), stat.key.matches(tick: key)
        else { return }
        for inode in found {
            guard let row = wanted.removeValue(forKey: inode) else { continue }
            let change = SocketChange(
                step: row.state == Self.listening ? .listening : .bound, endpoint: row.local, uid: row.uid)
            scan.events.append(Event(time: time, source: .procfs, process: key, body: .socket(change)))
        }
    }

    /// `4026531840` of `net:[4026531840]`.
    private static func number(_ text: String, of prefix: String) -> UInt64? {
        guard text.hasPrefix(prefix), text.hasSuffix("]") else { return nil }
        return UInt64(text.dropFirst(prefix.count).dropLast())
    }
}
