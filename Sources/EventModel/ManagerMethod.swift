/// A method of systemd's or logind's that changes something, and how its arguments lie.
public struct ManagerMethod: Hashable, Sendable {
    public var interface: Interface
    public var member: String
    public var verb: ManagerCall.Verb
    public var form: Form

    public enum Interface: String, Hashable, Sendable, CaseIterable {
        case manager = "org.freedesktop.systemd1.Manager"
        case unit = "org.freedesktop.systemd1.Unit"
        case job = "org.freedesktop.systemd1.Job"
        case scope = "org.freedesktop.systemd1.Scope"
        case loginManager = "org.freedesktop.login1.Manager"
        case loginSession = "org.freedesktop.login1.Session"
        case loginUser = "org.freedesktop.login1.User"
        case loginSeat = "org.freedesktop.login1.Seat"
    }

    /// Which of its arguments are kept, and what they are. Values that could hold a secret are in none.
    public enum Form: Hashable, Sendable {
        /// A unit's name, then what goes with the verb.
        case unit
        /// The object's path names the unit, then what goes with the verb.
        case unitObject
        /// A list of names or of files.
        case units
        /// The unit that gives way, the unit that is started, the mode.
        case swap
        case job
        case login
        /// No unit.
        case bare
    }

    /// The method that a call is for; nil for what only reads and for other services.
    ///
    /// D-Bus lets a caller leave the interface out; then the object that it is called on decides.
    public static func of(_ message: ManagerMessage) -> ManagerMethod? {
        guard message.kind == .call, let member = message.member,
            let interface = message.interface.map(Interface.init(rawValue:)) ?? Interface(path: message.path ?? "")
        else { return nil }
        return byName[Name(interface: interface, member: member)]
    }

    /// Whose manager it is for; logind is the system's.
    func manager(of message: ManagerMessage) -> ManagerScope? {
        switch interface {
        case .manager, .unit, .job, .scope: message.manager
        case .loginManager, .loginSession, .loginUser, .loginSeat: message.manager == .system ? .system : nil
        }
    }

    private struct Name: Hashable {
        var interface: Interface
        var member: String
    }

    private static let byName = Dictionary(
        all.map { (Name(interface: $0.interface, member: $0.member), $0) }, uniquingKeysWith: { first, _ in first })
}

extension ManagerMethod.Interface {
    init?(path: String) {
        let objects: [(String, Self)] = [
            (UnitPath.units, .unit), (UnitPath.jobs, .job), (UnitPath.sessions, .loginSession),
            (UnitPath.users, .loginUser), ("/org/freedesktop/login1/seat/", .loginSeat),
        ]
        if path == "/org/freedesktop/systemd1" {
            self = .manager
        } else if path == "/org/freedesktop/login1" {
            self = .loginManager
        } else if let object = objects.first(where: { path.hasPrefix($0.0) }) {
            self = object.1
        } else {
            return nil
        }
    }
}
