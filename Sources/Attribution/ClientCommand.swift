import EventModel

/// What a command line asks a service manager for; for where the call itself was not seen.
struct ClientCommand: Equatable {
    enum Effect: Equatable {
        /// Ends what it names.
        case ends
        /// Starts what it names: what conflicts with that ends.
        case starts
        /// Sends a signal to what it names.
        case kills
        /// Ends the host, everything else, or a manager.
        case endsAll
        /// Ends a session, or all of a user's.
        case endsLogin
        /// Speaks to a manager, and what it asks for is not clear.
        case unclear
    }

    var effect: Effect
    /// With suffix; may be patterns.
    var units: [String] = []
    /// A user's manager is asked: its own, where no uid is given.
    var isForUser = false
    var uid: UInt32?
    /// `restart prod.service`
    var deed: String

    /// Nil where it is no client of a manager, or only looks.
    init?(_ image: ExecImage) {
        let words = image.argv.words
        guard let program = Self.program(image) else { return nil }
        let options = Options(Array(words.dropFirst()))
        switch program {
        case "systemctl": self.init(systemctl: options)
        case "service", "invoke-rc.d", "deb-systemd-invoke", "rc-service": self.init(script: program, options)
        case "poweroff", "reboot", "halt", "shutdown", "telinit": self.init(effect: .endsAll, deed: program)
        case "loginctl":
            guard let verb = options.plain.first, verb.hasPrefix("terminate-") || verb.hasPrefix("kill-") else {
                return nil
            }
            self.init(effect: .endsLogin, deed: options.plain.prefix(2).joined(separator: " "))
        case "busctl", "dbus-send", "gdbus": self.init(bus: program, options)
        default: return nil
        }
        isForUser = isForUser || options.isForUser
        uid = options.user
    }

    init(effect: Effect, units: [String] = [], deed: String) {
        self.effect = effect
        self.units = units
        self.deed = deed
    }

    /// The name it goes by, where it lies where the system keeps its programs: a file of that name elsewhere is none.
    private static func program(_ image: ExecImage) -> String? {
        let own: (String) -> String? = { path in
            let isSystems = ["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/", "/nix/store/"].contains {
                path.hasPrefix($0)
            }
            return isSystems ? path.split(separator: "/").last.map(String.init) : nil
        }
        guard let exe = image.exe.flatMap(own) ?? own(image.path) else { return nil }
        // `/sbin/reboot` is a link to systemctl; `service` is a script, whose executable is a shell.
        guard let name = own(image.path) else { return exe }
        return exe == "systemctl" && name == "systemctl" ? exe : name
    }

    private init?(systemctl options: Options) {
        guard let verb = options.plain.first else { return nil }
        let units = options.plain.dropFirst().map(Self.full)
        let deed = ([verb] + units.prefix(3)).joined(separator: " ")
        switch verb {
        case "stop", "restart", "try-restart", "condrestart", "reload-or-restart", "try-reload-or-restart",
            "reload-or-try-restart", "force-reload":
            self.init(effect: .ends, units: units, deed: deed)
        case "start": self.init(effect: .starts, units: units, deed: deed)
        case "enable", "disable", "mask":
            guard options.words.contains("--now") else { return nil }
            self.init(effect: verb == "enable" ? .starts : .ends, units: units, deed: deed)
        case "kill": self.init(effect: .kills, units: units, deed: deed)
        case "isolate", "poweroff", "reboot", "halt", "kexec", "soft-reboot", "suspend", "hibernate", "hybrid-sleep",
            "suspend-then-hibernate", "sleep", "exit", "default", "rescue", "emergency", "switch-root":
            self.init(effect: .endsAll, units: units, deed: deed)
        default: return nil
        }
    }

    /// `service prod restart`; the others have the verb first.
    private init?(script program: String, _ options: Options) {
        var words = options.plain
        if program == "service" || program == "rc-service" || program == "invoke-rc.d" {
            guard words.count >= 2 else { return nil }
            words.swapAt(0, 1)
        }
        guard let verb = words.first, words.count >= 2 else { return nil }
        let effect: Effect = verb == "start" ? .starts : .ends
        guard verb == "start" || verb == "stop" || verb.hasSuffix("restart") || verb == "force-reload" else {
            return nil
        }
        self.init(effect: effect, units: words.dropFirst().map(Self.full), deed: "\(verb) \(Self.full(words[1]))")
    }

    /// A method named in full or as a word of its own, and the words behind it.
    private init?(bus program: String, _ options: Options) {
        let words = options.words.map { $0.hasPrefix("string:") ? String($0.dropFirst("string:".count)) : $0 }
        let verbs = words.compactMap { word -> ManagerCall.Verb? in
            let member = word.split(whereSeparator: { $0 == "." || $0 == "=" }).last.map(String.init)
            let message = ManagerMessage(
                kind: .call, serial: 0, interface: ManagerMethod.Interface.manager.rawValue, member: member)
            return ManagerMethod.of(message)?.verb
        }
        isForUser = program == "busctl" ? false : !words.contains { ["--system", "-y"].contains($0) }
        guard let verb = verbs.first else {
            // Monitors and look-ups name no method that changes anything.
            guard words.contains(where: { $0.contains("org.freedesktop.systemd1") }), words.contains("call") else {
                return nil
            }
            (effect, deed, units) = (.unclear, "call it", [])
            return
        }
        units = words.filter { $0.contains(".") && !$0.contains("org.") && !$0.hasPrefix("-") }
        deed = ([verb.rawValue] + units.prefix(3)).joined(separator: " ")
        effect =
            verb == .kill
            ? .kills : verb.endsUnit ? .ends : verb == .start ? .starts : verb.isOfHost ? .endsAll : .unclear
    }

    private static func full(_ name: String) -> String {
        let suffixes = [".service", ".socket", ".target", ".scope", ".slice", ".timer", ".mount", ".path", ".device"]
        return suffixes.contains { name.hasSuffix($0) } ? name : name + ".service"
    }
}

extension ClientCommand {
    /// The words of a command line of systemd's own programs.
    struct Options {
        var words: [String]
        /// Without options and their values.
        var plain: [String] = []
        var isForUser = false
        var user: UInt32?

        /// Short and long options whose value is the next word.
        private static let withValue: Set<String> = [
            "-H", "-M", "-t", "-p", "-n", "-o", "-s", "-P", "--host", "--machine", "--type", "--property", "--lines",
            "--output", "--signal", "--state", "--job-mode", "--kill-who", "--kill-whom", "--root", "--when",
            "--message", "--preset-mode",
        ]

        init(_ words: [String]) {
            self.words = words
            var isValue = false
            for (index, word) in words.enumerated() {
                if isValue {
                    isValue = false
                    if ["-M", "--machine"].contains(words[index - 1]) { machine(word) }
                } else if word.hasPrefix("-") && word.count > 1 {
                    isValue = Self.withValue.contains(word)
                    if word == "--user" { isForUser = true }
                    if word.hasPrefix("--machine=") { machine(String(word.dropFirst("--machine=".count))) }
                } else {
                    plain.append(word)
                }
            }
        }

        /// `1000@` or `1000@.host`; a name is not looked up.
        private mutating func machine(_ value: String) {
            user = value.split(separator: "@", omittingEmptySubsequences: false).first.flatMap { UInt32($0) }
        }
    }
}
