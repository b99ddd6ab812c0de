public import EventModel

/// What a client of a terminal multiplexer (tmux, screen) asks its server for, by its command line. The server makes every
/// pane, whoever asked for it, and types into them what anybody's client gives it.
public struct TerminalCommand: Hashable, Sendable {
    /// `tmux`
    public var program: String
    /// `new-window`; as it was written, for a person. Empty where the client was given none.
    public var name = ""
    /// The server makes a pane for it.
    public var makesPane = false
    /// It may wait for what the server runs: what else is made meanwhile need not be for it.
    public var mayWait = false
    /// Keys may go into panes that are there already: it attaches, or sends them, or what it does is not known.
    public var mayType = false

    /// Nil where the image is no multiplexer's, or its server's: one that `/proc` listed has a `title` that tells.
    public init?(_ image: ExecImage, title: String? = nil) {
        guard let program = Self.program(image.comm), title != "tmux: server", image.argv.words.first != "SCREEN" else {
            return nil
        }
        self.program = program
        let words = image.argv.words
        guard !words.isEmpty, !image.argv.isTruncated else {
            mayType = true
            return
        }
        switch program {
        case "tmux": take(tmux: words.dropFirst())
        case "screen": take(screen: Array(words.dropFirst()))
        default: mayType = true
        }
    }

    /// The multiplexer that a program of that name is.
    public static func program(_ comm: String) -> String? { programs.contains(comm) ? comm : nil }

    private static let programs: Set<String> = ["tmux", "screen", "zellij", "abduco", "dtach"]

    // MARK: tmux

    private enum Kind { case makes, looks }

    /// tmux 3.3: commands and their short names. What is not here may type.
    private static let commands: [String: Kind] = [
        "new-session": .makes, "new": .makes, "new-window": .makes, "neww": .makes, "split-window": .makes,
        "splitw": .makes, "respawn-pane": .makes, "respawnp": .makes, "respawn-window": .makes, "respawnw": .makes,
        "display-popup": .makes, "popup": .makes, "run-shell": .makes, "run": .makes,
        "list-sessions": .looks, "ls": .looks, "list-windows": .looks, "lsw": .looks, "list-panes": .looks,
        "lsp": .looks, "list-clients": .looks, "lsc": .looks, "list-buffers": .looks, "lsb": .looks,
        "list-commands": .looks, "lscm": .looks, "list-keys": .looks, "lsk": .looks, "has-session": .looks,
        "has": .looks, "display-message": .looks, "display": .looks, "capture-pane": .looks, "capturep": .looks,
        "show-options": .looks, "show": .looks, "show-environment": .looks, "showenv": .looks,
        "show-messages": .looks, "showmsgs": .looks, "show-buffer": .looks, "showb": .looks, "show-hooks": .looks,
        "show-window-options": .looks, "showw": .looks, "server-info": .looks, "info": .looks, "wait-for": .looks,
        "wait": .looks, "start-server": .looks, "start": .looks, "kill-session": .looks, "kill-window": .looks,
        "killw": .looks, "kill-pane": .looks, "killp": .looks, "kill-server": .looks, "select-pane": .looks,
        "selectp": .looks, "select-window": .looks, "selectw": .looks, "rename-window": .looks, "renamew": .looks,
        "rename-session": .looks, "rename": .looks, "resize-pane": .looks, "resizep": .looks,
        "resize-window": .looks, "resizew": .looks,
    ]
    private static let optionsWithValue: Set<Character> = ["c", "f", "L", "S", "T"]

    private mutating func take(tmux words: ArraySlice<String>) {
        var rest = words
        while let option = rest.first, option.hasPrefix("-"), option.count > 1 {
            rest = rest.dropFirst()
            // The shell that `-c` starts is the client's own child.
            if let last = option.last, Self.optionsWithValue.contains(last) { rest = rest.dropFirst() }
        }
        name = rest.first ?? ""
        if rest.isEmpty, words.contains("-V") { return }
        // Without a command it makes a session and attaches to it.
        guard !rest.isEmpty else {
            (makesPane, mayType) = (true, true)
            return
        }
        for command in rest.split(whereSeparator: { $0 == ";" }) { take(command) }
        // `tmux ls\; send-keys x`: how the words part is tmux's to say.
        if rest.contains(where: { $0.hasSuffix(";") && $0 != ";" }) { mayType = true }
    }

    private mutating func take(_ command: ArraySlice<String>) {
        guard let verb = command.first, let kind = Self.commands[verb] else {
            mayType = true
            return
        }
        guard kind == .makes else { return }
        makesPane = true
        if ["run-shell", "run", "display-popup", "popup"].contains(verb) { mayWait = true }
        let isSession = verb == "new-session" || verb == "new"
        if isSession, !command.dropFirst().contains(where: { Self.hasFlag("d", $0) }) { mayType = true }
    }

    private static func hasFlag(_ flag: Character, _ word: String) -> Bool {
        word.hasPrefix("-") && !word.hasPrefix("--") && word.contains(flag)
    }

    // MARK: screen

    private mutating func take(screen words: [String]) {
        name = words.first { !$0.hasPrefix("-") } ?? ""
        if words.contains(where: { ["-ls", "-list", "-v", "--version", "-wipe", "-Q", "-h"].contains($0) }) { return }
        let flags = Set(words.filter { $0.hasPrefix("-") && !$0.hasPrefix("--") }.flatMap { $0 })
        let isDetached = flags.contains("m") && (flags.contains("d") || flags.contains("D"))
        let sends = words.contains("-X")
        makesPane = isDetached || !sends || words.contains("screen")
        mayType = !isDetached
        if sends { name = words.drop { $0 != "-X" }.dropFirst().first ?? "" }
    }
}
