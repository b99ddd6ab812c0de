import Attribution
import EventModel
import Reporting
import Testing

@Suite struct GoldenTests {
    @Test(arguments: SampleIncident.all) func textReport(_ sample: SampleIncident) {
        Golden.expect(TextReport.render(sample.incident), sample.name + ".report.txt")
    }

    @Test(arguments: SampleIncident.all) func textAnswer(_ sample: SampleIncident) {
        Golden.expect(TextAnswer.render(sample.incident), sample.name + ".who.txt")
    }

    @Test(arguments: SampleIncident.all) func document(_ sample: SampleIncident) {
        Golden.expect(IncidentJSON.document(sample.incident).pretty, sample.name + ".json")
    }

    @Test func list() {
        let summaries = SampleIncident.all.map { IncidentSummary($0.incident) }
        Golden.expect(TextList.render(summaries, style: Style(width: 140)), "list.txt")
        Golden.expect(TextList.render([]), "list-empty.txt")
        Golden.expect(IncidentJSON.list(summaries).pretty, "list.json")
    }

    @Test func colour() {
        Golden.expect(TextReport.render(Sample.signalIncident, style: Style(colour: true)), "signal.report.ansi")
    }

    @Test func agentTree() {
        Golden.expect(AgentTreeText.render(Sample.forest), "agents.txt")
        Golden.expect(AgentTreeJSON.document(Sample.forest).pretty, "agents.json")
    }

    @Test func doctor() {
        Golden.expect(DoctorText.render(Sample.doctor), "doctor.txt")
        Golden.expect(DoctorJSON.document(Sample.doctor).pretty, "doctor.json")
    }

    @Test func live() {
        let names: [Int32: String] = [4300: "bash", 2210: "worker", 4310: Sample.poison]
        let line = EventLine(wallOffset: Sample.wallOffset, bootID: Sample.bootID) { names[$0.pid] }
        Golden.expect(Sample.events.map { line.text($0) + "\n" }.joined(), "live.txt")
        Golden.expect(Sample.events.map { line.json($0) + "\n" }.joined(), "live.jsonl")
    }
}
