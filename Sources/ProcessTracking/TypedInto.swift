public import EventModel

extension ExecImage {
    /// It does what is typed into it: a shell or an interpreter that was given neither a script nor a command, an editor.
    public var isTypedInto: Bool {
        let words = argv.words
        let name = Self.unversioned(path.split(separator: "/").last.map(String.init) ?? comm)
        if Self.typed.contains(name) { return true }
        let flags: Set<Character> = Self.shells.contains(name) ? ["c"] : ["c", "e", "m"]
        guard Self.shells.contains(name) || Self.interpreters.contains(name) else { return false }
        var isValue = false
        for word in words.dropFirst() {
            defer { isValue = Self.withValue.contains(word) }
            if isValue { continue }
            guard word.hasPrefix("-") else { return false }
            if !word.hasPrefix("--"), word.contains(where: flags.contains) { return false }
        }
        return true
    }

    /// `python3.11` is python.
    private static func unversioned(_ name: String) -> String {
        var name = Substring(name)
        while let last = name.last, last.isNumber || last == "." { name = name.dropLast() }
        return String(name)
    }

    private static let shells: Set<String> = [
        "sh", "bash", "rbash", "dash", "zsh", "fish", "ksh", "mksh", "ash", "busybox", "tcsh", "csh", "nu", "xonsh",
    ]
    private static let interpreters: Set<String> = ["python", "ipython", "node", "irb", "perl", "ruby", "lua"]
    private static let typed: Set<String> = [
        "ssh", "vi", "vim", "nvim", "emacs", "less", "man", "psql", "gdb", "lldb", "htop", "top", "mc", "ranger",
    ]
    private static let withValue: Set<String> = ["--rcfile", "--init-file", "-o", "-O"]
}
