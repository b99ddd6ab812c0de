import GRDB

/// The tables, by migration. One that has been released is never changed: what follows it is a new one.
enum StoreSchema {
    /// `culp`: tells this file from another program's database.
    static let applicationID = 0x6375_6C70

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("v1") { db in try db.execute(sql: v1) }
        return migrator
    }

    /// Times are nanoseconds since 1970, UTC. `related` holds ids, one a line.
    private static let v1 = """
        PRAGMA application_id = \(applicationID);
        CREATE TABLE incident (
            id TEXT NOT NULL PRIMARY KEY,
            at INTEGER NOT NULL,
            wall_offset INTEGER NOT NULL,
            subject_kind TEXT NOT NULL,
            subject_name TEXT NOT NULL,
            subject_manager TEXT,
            subject_uid INTEGER,
            outcome TEXT NOT NULL,
            mechanism TEXT NOT NULL,
            confidence TEXT NOT NULL,
            agent TEXT,
            fingerprint TEXT NOT NULL,
            revision INTEGER NOT NULL,
            related TEXT NOT NULL,
            recovered_at INTEGER,
            summary TEXT NOT NULL,
            supplement TEXT NOT NULL,
            document TEXT NOT NULL
        ) STRICT;
        CREATE INDEX incident_at ON incident (at, id);
        CREATE INDEX incident_subject ON incident (subject_name, at);
        CREATE INDEX incident_fingerprint ON incident (fingerprint, at);
        CREATE TABLE annotation (
            number INTEGER NOT NULL PRIMARY KEY,
            incident TEXT NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
            at INTEGER NOT NULL,
            uid INTEGER NOT NULL,
            text TEXT NOT NULL
        ) STRICT;
        CREATE INDEX annotation_incident ON annotation (incident, number);
        CREATE TABLE export (
            incident TEXT NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
            target TEXT NOT NULL,
            state TEXT NOT NULL,
            at INTEGER NOT NULL,
            detail TEXT NOT NULL,
            PRIMARY KEY (incident, target)
        ) STRICT, WITHOUT ROWID;
        """
}
