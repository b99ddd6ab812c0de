import EventModel
import IncidentDetection
import ProcessTracking

/// What one rule concludes, before the conclusion is weighed against the others and against what was not seen.
struct Finding {
    var rule: String
    /// Those that helped.
    var furtherRules: [String] = []
    var mechanism: Mechanism
    /// The process whose own act it was; nil where there is none to name.
    var actor: ProcessKey?
    /// When it acted.
    var actedAt: BootTime?
    /// The subject did it to itself, whoever else was around.
    var isSelf = false
    var confidence: Confidence
    /// It holds because something was not seen; where recording began too late, it might have been.
    var restsOnSilence = false
    /// Something that it rests on was found when the collector came, and not seen happening.
    var isBackFilled = false
    /// That calls to managers are not seen is counted in already.
    var allowsForMissingCalls = false
    /// It rests on what the kernel did: no manager was asked, and none would have told more.
    var isOfKernel = false
    /// What is said of agents that did not do it, by the outermost one's root, instead of that they sent no signal; and of
    /// those that are not named there.
    var remarksOnAgents: [ProcessKey: String] = [:]
    var remarkOnOtherAgents: String?
    /// What happened, without who: "SIGKILL was sent to kaval".
    var act: String
    var evidence: [Observation]
    var alternatives: [Alternative] = []
    /// A further sentence for the summary.
    var note: String?
    /// Processes that may have been it as well: their agents are not exonerated.
    var suspects: [ProcessKey] = []
    /// It may have been somebody who is not known: then no agent is exonerated.
    var clearsNobody = false
    var oom: OOM?

    /// One more, behind those that are there.
    mutating func add(note further: String) { note = [note, further].compactMap { $0 }.joined(separator: " ") }

    /// What it says was not there may have been before the first record.
    func isUnseen(in disruption: DisruptionCase) -> Bool { restsOnSilence && disruption.beganTooLate }

    /// It is no more than possible since something else that was seen fits as well.
    var hasRival: Bool { confidence == .possible && !(suspects.isEmpty && alternatives.isEmpty) }

    /// A piece of evidence before it has an id.
    struct Observation {
        var at: BootTime
        var source: Source
        var kind: String
        var text: String
        var process: ProcessKey?
        var data: [String: Evidence.Value] = [:]
    }
}

/// One way in which a disruption can have come about.
protocol Rule {
    static var id: String { get }
    /// Nil where the rule does not apply.
    static func examine(_ disruption: DisruptionCase) -> Finding?
}
