import EventModel
import IncidentDetection

extension DisruptionCase {
    /// What did not record, and would have shown somebody else where there was one. A process that no manager runs is
    /// nobody's to be asked for.
    func missingSources(for finding: Finding) -> [String] {
        guard unit != nil, subject.kind == .unit || finding.mechanism == .managerRequest else { return [] }
        if finding.isOfKernel { return seesSignals ? [] : ["signals"] }
        var missing: [String] = []
        if !seesManagerCalls, !finding.allowsForMissingCalls { missing.append("calls to the manager") }
        if !seesSignals { missing.append("signals") }
        if !hasSource("journal") { missing.append("the journal") }
        if !hasSource("systemd") { missing.append("the manager's jobs") }
        return missing
    }

    /// Some part of it delivers, if by a fall-back.
    func hasSource(_ name: String) -> Bool {
        sources.contains { ($0.name == name || $0.name.hasPrefix(name + ":")) && $0.state != .missing }
    }
}
