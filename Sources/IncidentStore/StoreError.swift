import EventModel
import GRDB
import Glibc

/// Why the store cannot be opened, read or written.
public struct StoreError: Error, Hashable, Sendable {
    public var kind: Kind
    public var path: String
    public var why: String

    public enum Kind: Hashable, Sendable {
        case missing
        /// No database, a broken one, or one of another program.
        case damaged
        /// Written by a later version.
        case newerSchema
        case notPermitted
        /// The device or the store's own cap.
        case full
        /// Another process holds it; trying again may help.
        case busy
        /// Everything else that the device or SQLite says.
        case inputOutput
    }

    public init(_ kind: Kind, path: String, why: String) {
        self.kind = kind
        self.path = path
        self.why = why
    }

    /// `/var/lib/culprit/incidents.db: database disk image is malformed`.
    public var message: String { "\(path): \(why)" }

    /// What was asked of the file will fail again until somebody has replaced it.
    public var isOfTheFile: Bool { kind == .damaged || kind == .newerSchema }
}

extension StoreError {
    /// An error of GRDB's or SQLite's; `hasRoom` says whether the file system of a path has any left.
    init(_ error: any Error, path: String, hasRoom: (String) -> Bool = Self.hasRoom) {
        if let own = error as? StoreError {
            self = own
            return
        }
        if let value = error as? UnexpectedValue {
            self.init(.damaged, path: path, why: "column \(value.column) does not hold what it should")
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.inputOutput, path: path, why: "\(error)")
            return
        }
        let (kind, why) = (Self.kind(of: error), error.message ?? "\(error.resultCode)")
        // Where the index of the log cannot grow, SQLite speaks of the device (SQLITE_IOERR_SHMSIZE).
        guard kind == .inputOutput, error.resultCode == .SQLITE_IOERR, !hasRoom(path) else {
            self.init(kind, path: path, why: why)
            return
        }
        self.init(.full, path: path, why: "\(why): the file system is full")
    }

    /// SQLite takes 32 KiB at once for that index.
    private static let leastRoom: UInt64 = 32 << 10

    static func hasRoom(_ path: String) -> Bool {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return true }
        return UInt64(status.f_bfree) >= leastRoom / max(UInt64(status.f_frsize), 1)
    }

    private static func kind(of error: DatabaseError) -> Kind {
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT, .SQLITE_SCHEMA: .damaged
        case .SQLITE_FULL, .SQLITE_TOOBIG: .full
        case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
        case .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH: .notPermitted
        default: .inputOutput
        }
    }
}
