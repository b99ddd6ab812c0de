/// A child was made. The creator is the event's process; this edge is never rewritten.
public struct Fork: Hashable, Sendable {
    public var child: ProcessKey
    /// The child's pid in its own, innermost pid namespace, where that is another one.
    public var childInnerPID: Int32?
    /// What getppid() says in the child. Differs from the creator under CLONE_PARENT.
    public var childParentPID: Int32
    public var uid: UInt32

    public init(child: ProcessKey, childInnerPID: Int32? = nil, childParentPID: Int32, uid: UInt32) {
        self.child = child
        self.childInnerPID = childInnerPID
        self.childParentPID = childParentPID
        self.uid = uid
    }
}

/// What a process runs: fixed at exec, inherited by fork.
public struct ExecImage: Hashable, Sendable {
    /// As it was named to execve(2); for a script the script. Relative paths stay relative.
    public var path: String
    /// The resolved executable; for a script its interpreter. Nil where it could not be read.
    public var exe: String?
    public var argv: ArgumentVector
    /// Whitelisted variables only.
    public var markers: [EnvironmentMarker]
    public var cwd: String?

    public init(
        path: String, exe: String? = nil, argv: ArgumentVector = .empty, markers: [EnvironmentMarker] = [],
        cwd: String? = nil
    ) {
        self.path = path
        self.exe = exe
        self.argv = argv
        self.markers = markers
        self.cwd = cwd
    }

    /// The name the kernel gives the process at exec: the last component of `path`, cut to 15 bytes.
    public var comm: String {
        let name = path.utf8.split(separator: UInt8(ascii: "/")).last ?? path.utf8[...]
        return String(decoding: name.prefix(15), as: UTF8.self)
    }
}

public struct Exec: Hashable, Sendable {
    public var image: ExecImage
    public var parentPID: Int32
    public var uid: UInt32
    public var innerPID: Int32?
    /// The thread that called exec when it was not the group leader; it took over the leader's id.
    public var formerThread: Int32?
    /// The environment was longer than what is scanned, or unreadable: absence of a marker proves nothing.
    public var environmentIncomplete: Bool

    public init(
        image: ExecImage, parentPID: Int32, uid: UInt32, innerPID: Int32? = nil, formerThread: Int32? = nil,
        environmentIncomplete: Bool = false
    ) {
        self.image = image
        self.parentPID = parentPID
        self.uid = uid
        self.innerPID = innerPID
        self.formerThread = formerThread
        self.environmentIncomplete = environmentIncomplete
    }
}

public struct Exit: Hashable, Sendable {
    /// Nil where the process is gone and nobody saw how.
    public var status: ExitStatus?
    /// Highest resident size of its life, in KiB; 0 where unknown.
    public var maxRSSKiB: UInt32

    public init(status: ExitStatus?, maxRSSKiB: UInt32 = 0) {
        self.status = status
        self.maxRSSKiB = maxRSSKiB
    }
}

/// A process that ran before the collector did: what can still be known of it.
public struct ProcessSeen: Hashable, Sendable {
    /// Its parent now; the one that forked it may be long gone.
    public var parent: ProcessKey?
    public var innerPID: Int32?
    public var uid: UInt32
    public var comm: String
    /// Nil for a kernel thread, and where the process was gone before its details were read.
    public var image: ExecImage?
    public var isKernelThread: Bool

    public init(
        parent: ProcessKey?, innerPID: Int32? = nil, uid: UInt32, comm: String, image: ExecImage? = nil,
        isKernelThread: Bool = false
    ) {
        self.parent = parent
        self.innerPID = innerPID
        self.uid = uid
        self.comm = comm
        self.image = image
        self.isKernelThread = isKernelThread
    }
}
