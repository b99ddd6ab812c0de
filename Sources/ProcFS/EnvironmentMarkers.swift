public import EventModel

/// Which variables of an environment may be looked at: exact names, and prefixes written with a `*` at their end.
public struct MarkerPatterns: Hashable, Sendable, ExpressibleByArrayLiteral {
    private var names: Set<[UInt8]> = []
    private var prefixes: [[UInt8]] = []

    public init(_ patterns: [String]) {
        for pattern in patterns {
            if pattern.hasSuffix("*") {
                prefixes.append(Array(pattern.utf8.dropLast()))
            } else {
                names.insert(Array(pattern.utf8))
            }
        }
    }

    public init(arrayLiteral patterns: String...) { self.init(patterns) }

    var isEmpty: Bool { names.isEmpty && prefixes.isEmpty }

    func matches(_ name: ArraySlice<UInt8>) -> Bool {
        names.contains(Array(name)) || prefixes.contains { name.starts(with: $0) }
    }
}

/// The whitelisted variables of a process, from `/proc/PID/environ`: its environment as it was at exec.
public struct EnvironmentMarkers: Hashable, Sendable {
    public var markers: [EnvironmentMarker]
    /// Not everything was read or kept: that a marker is absent proves nothing.
    public var isIncomplete: Bool

    /// How much of the file is read, in bytes.
    public static let readLimit = 256 * 1024
    /// Longest marker (name and value) and longest sum of them, in bytes; the same as at an exec that the kernel programs see.
    static let markerLimit = 128
    static let totalLimit = 512

    static let unreadable = EnvironmentMarkers(markers: [], isIncomplete: true)

    init(markers: [EnvironmentMarker], isIncomplete: Bool) {
        self.markers = markers
        self.isIncomplete = isIncomplete
    }

    public init(parsing bytes: ArraySlice<UInt8>, patterns: MarkerPatterns, isCut: Bool = false) {
        self.init(markers: [], isIncomplete: isCut)
        var rest = bytes
        var room = Self.totalLimit
        while var variable = rest.next(until: 0) {
            let isLast = rest.isEmpty
            guard variable.contains(UInt8(ascii: "=")), let name = variable.next(until: UInt8(ascii: "=")),
                patterns.matches(name), !(isCut && isLast)
            else { continue }
            let marker = Self.marker(name: name, value: variable)
            if name.count + variable.count + 1 >= Self.markerLimit { isIncomplete = true }
            room -= marker.name.utf8.count + marker.value.utf8.count + 2
            guard room >= 0 else {
                isIncomplete = true
                return
            }
            markers.append(marker)
        }
    }

    private static func marker(name: Bytes, value: Bytes) -> EnvironmentMarker {
        let name = name.prefix(markerLimit).text.clipped(toBytes: markerLimit)
        let value = value.prefix(markerLimit).text.clipped(toBytes: markerLimit - name.utf8.count)
        return EnvironmentMarker(name: name, value: value)
    }
}
