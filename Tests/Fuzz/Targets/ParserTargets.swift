import Configuration
import EventModel
import ProcFS
import Redaction
import SystemdState

/// The parsers of text that other processes choose.
extension FuzzTarget {
    static let parsers: [FuzzTarget] = [
        FuzzTarget(name: "procfs", seeds: { procfsSeeds }, run: { parseProcfs($0) }),
        FuzzTarget(name: "proc-connector", seeds: { [[UInt8](repeating: 0, count: 76)] }, run: { parseConnector($0) }),
        FuzzTarget(name: "kernel-log", seeds: { kernelLogSeeds }, run: { readKernelLog($0) }),
        FuzzTarget(name: "fanotify", seeds: { [folderSeed] }, run: { FolderWatch.readNotices($0) }),
        FuzzTarget(name: "redactor", seeds: { redactorSeeds }, run: { redact($0) }),
        FuzzTarget(name: "journal-line", seeds: { journalSeeds }, run: { SystemdText.readJournalLine(ArraySlice($0)) }),
        FuzzTarget(name: "systemctl-show", seeds: { showSeeds }, run: { SystemdText.readShownUnits(ArraySlice($0)) }),
        FuzzTarget(name: "unit-file", seeds: { unitFileSeeds }, run: { readUnitFile($0) }),
        FuzzTarget(name: "configuration", seeds: { configurationSeeds }, run: { configure($0) }),
    ]

    private static let procfsSeeds = [
        "4711 (a) R 1 (b) S 1 4711 4711 0 -1 4194560 155 0 0 0 0 0 0 0 20 0 1 0 123456 8650752 911 18446744073709551615 1 2 3\n",
        "Name:\tbash\nTgid:\t4711\nNSpid:\t4711\t3\nUid:\t1000\t1000\t1000\t1000\n",
        "12:memory:/a:b\n1:name=systemd:/user.slice\n0::/system.slice/web.service\n",
        "node\0/usr/bin/cli.js\0--token\0x\0", "A=1\0CLAUDECODE=1\0CLAUDE_CODE_SESSION_ID=abc\0PATH=/bin\0",
        "some avg10=0.10 avg60=1.00 avg300=99.99 total=12345\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
        "  sl  local_address rem_address   st\n   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 3355 1\n",
        "low 0\nhigh 3\nmax 12\noom 1\noom_kill 1\n", "8:0 rbytes=1 wbytes=2\n8:16 Read 7\n", "1234 900 300 5 0 80 0\n",
        "MemTotal:       24682416 kB\nMemAvailable:   23952996 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
        "36 35 0:31 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n",
    ].map { Array($0.utf8) }

    private static func parseProcfs(_ bytes: UnsafeRawBufferPointer) {
        let text = ArraySlice(bytes)
        _ = ProcessStat(parsing: text)?.key
        _ = ProcessStatus(parsing: text)
        _ = CgroupMembership(parsing: text)
        _ = CommandLine(parsing: text).argv.joined
        _ = EnvironmentMarkers(parsing: text, patterns: ["CLAUDECODE", "CLAUDE_*"])
        _ = Pressure(parsing: text)
        _ = SocketTable(parsing: text, transport: .tcp).rows.map(\.local.description)
        _ = CgroupHierarchy.find(inMountinfo: text)
        _ = CgroupControllers(mountinfo: text) { _ in Array(bytes) }.summary
        _ = CounterFiles.readAll(text)
        _ = ProcessMemory(parsing: text)
        _ = LocalMounts(parsing: text).isLocal("/home/dev")
    }

    private static let kernelLogSeeds = [
        """
        6,10776,26275124082,-;Tasks state (memory values in pages):
        6,10777,26275124084,-;[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name
        6,10778,26275124087,-;[  10699]     0 10699    19325    17280    16416      864         0   192512        0             0 ground-truth
        6,10779,26275124093,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a/b,task_memcg=/a/b,task=ground-truth,pid=10699,uid=0
        3,10780,26275124175,-;Memory cgroup out of memory: Killed process 10699 (ground-truth) total-vm:77300kB, anon-rss:65664kB

        """,
        """
        6,1,10,-,caller=T1;Tasks state (memory values in pages):
        6,2,11,-;[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
        6,3,12,-;[   6584]     0  6584     9426        0    61440        7         -1000 a \\x0a [ 1]
        6,4,13,-;oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/\\x5cx,task=a,pid=6584,uid=0
        3,5,14,-;Out of memory: Killed process 6584 (a) total-vm:1kB

        """,
    ].map { Array($0.utf8) }

    /// A record a line.
    private static func readKernelLog(_ bytes: UnsafeRawBufferPointer) {
        var parser = OOMDumpParser(pageKiB: 4)
        for line in ArraySlice(bytes).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            guard let record = KernelLogRecord(parsing: line), let dump = parser.take(record) else { continue }
            precondition(dump.entries.count <= ProcessSamples.capacity, "more entries than a record may have")
            precondition(Set(dump.entries.map(\.pid)).count == dump.entries.count, "a process is listed twice")
        }
    }

    /// One of fanotify's notices: 24 bytes, a handle of 8, and a name.
    private static let folderSeed: [UInt8] =
        [56, 0, 0, 0, 3, 0, 24, 0, 8, 1, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 9, 0, 0, 0]
        + [2, 0, 32, 0, 7, 0, 0, 0, 9, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 97, 46, 100, 0]

    private static func parseConnector(_ bytes: UnsafeRawBufferPointer) {
        _ = ConnectorMessage.parse(ArraySlice(bytes), suspended: .seconds(1))
    }

    private static let redactor = Redactor()

    private static let redactorSeeds = [
        "curl\0-H\0Authorization: Bearer abcdefghijklmnop\0https://user:pass@example.org\0",
        "mysql\0-psecret\0--password=x\0", "bash\0-c\0export FOO_TOKEN=abc; curl \"$X\"\0",
        "sk-ant-api03-abcdefghijklmnopqrstuvwxyz",
    ].map { Array($0.utf8) }

    /// What is redacted once stays as it is: nothing is found in it again, and no length lies.
    private static func redact(_ bytes: UnsafeRawBufferPointer) {
        let half = bytes.count / 2
        let vectors = [
            ArgumentVector(head: Array(bytes)),
            ArgumentVector(head: Array(bytes[..<half]), tail: Array(bytes[half...]), totalBytes: bytes.count + 100),
        ]
        for vector in vectors {
            guard let redacted = redactor.redact(vector) else { continue }
            precondition(redacted.isTruncated == vector.isTruncated, "redaction changed whether argv is cut")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        _ = redactor.redact(text: text)
        _ = redactor.redact(path: text)
    }

    private static let journalSeeds = [
        #"{"_PID":"1","MESSAGE_ID":"98e322203f7a4ed290d09fe03c09fe15","UNIT":"web.service","MESSAGE":"Main process exited"}"#,
        #"{"__CURSOR":"s=1;i=2;b=9c454b71d2c94707919582b337569218;m=b8efbe5b;t=6;x=8","_BOOT_ID":"9c454b71d2c94707919582b337569218"}"#,
        #"{"MESSAGE":[98,105,255,0],"REPEATED":["one",[1,2]],"NULL":null,"E":"\u00e4\ud83d\ude00\n\"\\"}"#,
        #"{"_SYSTEMD_USER_UNIT":"init.scope","_UID":"1000","_SYSTEMD_OWNER_UID":"1000","_SYSTEMD_CGROUP":"/user.slice/user-1000.slice/user@1000.service/init.scope"}"#,
    ].map { Array($0.utf8) }

    private static let showSeeds = [
        "Id=web.service\nActiveState=active\nMainPID=7\nInvocationID=39fbaedfe53f4ebaa80a4a4b15276be0\nPartOf=a.target b.target\n\nId=x.scope\nMemoryMax=infinity\nWatchdogUSec=1min 30s\n",
        "ExecMainCode=2\nExecMainStatus=9\nExecMainExitTimestampMonotonic=3074590865\nOOMScoreAdjust=-5\nId=a\n",
    ].map { Array($0.utf8) }

    private static let unitFileSeeds = [
        "# a comment\n[Unit]\nDescription=x\n\n[Service]\nExecStart=/bin/sh \\\n  -c true\nMemoryMax=1G 512M\nMemoryHigh=10.5%\n",
        "\u{feff}[Service]\r\nMemoryMax = \\\r\n; no\r\n 1.5T\r\nMemoryLimit=infinity\r\nMemoryMax=\r\n[Service",
    ].map { Array($0.utf8) }

    /// What is read twice in a row is read the same: the last of each counts.
    private static func readUnitFile(_ bytes: UnsafeRawBufferPointer) {
        let text = ArraySlice(bytes)
        let settings = SystemdText.readUnitFile(text, section: "Service")
        if case .bytes(let most)? = settings.max { precondition(most > 0 && most < .max, "no limit at all") }
        precondition(settings == SystemdText.readUnitFile(text, section: "Service"), "read otherwise")
    }

    private static let configurationSeeds = [
        "recorder: { size: 256MiB }\nwatch:\n  units: [\"*.service\"]\n  processes:\n    - { name: kaval, exe: \"*/node\" }\n",
        "agents:\n  - { name: a, exe: \"/opt/*\", env: X, session_env: Y, unit: \"a-*.scope\" }\n---\nredact: { env: [\"*KEY*\"] }\n",
    ].map { Array($0.utf8) }

    private static func configure(_ bytes: UnsafeRawBufferPointer) {
        var configuration = Configuration()
        try? configuration.add(yaml: String(decoding: bytes, as: UTF8.self), file: "fuzz")
    }
}
