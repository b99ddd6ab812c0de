import GRDB
import Testing

@testable import IncidentStore

/// What SQLite says of a device, in words that tell what to do.
@Suite struct StoreErrorTests {
    private let path = "/var/lib/culprit/incidents.db"

    /// The index of the log could not grow, or the device is broken.
    @Test func aDeviceThatIsFull() {
        let broken = DatabaseError(resultCode: .SQLITE_IOERR, message: "disk I/O error")
        let full = StoreError(broken, path: path) { _ in false }
        #expect(full.kind == .full)
        #expect(full.message == "/var/lib/culprit/incidents.db: disk I/O error: the file system is full")
        #expect(
            StoreError(broken, path: path) { _ in true } == StoreError(.inputOutput, path: path, why: "disk I/O error"))
    }

    @Test func otherErrorsKeepTheirKind() {
        for (code, kind) in [
            (.SQLITE_FULL, .full), (.SQLITE_CORRUPT, .damaged), (.SQLITE_BUSY, .busy),
            (.SQLITE_READONLY, .notPermitted),
            (.SQLITE_CANTOPEN, .inputOutput),
        ] as [(ResultCode, StoreError.Kind)] {
            #expect(StoreError(DatabaseError(resultCode: code), path: path) { _ in false }.kind == kind)
        }
    }

    @Test func roomThatIsThere() { #expect(StoreError.hasRoom("/proc/self/../..")) }

    /// A file system that has no size has no room.
    @Test func roomThatIsNot() { #expect(!StoreError.hasRoom("/proc")) }
}
