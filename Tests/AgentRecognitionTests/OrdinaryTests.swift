import AgentRecognition
import EventModel
import Testing

/// Nothing here is an agent. Each row is what is executed in turn, one below the other: words of argv, the first of
/// them the file as well unless it stands before ` <- `.
@Suite struct OrdinaryTests {
    static let trees: [[String]] = [
        ["/bin/bash", "vim claude.txt"], ["/bin/bash", "/usr/bin/vim /home/u/.local/bin/claude"],
        ["/bin/bash", "nano codex"],
        ["/usr/bin/code", "/usr/share/code/code --type=renderer"], ["/usr/bin/emacs claude.el"],
        ["/usr/bin/less /usr/local/bin/claude"],
        ["/bin/bash", "grep -r CLAUDECODE ."], ["/bin/grep -rn codex /usr/bin/codex"], ["/usr/bin/rg claude"],
        ["/bin/cat /usr/bin/claude"],
        ["/usr/bin/node <- /usr/bin/node server.js"], ["/usr/bin/node <- node server.js"],
        ["/usr/bin/node <- node /srv/app/claude.js"],
        ["/usr/bin/node <- node build.js /usr/bin/claude --fix"],
        ["/usr/bin/node <- node /usr/bin/eslint /repo/bin/claude --quiet"],
        ["/usr/bin/node <- node server.js --root /a/@anthropic-ai/claude-code/b"],
        ["/usr/bin/node <- node x.js /x/bin/codex"],
        ["/usr/bin/npm", "/usr/bin/node <- node /usr/bin/npm install -g @anthropic-ai/claude-code"],
        ["/usr/bin/node <- node /usr/bin/npx --yes @openai/codex-help"],
        ["/usr/bin/node <- node -e 1 /usr/bin/claudette"],
        ["/usr/bin/bun <- bun test claude"], ["/usr/bin/deno <- deno run codex.ts"],
        ["/usr/bin/python3 <- python3 claude.py"],
        ["/usr/bin/python3 <- python3 /usr/bin/codex-report"], ["/usr/bin/claudette"], ["/usr/bin/claude-monitor"],
        ["/opt/codex2/run"],
        ["/usr/bin/xclaude"], ["/home/u/codex/run.sh"], ["/home/u/codex/bin/start"], ["/home/u/claude/app"],
        ["/home/claude/bin/server"],
        ["/home/u/src/codex/target/debug/other"], ["/usr/bin/ssh-agent -D"], ["/usr/bin/gpg-agent --supervised"],
        ["/usr/sbin/zabbix_agentd"],
        ["/usr/bin/jenkins-agent"], ["/usr/lib/policykit-1/polkit-agent-helper-1"], ["/usr/sbin/qemu-ga"],
        ["/opt/datadog-agent/bin/agent/agent run"],
        ["/usr/bin/make -j8", "/bin/sh -c cc -c x.c", "/usr/bin/cc -c x.c", "/usr/lib/cc1"],
        ["/usr/bin/cargo build", "/usr/bin/rustc x"],
        ["/usr/bin/git commit -m codex", "/usr/bin/vi .git/COMMIT_EDITMSG"], ["/usr/bin/git log --grep=claude"],
        ["/usr/bin/ninja"],
        ["/usr/bin/mvn <- java -jar maven.jar"], ["/usr/bin/docker run codex"],
        ["/usr/bin/dockerd", "/usr/bin/containerd-shim"],
        ["/usr/lib/systemd/systemd --user", "/usr/bin/dbus-daemon --session"],
        ["/usr/sbin/cron -f", "/bin/sh -c backup", "/usr/bin/rsync"],
        ["/usr/sbin/sshd -D", "/bin/bash -l", "/usr/bin/tmux"], ["/usr/bin/tmux new -s claude"],
        ["/usr/bin/screen -S codex"],
        ["/usr/bin/systemctl status claude.service"], ["/usr/bin/pkill -f claude"], ["/usr/bin/pgrep codex"],
        ["/usr/bin/which claude"],
        ["/usr/bin/man claude"], ["/usr/bin/curl https://claude.ai/install.sh"], ["/usr/bin/wget https://x/codex"],
        ["/usr/bin/firefox https://claude.ai"],
        ["/usr/bin/postgres", "/usr/bin/postgres"], ["/usr/sbin/nginx -g daemon off;"],
        ["/usr/bin/redis-server *:6379"], ["/usr/bin/java -jar agent.jar"],
        ["/usr/bin/sudo -u claude ls"], ["/usr/bin/su - codex", "/bin/bash"], ["/usr/bin/bash <- -claude"], [""], ["/"],
    ]

    @Test(arguments: trees) func isNoAgent(_ tree: [String]) {
        var host = TestHost()
        var parent = TestHost.pid1
        for step in tree {
            let parts = step.split(separator: "<-").map { $0.trimmingPrefix(" ") }
            let argv = (parts.last ?? "").split(separator: " ").map(String.init)
            let path = parts.count > 1 ? String(parts[0].prefix { $0 != " " }) : argv.first ?? ""
            parent = host.start(parent, path, argv, env: ["AGENT": "build-7", "SSH_AGENT_PID": "9"])
            #expect(host.names(parent) == [], "\(step)")
        }
        #expect(host.agents.all.isEmpty)
    }

    @Test func thereAreEnough() { #expect(Self.trees.count >= 60) }

    @Test func aPersonsShellBesideAnAgentIsNotOfItsTree() {
        var host = TestHost()
        let tmux = host.start(TestHost.pid1, "/usr/bin/tmux")
        let (first, second) = (host.start(tmux, "/bin/bash"), host.start(tmux, "/bin/bash"))
        let agent = host.start(first, "claude", exe: "/u/claude/versions/2")
        #expect(host.names(agent) == ["claude-code"])
        let kill = host.start(second, "/bin/kill")
        for process in [first, second, tmux, kill] { #expect(host.names(process) == []) }
    }
}
