public import EventModel
import Glibc

extension IncidentStore {
    /// A store that could not be used, and where it is now.
    public struct SetAside: Hashable, Sendable {
        public var error: StoreError
        public var movedTo: String
    }

    /// How many files that were set aside are kept, the latest.
    private static let keptAside = 3

    /// Opens for writing; what is damaged or of a later version is moved aside, and a new file begun. `now` goes into the
    /// name: `incidents.db.damaged-20261121T042433Z`.
    public static func openOrReplace(
        path: String, keep: Int, group: UInt32? = nil, now: WallTime
    ) throws(StoreError) -> (store: IncidentStore, setAside: SetAside?) {
        do throws(StoreError) {
            return (try IncidentStore(path: path, keep: keep, group: group), nil)
        } catch {
            guard error.isOfTheFile else { throw error }
            let aside = try moveAside(path, because: error, now: now)
            return (try IncidentStore(path: path, keep: keep, group: group), SetAside(error: error, movedTo: aside))
        }
    }

    private static func moveAside(_ path: String, because error: StoreError, now: WallTime) throws(StoreError) -> String
    {
        let why = error.kind == .newerSchema ? "newer" : "damaged"
        let aside = "\(path).\(why)-\(now.compact)"
        // The log first: without it the file would be read as it was before, with it a new file would be damaged.
        for suffix in ["-wal", "-shm", ""] {
            guard rename(path + suffix, aside + suffix) != 0, errno != ENOENT else { continue }
            throw StoreError(
                error.kind, path: path,
                why: "\(error.why); and it cannot be moved aside: \(String(cString: strerror(errno)))")
        }
        removeOldest(beside: path)
        return aside
    }

    /// A disk that damages one file after the other must not be filled with them.
    private static func removeOldest(beside path: String) {
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { String(path[..<$0]) } ?? "."
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        guard let stream = opendir(directory) else { return }
        var aside: [String] = []
        while let entry = readdir(stream) {
            let found = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            let isLog = found.hasSuffix("-wal") || found.hasSuffix("-shm")
            if !isLog, found.hasPrefix("\(name).damaged-") || found.hasPrefix("\(name).newer-") { aside.append(found) }
        }
        closedir(stream)
        let byTime = aside.sorted { $0.drop { $0 != "-" } < $1.drop { $0 != "-" } }
        for old in byTime.dropLast(keptAside) {
            for suffix in ["", "-wal", "-shm"] { unlink("\(directory)/\(old)\(suffix)") }
        }
    }
}
