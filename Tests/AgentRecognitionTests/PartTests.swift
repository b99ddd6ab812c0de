import AgentRecognition
import EventModel
import Testing

@Suite struct PartTests {
    static let rows: [(AgentPart?, String, [String])] = [
        (
            .mcpServer, "/usr/bin/node",
            ["node", "/x/node_modules/@modelcontextprotocol/server-filesystem/dist/index.js", "/"]
        ),
        (.mcpServer, "/usr/bin/node", ["node", "/usr/bin/npx", "-y", "@modelcontextprotocol/server-github@1.2"]),
        (.mcpServer, "/usr/bin/node", ["node", "/x/node_modules/.bin/chrome-devtools-mcp"]),
        (.mcpServer, "/usr/bin/node", ["node", "/x/@playwright/mcp/cli.js"]),
        (.mcpServer, "/usr/bin/python3", ["python3", "/x/bin/mcp-server-git", "--repository", "."]),
        (.mcpServer, "/usr/bin/python3", ["python3", "-m", "mcp_server_fetch"]),
        (.mcpServer, "/usr/bin/uvx", ["uvx", "mcp-server-time"]),
        (.mcpServer, "/usr/bin/uv", ["uv", "tool", "uvx", "mcp-server-x"]),
        (.mcpServer, "/usr/bin/docker", ["docker", "run", "-i", "--rm", "mcp/postgres"]),
        (.mcpServer, "/usr/local/bin/github-mcp-server", ["github-mcp-server", "stdio"]),
        (.mcpServer, "/usr/local/bin/claude", ["claude", "mcp", "serve"]),
        (.mcpServer, "/usr/bin/codex", ["codex", "mcp-server"]),
        (
            .browser, "/home/u/.cache/ms-playwright/chromium-1/chrome-linux/headless_shell",
            ["headless_shell", "--headless"]
        ),
        (.browser, "/opt/google/chrome/chrome", ["chrome", "--remote-debugging-pipe"]),
        (.browser, "/usr/lib/firefox/firefox", ["firefox", "-juggler-pipe", "-headless"]),
        (nil, "/opt/google/chrome/chrome", ["chrome", "https://x"]), (nil, "/bin/bash", ["bash", "-c", "mcp-server"]),
        (nil, "/usr/bin/vim", ["vim", "mcp-server.ts"]), (nil, "/usr/bin/node", ["node", "server.js", "mcp-server"]),
        (nil, "/usr/bin/docker", ["docker", "ps"]), (nil, "/usr/bin/grep", ["grep", "-r", "github-mcp-server"]),
        (nil, "", []),
    ]

    @Test(arguments: rows.indices) func isThePart(_ index: Int) {
        let (part, exe, argv) = Self.rows[index]
        let image = ExecImage(path: exe, exe: exe, argv: ArgumentVector(words: argv))
        #expect(AgentPart.of(image) == part, "\(argv)")
    }

    /// They are in their agent's tree, and no agents themselves.
    @Test func aPartIsNoAgent() {
        var host = TestHost()
        let root = host.start(TestHost.pid1, "/usr/bin/claude", ["claude"])
        for (part, exe, argv) in Self.rows where part != nil && !argv.contains("codex") {
            let process = host.start(root, exe, argv)
            #expect(host.names(process) == ["claude-code"])
            let alone = host.start(TestHost.pid1, exe, argv)
            #expect(host.names(alone) == [], "\(argv)")
        }
    }
}
