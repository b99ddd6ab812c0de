/// Programs that take a credential after a short option whose letter says nothing by itself.
struct CredentialOption: Sendable {
    /// The option's letters.
    let letters: Set<UInt8>
    let placement: Placement
    let form: Form

    enum Placement: Sendable { case attached, next, either }

    enum Form: Sendable {
        /// All of it.
        case whole
        /// `user:password`: what follows the first colon.
        case afterColon
        /// `user%password`.
        case afterPercent
    }

    private init(_ letters: StaticString, _ placement: Placement, _ form: Form = .whole) {
        self.letters = letters.withUTF8Buffer { Set($0) }
        self.placement = placement
        self.form = form
    }

    /// By the program's name.
    static func of(_ program: String) -> [CredentialOption] { byProgram[program] ?? [] }

    /// Programs where the credential belongs to a verb: `docker login -p`.
    static func ofLogin(_ program: String) -> [CredentialOption] {
        loginPrograms.contains(program) ? [CredentialOption("p", .either)] : []
    }

    /// Programs whose `--password` takes no next word: it asks, or has its value attached by `=`.
    static func passwordStandsAlone(_ program: String) -> Bool {
        program.hasPrefix("mysql") || program.hasPrefix("mariadb") || postgres.contains(program)
    }

    static var programs: [String] { Array(byProgram.keys) + loginPrograms.map { _ in "login" } }

    private static let loginPrograms: Set = [
        "docker", "podman", "nerdctl", "buildah", "skopeo", "helm", "oras", "crane", "oc", "az", "cf", "argocd",
    ]

    private static let postgres: Set = [
        "psql", "pg_dump", "pg_dumpall", "pg_restore", "pg_basebackup", "createdb", "dropdb", "createuser", "vacuumdb",
        "reindexdb", "pgbench",
    ]

    private static let byProgram: [String: [CredentialOption]] = {
        var table: [String: [CredentialOption]] = [:]
        func add(_ programs: [String], _ options: CredentialOption...) {
            for program in programs { table[program] = options }
        }
        add(
            [
                "mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlcheck", "mysqlshow", "mysqlpump",
                "mysqlbinlog",
                "mysqlslap", "mariadb", "mariadb-dump", "mariadb-admin", "mariadb-import", "mariadb-check",
                "mariadb-show",
                "mariadb-binlog", "mariadb-backup", "mariadbd",
            ], CredentialOption("p", .attached))
        add(["sshpass"], CredentialOption("p", .either))
        add(["curl"], CredentialOption("uU", .either, .afterColon))
        add(["http", "https", "xh"], CredentialOption("a", .next, .afterColon))
        add(["redis-cli", "valkey-cli", "keydb-cli"], CredentialOption("a", .next))
        add(
            ["mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport"],
            CredentialOption("p", .either))
        add(
            ["ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami", "ldappasswd"],
            CredentialOption("w", .either))
        add(["smbclient", "rpcclient", "smbget"], CredentialOption("U", .either, .afterPercent))
        add(["sqlcmd", "bcp"], CredentialOption("P", .either))
        add(["ipmitool"], CredentialOption("P", .next))
        add(["zip", "unzip"], CredentialOption("P", .either))
        add(["7z", "7za", "7zz", "rar", "unrar"], CredentialOption("p", .attached))
        add(["snmpget", "snmpwalk", "snmpset", "snmpbulkwalk"], CredentialOption("AX", .next))
        return table
    }()
}
