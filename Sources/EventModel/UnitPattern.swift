/// Which units are meant: `[system/|user/|user:UID/]GLOB`; without a manager, those of every one.
public struct UnitPattern: Hashable, Sendable {
    public enum Managers: Hashable, Sendable {
        case any
        case system
        case anyUser
        case user(UInt32)
    }

    /// As it was written.
    public let pattern: String
    public let managers: Managers
    public let glob: Glob

    /// Throws where the manager is none of these, or the rest is no pattern.
    public init(_ pattern: String) throws(InvalidGlob) {
        self.pattern = pattern
        guard let slash = pattern.firstIndex(of: "/") else {
            managers = .any
            glob = try Glob(pattern)
            return
        }
        let manager = pattern[..<slash]
        switch manager {
        case "system": managers = .system
        case "user": managers = .anyUser
        default:
            guard manager.hasPrefix("user:"), let uid = UInt32(manager.dropFirst("user:".count)) else {
                throw InvalidGlob(pattern: pattern, why: "'\(manager)' is no manager (system, user or user:UID)")
            }
            managers = .user(uid)
        }
        glob = try Glob(String(pattern[pattern.index(after: slash)...]))
    }

    public func matches(_ unit: UnitID) -> Bool {
        switch (managers, unit.manager) {
        case (.any, _), (.system, .system), (.anyUser, .user): break
        case (.user(let wanted), .user(let uid)) where wanted == uid: break
        default: return false
        }
        return glob.matches(unit.name)
    }

    /// It says what the name begins with: so it means these units, and not just all of a kind.
    public var isSpecific: Bool { !glob.literalPrefix.isEmpty }
}
