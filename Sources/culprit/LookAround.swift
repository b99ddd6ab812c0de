import AgentRecognition
import Collector
import Configuration
import FlightRecorder

/// The host as it is at this moment, without watching it.
enum LookAround {
    static func now(_ configuration: Configuration) throws -> Pipeline {
        var pipeline = Pipeline(configuration, ring: try FlightRing(floodBytes: 4 << 20, decisiveBytes: 1 << 20))
        _ = try Capture(
            configuration, markers: pipeline.agents.markerNames, version: Version.text, preference: .procfs
        ) { record, event in pipeline.consume(record, event) }
        return pipeline
    }
}
