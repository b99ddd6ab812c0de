/// What the name of an option, a variable, a header or a JSON member says of its value.
enum SecretName {
    /// Nothing.
    case harmless
    /// The value is secret where it looks like one: `key`, `auth`, `credentials`.
    case perhaps
    /// The value is secret unless it is a path: `api-key`, `private-key`.
    case key
    /// The value is a token or a secret.
    case token
    /// The value is a password.
    case password
    /// `Authorization`, `Cookie`: the value is secret, apart from its scheme.
    case header

    /// Longer names are judged by their end.
    static let longest = 64

    init(_ name: Range<Int>, in bytes: [UInt8]) {
        let start = max(name.lowerBound, name.upperBound - Self.longest)
        self.init(segments: Self.segments(bytes[start..<max(start, name.upperBound)]))
    }

    private init(segments: [String]) {
        guard let last = segments.last, let first = segments.first else {
            self = .harmless
            return
        }
        if segments.count > 1, Self.leading.contains(first) || Self.trailing.contains(last) {
            self = segments.suffix(2) == ["secret", "id"] ? .perhaps : .harmless
        } else if Self.headers.contains(where: last.hasSuffix) {
            self = .header
        } else if segments.contains(where: Self.saysPassword) || last == "pass" {
            self = .password
        } else if segments.count > 1, last == "pwd" {
            self = .password
        } else if segments.contains(where: Self.saysToken) {
            self = .token
        } else if last == "key", Self.keyKinds.contains(segments.dropLast().last ?? "") {
            self = .key
        } else {
            self = Self.joinedKeys.contains(last) ? .key : Self.vague.contains(last) ? .perhaps : .harmless
        }
    }

    private static func saysPassword(_ segment: String) -> Bool {
        passwords.contains { segment.hasSuffix($0) } || segment == "psk"
    }

    private static func saysToken(_ segment: String) -> Bool { tokens.contains { segment.hasSuffix($0) } }

    private static let passwords = ["password", "passwd", "passphrase", "passcode", "pswd", "userpass", "dbpass"]
    private static let tokens = ["token", "secret", "bearer"]
    private static let headers = ["authorization", "cookie"]
    private static let joinedKeys: Set = [
        "apikey", "secretkey", "privatekey", "accesskey", "authkey", "masterkey", "signingkey", "sshkey",
    ]
    /// What stands before `key` where a key is a secret, unlike a sort key, a primary key or a public key.
    private static let keyKinds: Set = [
        "api", "access", "secret", "private", "encryption", "signing", "master", "account", "storage", "service",
        "subscription", "license", "auth", "admin", "app", "shared", "session", "deploy", "ssh",
    ]
    private static let vague: Set = [
        "key", "auth", "credential", "credentials", "creds", "pwd", "signature", "sig", "jwt",
    ]
    /// First words that make a switch, a limit or a verb of it: `--no-password`, `--max-token`, `--ask-pass`.
    private static let leading: Set = [
        "no", "ask", "show", "with", "without", "skip", "disable", "enable", "require", "reset", "print", "verify",
        "use",
        "allow", "max", "min", "num", "list", "create", "rotate", "revoke", "delete", "public",
    ]
    /// Last words that make something else of it: `--password-file`, `--token-type`, `--secret-name`.
    private static let trailing: Set = [
        "file", "files", "path", "dir", "directory", "name", "names", "type", "url", "uri", "endpoint", "length", "len",
        "count", "limit", "size", "ttl", "expiry", "expires", "expiration", "lifetime", "age", "format", "store",
        "policy", "stdin", "prompt", "fd", "algorithm", "alg", "version", "index", "usage", "budget", "window", "rate",
        "validity", "manager", "provider", "helper", "map", "pattern", "patterns", "regex", "field", "column", "env",
        "var", "id", "ids", "arn", "ref", "server", "host", "port", "issuer", "audience", "scope", "scopes", "required",
        "enabled", "disabled", "parser", "check", "checks", "command", "cmd", "mode", "method", "timeout",
    ]

    /// `keyStorePassword`, `KEY_STORE_PASSWORD` and `key-store.password` are all `key`, `store`, `password`.
    private static func segments(_ name: ArraySlice<UInt8>) -> [String] {
        var segments: [[UInt8]] = []
        var current: [UInt8] = []
        var wasLower = false
        for byte in name {
            if !byte.isAlphanumeric || (byte.isUpper && wasLower) {
                if !current.isEmpty { segments.append(current) }
                current = []
            }
            if byte.isAlphanumeric { current.append(byte.folded) }
            wasLower = byte.isLower || byte.isDigit
        }
        if !current.isEmpty { segments.append(current) }
        return segments.map { String(decoding: $0, as: UTF8.self) }
    }
}
