internal import CSystemd

/// libsystemd, loaded when it is there: nothing links it.
struct SystemdLibrary {
    let sd: culprit_systemd

    static let name = "libsystemd.so.0"

    /// Throws where the library, or a function of it, is missing.
    init(_ name: String = SystemdLibrary.name) throws(LibraryMissing) {
        let table = UnsafeMutablePointer<culprit_systemd>.allocate(capacity: 1)
        defer { table.deallocate() }
        var why = [CChar](repeating: 0, count: Int(CULPRIT_SYSTEMD_WHY_MAX))
        guard culprit_systemd_load(name, table, &why) == 1 else {
            throw LibraryMissing(
                why: String(decoding: why.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
        sd = table.pointee
    }
}

/// The library cannot be used, and why, in the words of the dynamic linker.
struct LibraryMissing: Error, Hashable {
    var why: String
}
