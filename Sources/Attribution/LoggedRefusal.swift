import EventModel
import IncidentDetection
import ProcessTracking

/// Why a bind was refused, in the unit's own words: that it was is seen in the kernel, and the error is not.
enum LoggedRefusal {
    /// EADDRINUSE.
    case inUse
    /// EACCES, EPERM, EADDRNOTAVAIL: no right to the port, or no interface with the address. Nobody was in the way.
    case notAllowed

    /// strerror(3), and the names of the errors, in the words of libc, Go, Node and others.
    init?(_ text: String) {
        let text = text.lowercased()
        if Self.wordsOfUse.contains(where: { text.contains($0) }) {
            self = .inUse
        } else if Self.wordsOfRefusal.contains(where: { text.contains($0) }) {
            self = .notAllowed
        } else {
            return nil
        }
    }

    private static let wordsOfUse = ["address already in use", "address in use", "eaddrinuse"]
    private static let wordsOfRefusal = [
        "permission denied", "eacces", "operation not permitted", "eperm", "assign requested address",
        "address not available", "eaddrnotavail",
    ]
}

extension DisruptionCase {
    /// Most lines that are looked at, from the refusal on.
    private static let mostLinesOfRefusal = 64

    /// What the unit logged of that refusal: by lines that name the port, else by those that speak of binding, or stand right
    /// below one that does (Python). It may have tried several addresses: that one was in use outweighs the rest.
    func logged(of refusal: PortTable.Refusal) -> (reason: LoggedRefusal, line: Event)? {
        guard let unit = subject.unit else { return nil }
        let lines = Array(ownLines(of: unit, since: refusal.at - Self.logDelay).prefix(Self.mostLinesOfRefusal))
        let said = lines.indices.compactMap { index in
            LoggedRefusal(lines[index].text).map { (reason: $0, index: index) }
        }
        let naming = said.filter { Self.hasNumber(refusal.endpoint.port, in: lines[$0.index].text) }
        let about = naming.isEmpty ? said.filter { isOfBinding(lines, upTo: $0.index, $0.reason) } : naming
        return (about.first { $0.reason == .inUse } ?? about.first).map { ($0.reason, lines[$0.index].event) }
    }

    /// Only who binds finds an address in use.
    private func isOfBinding(_ lines: [(event: Event, text: String)], upTo index: Int, _ reason: LoggedRefusal) -> Bool
    {
        if reason == .inUse { return true }
        return lines[max(index - 2, 0)...index].contains { line in
            let text = line.text.lowercased()
            return text.contains("bind") || text.contains("listen")
        }
    }

    private static func hasNumber(_ number: UInt16, in text: String) -> Bool {
        text.ranges(of: String(number)).contains { range in
            let before = text[..<range.lowerBound].last
            let after = text[range.upperBound...].first
            return before?.isNumber != true && after?.isNumber != true
        }
    }
}
