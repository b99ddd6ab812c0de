import EventModel

/// What a command line runs: the script or module of an interpreter, and the words behind it.
struct CommandWords {
    /// The interpreter's name without folders and the script, `node /usr/bin/claude`, or the module, `python3 -m aider`;
    /// empty where it runs no script.
    var script: [UInt8] = []
    /// What follows the program, or the script, joined by single spaces.
    var arguments: [UInt8] = []

    private static let mostWords = 64

    /// `path` is how the program was named to execve; where a later word is that path, the kernel has put the script's
    /// interpreter in front of it.
    init(_ argv: [UInt8], path: String) {
        let words = argv.split(separator: 0, maxSplits: Self.mostWords, omittingEmptySubsequences: false)
        guard let first = words.first else { return }
        let name = first.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last ?? first
        let family = Family(name)
        let own = Self.position(of: path, in: words)
        guard let place = own.map({ ($0, false) }) ?? family.script(in: words) else {
            arguments = Self.joined(words.dropFirst())
            return
        }
        if family != .env {
            script = Array(name) + [0x20] + (place.1 ? Array("-m ".utf8) : []) + words[place.0]
        }
        // What nobody knows to be an interpreter may as well be the program itself.
        let isProgram = family == .other && own == nil
        arguments = Self.joined(words.dropFirst(isProgram ? 1 : place.0 + 1))
    }

    /// Where the kernel put the path of a script: behind its interpreter and at most one option.
    private static func position(of path: String, in words: [ArraySlice<UInt8>]) -> Int? {
        words.indices.dropFirst().prefix(2).first { words[$0].elementsEqual(path.utf8) }
    }

    /// A script, rather than a program that was executed itself.
    static func isScript(_ argv: [UInt8], path: String) -> Bool {
        position(of: path, in: argv.split(separator: 0, maxSplits: 4, omittingEmptySubsequences: false)) != nil
    }

    private static func joined(_ words: some Collection<ArraySlice<UInt8>>) -> [UInt8] {
        var bytes: [UInt8] = []
        for word in words {
            if !bytes.isEmpty { bytes.append(0x20) }
            bytes += word
        }
        while bytes.last == 0x20 || bytes.last == 0 { bytes.removeLast() }
        return bytes
    }
}

extension CommandWords {
    /// Interpreters that take options in the same way.
    enum Family: Equatable {
        case shell, javascript, python, env, other

        private static let shells: Set<String> = [
            "sh", "bash", "dash", "zsh", "fish", "ksh", "mksh", "ash", "tcsh", "csh", "busybox", "rbash",
        ]

        init(_ name: some Collection<UInt8>) {
            let text = String(decoding: name.first == UInt8(ascii: "-") ? name.dropFirst() : name[...], as: UTF8.self)
            switch text {
            case "node", "nodejs", "bun", "deno": self = .javascript
            case "env": self = .env
            default:
                self = Self.shells.contains(text) ? .shell : text.hasPrefix("python") ? .python : .other
            }
        }

        /// Options whose value is the next word.
        private func takesValue(_ option: String) -> Bool {
            switch self {
            case .shell: ["--rcfile", "--init-file", "-o", "+o", "-O", "+O"].contains(option)
            case .javascript:
                ["-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions", "--title"]
                    .contains(option)
            case .python: ["-W", "-X", "--check-hash-based-pycs"].contains(option)
            case .env: ["-u", "--unset", "-C", "--chdir"].contains(option)
            case .other: false
            }
        }

        /// The code is in the command line, and there is no script.
        private func takesCode(_ option: String) -> Bool {
            switch self {
            case .shell: option.hasPrefix("-") && !option.hasPrefix("--") && option.contains("c")
            case .javascript: ["-e", "--eval", "-p", "--print", "-pe"].contains(option)
            case .python: option == "-c"
            case .env, .other: false
            }
        }

        /// The word that is the script or, with `true`, the module.
        func script(in words: [ArraySlice<UInt8>]) -> (Int, isModule: Bool)? {
            var index = 1
            while index < words.count {
                let word = words[index]
                guard word.first == UInt8(ascii: "-") || (self == .shell && word.first == UInt8(ascii: "+")) else {
                    if word.isEmpty || (self == .javascript && word.elementsEqual("run".utf8)) {
                        index += 1
                        continue
                    }
                    return (index, false)
                }
                let option = String(decoding: word, as: UTF8.self)
                if takesCode(option) { return nil }
                if self == .python, option == "-m" { return index + 1 < words.count ? (index + 1, true) : nil }
                index += takesValue(option) ? 2 : 1
            }
            return nil
        }
    }

    /// A shell that waits for somebody to type: it has neither a script nor code in its command line.
    static func isInteractiveShell(_ argv: [UInt8], name: String) -> Bool {
        guard Family(Array(name.utf8)) == .shell else { return false }
        let words = argv.split(separator: 0, maxSplits: Self.mostWords, omittingEmptySubsequences: false)
        guard Family.shell.script(in: words) == nil else { return false }
        return !words.dropFirst().contains { word in
            word.first == UInt8(ascii: "-") && word.dropFirst().first != UInt8(ascii: "-")
                && word.contains(UInt8(ascii: "c"))
        }
    }

    /// A shell that runs a line it was given, `bash -c …`.
    static func isShellLine(_ argv: [UInt8], name: String) -> Bool {
        guard Family(Array(name.utf8)) == .shell else { return false }
        let words = argv.split(separator: 0, maxSplits: Self.mostWords, omittingEmptySubsequences: false)
        return Family.shell.script(in: words) == nil && !isInteractiveShell(argv, name: name)
    }
}
