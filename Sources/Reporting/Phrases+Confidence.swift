import Attribution

extension Phrases {
    /// What the verdict's confidence rests on, and what lowers it: by the ids of the rules, which say so.
    static func meaning(_ verdict: Verdict) -> VisibleText {
        let doubts = doubts(verdict)
        let unsure = VisibleText(doubts, separator: ", and ")
        switch verdict.confidence {
        case .proven: return "every link from the actor to the effect was observed, and nothing else fits"
        case .likely where doubts.isEmpty: return "one link is inferred, and there is a single candidate"
        case .likely: return "nothing else that was seen fits, but \(unsure)"
        case .possible where verdict.rules.contains("confidence.rival"):
            let more: VisibleText = doubts.isEmpty ? "" : "; and \(unsure)"
            return "it is consistent, but something else fits as well\(more)"
        case .possible where doubts.isEmpty:
            return "it is consistent with what was seen, which is little"
        case .possible where doubts.count == 1:
            return "there is a single candidate, but one link is inferred, and \(unsure)"
        case .possible: return "there is a single candidate, but \(unsure)"
        case .none: return "the evidence does not reach"
        }
    }

    private static func doubts(_ verdict: Verdict) -> [VisibleText] {
        let texts: [(rule: String, text: VisibleText)] = [
            ("confidence.gap", "there is a gap in what was recorded"),
            ("confidence.missing-source", "a source was missing"),
            ("confidence.back-filled", "a link was read from /proc afterwards"),
            ("confidence.marker-alone", "the agent is known by a variable alone"),
            ("confidence.marker-disagrees", "a variable and the way up do not agree"),
        ]
        return texts.filter { verdict.rules.contains($0.rule) }.map(\.text)
    }
}
