import EventModel
import Testing

@testable import ProcFS

/// What of a running process's argv is taken for the path that it was executed by.
@Suite struct PathTests {
    @Test(arguments: [
        (["/usr/bin/node", "x.js"], "/usr/bin/node"), (["./run me"], "/opt/exe"),
        (["/opt/my app/run"], "/opt/my app/run"),
        (["bin/tool"], "bin/tool"), (["sshd: dev@pts/0"], "/opt/exe"), (["claude"], "/opt/exe"),
        (["-bash"], "/opt/exe"),
        (["nginx: worker process /etc/nginx"], "/opt/exe"), ([], "/opt/exe"),
    ])
    func aTitleIsNoPath(_ argv: [String], _ path: String) {
        #expect(ProcPass.path(argv: ArgumentVector(words: argv), exe: "/opt/exe", comm: "c") == path)
        #expect(ProcPass.path(argv: .empty, exe: nil, comm: "c") == "c")
    }
}
