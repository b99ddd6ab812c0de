import EventModel
import Testing

@testable import ProcessTracking

@Suite struct TerminalCommandTests {
    private static func image(_ words: String, program: String? = nil) -> ExecImage {
        let words = words.split(separator: " ").map(String.init)
        let path = "/usr/bin/\(program ?? words.first ?? "")"
        return ExecImage(path: path, exe: path, argv: ArgumentVector(words: words))
    }

    @Test(
        arguments: [
            ("tmux new-window -t work make", true, false), ("tmux neww", true, false),
            ("tmux -L other -f /dev/null splitw -h", true, false), ("tmux new-session -d -s work", true, false),
            ("tmux new -ds work", true, false), ("tmux new-session -s work", true, true), ("tmux", true, true),
            ("tmux -2u", true, true), ("tmux attach -t work", false, true),
            ("tmux send-keys -t 0 ls Enter", false, true),
            ("tmux a", false, true), ("tmux -C attach", false, true), ("tmux set-hook -g x run", false, true),
            ("tmux no-such-command", false, true), ("tmux ls", false, false), ("tmux -V", false, false),
            ("tmux list-panes -a -F x", false, false), ("tmux capture-pane -p", false, false),
            ("tmux ls ; send-keys x", false, true), ("tmux ls; send-keys x", false, true),
            ("tmux new-window ; send-keys x", true, true), ("tmux capture-pane ; neww", true, false),
            ("screen", true, true), ("screen -dmS work make", true, false), ("screen -d -m", true, false),
            ("screen -r work", true, true), ("screen -ls", false, false), ("screen -S work -X stuff ls", false, true),
            ("screen -S work -X screen make", true, true), ("zellij run ls", false, true), ("dtach -a x", false, true),
        ] as [(String, Bool, Bool)]) func asksFor(words: String, makesPane: Bool, mayType: Bool) throws
    {
        let command = try #require(TerminalCommand(Self.image(words)))
        #expect(command.makesPane == makesPane && command.mayType == mayType)
    }

    @Test func whatIsNoClient() {
        #expect(TerminalCommand(Self.image("bash new-window")) == nil)
        #expect(TerminalCommand(Self.image("tmux new-session"), title: "tmux: server") == nil)
        #expect(TerminalCommand(Self.image("SCREEN -dmS x", program: "screen")) == nil)
        #expect(TerminalCommand.program("tmuxinator") == nil && TerminalCommand.program("") == nil)
    }

    @Test func whatIsNotKnownMayBeAnything() throws {
        let cut = ExecImage(
            path: "/usr/bin/tmux", argv: ArgumentVector(head: Array("tmux\0ls\0".utf8), totalBytes: 40_000))
        #expect(TerminalCommand(cut)?.mayType == true)
        #expect(TerminalCommand(ExecImage(path: "/usr/bin/tmux"))?.mayType == true)
    }

    @Test(
        arguments: [
            ("bash", true), ("-bash", true), ("bash -l -i", true), ("bash --rcfile /x/rc", true),
            ("bash -c kill", false),
            ("bash -lc kill", false), ("bash deploy.sh", false), ("python3", true), ("python3 x.py", false),
            ("python3 -m http.server", false), ("perl -e kill", false), ("ssh host", true), ("vim x", true),
            ("make", false), ("kill", false), ("", false),
        ] as [(String, Bool)]) func isTypedInto(words: String, expected: Bool)
    {
        let image = Self.image(words, program: words.hasPrefix("-") ? "bash" : nil)
        #expect(image.isTypedInto == expected)
    }
}
