/// The cgroup that a process is in, by `/proc/PID/cgroup` (cgroups(7)): a path, in the unified hierarchy where there is
/// one, else in systemd's own of version 1.
public struct CgroupMembership: Hashable, Sendable {
    /// Begins with `/`, and is seen from the reader's cgroup namespace: it may lead out of it by `/..`.
    public var path: String
    public var isUnified: Bool

    public init(path: String, isUnified: Bool) {
        self.path = path
        self.isUnified = isUnified
    }

    /// Lines are `id:controllers:path`, and the path may hold `:`. A last line without its newline was cut and is left out.
    public init?(parsing text: ArraySlice<UInt8>) {
        var rest = text[..<(text.lastIndex(of: .newline) ?? text.startIndex)]
        var systemd: String?
        while var line = rest.next(until: .newline) {
            guard let id = line.next(until: .colon), let controllers = line.next(until: .colon), line.first == .slash
            else { continue }
            if id.elementsEqual([UInt8(ascii: "0")]), controllers.isEmpty {
                self.init(path: line.text, isUnified: true)
                return
            }
            if systemd == nil, controllers.elementsEqual("name=systemd".utf8) { systemd = line.text }
        }
        guard let systemd else { return nil }
        self.init(path: systemd, isUnified: false)
    }
}
