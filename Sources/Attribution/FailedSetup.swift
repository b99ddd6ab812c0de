import EventModel
import IncidentDetection
import ProcessTracking

extension DisruptionCase {
    /// What the manager could not do before it would have run the unit's program, by the code that it gives for that
    /// (systemd.exec(5)); nil where a program ran, whose codes may mean anything.
    var failedSetup: String? {
        guard let code = disruption.status?.code, (200...245).contains(code),
            let process = victim.flatMap({ table[$0] }), process.seenBy == .bpf,
            process.creator.map({ managers.scope(of: $0) != nil }) ?? false
        else { return nil }
        // From systemd 255 on a program of its own sets things up.
        let image = process.image?.value
        let isExecutor = [image?.path, image?.exe].contains { $0?.hasSuffix("/systemd-executor") ?? false }
        guard isExecutor || process.imageSince == nil else { return nil }
        return Self.steps[code] ?? "an early step"
    }

    private static let steps: [Int32: String] = [
        200: "CHDIR, WorkingDirectory=", 203: "EXEC, to execute its program", 205: "LIMITS, Limit…=", 208: "STDIN",
        209: "STDOUT", 216: "GROUP, Group=", 217: "USER, User=", 218: "CAPABILITIES", 222: "STDERR",
        224: "PAM, PAMName=", 225: "NETWORK", 226: "NAMESPACE, the file system that it is to see", 228: "SECCOMP",
        232: "ADDRESS_FAMILIES", 233: "RUNTIME_DIRECTORY", 238: "STATE_DIRECTORY", 239: "CACHE_DIRECTORY",
        240: "LOGS_DIRECTORY", 241: "CONFIGURATION_DIRECTORY", 243: "CREDENTIALS",
    ]
}
