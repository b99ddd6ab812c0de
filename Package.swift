// swift-tools-version: 6.2
import PackageDescription

// The manifest is the architecture: a target may import only what it lists here, and every arrow points up this file.
// `make check` builds with `--explicit-target-dependency-import-check error`, so an undeclared import does not compile.

/// Set by `make check`. A developer's build shows warnings; what is merged has none.
let warningsAreErrors = Context.environment["CULPRIT_WARNINGS"] == "error"

let strict: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

let strictC = ["-Wall", "-Wextra"] + (warningsAreErrors ? ["-Werror"] : [])

func layer(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource]? = nil)
    -> Target
{
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: strict)
}

/// Programs in C that make known events: nothing of them is in the product.
let workloadC: [CSetting] = [.define("_GNU_SOURCE"), .unsafeFlags(strictC)]

let package = Package(
    name: "culprit",
    products: [.executable(name: "culprit", targets: ["culprit"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    ],
    targets: [
        // System libraries and the kernel border.
        .systemLibrary(name: "Clibbpf", pkgConfig: "libbpf", providers: [.apt(["libbpf-dev"])]),
        .systemLibrary(name: "Cfanotify"),
        .systemLibrary(name: "Czlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CEventABI", cSettings: [.unsafeFlags(strictC)]),
        .target(
            name: "CProbeLoader",
            dependencies: ["Clibbpf", "CEventABI"],
            cSettings: [.unsafeFlags(strictC + ["-Wno-c23-extensions"])]),
        .target(name: "CSystemd", cSettings: [.unsafeFlags(strictC)]),

        // Vocabulary, and bytes to vocabulary.
        layer("EventModel"),
        layer("BusMessages", ["EventModel"]),
        layer("EventCoding", ["EventModel", "CEventABI", "BusMessages"]),
        layer("Redaction", ["EventModel"]),

        // Where events come from.
        layer("KernelProbes", ["EventModel", "EventCoding", "CProbeLoader", "CEventABI"]),
        layer("ProcFS", ["EventModel", "Cfanotify"]),
        layer("SystemdState", ["EventModel", "ProcFS", "CSystemd"]),

        // What is kept of them.
        layer("FlightRecorder", ["EventModel", "Czlib"]),
        layer("ProcessTracking", ["EventModel", .product(name: "DequeModule", package: "swift-collections")]),

        layer("UnitTracking", ["EventModel", "ProcessTracking"]),
        layer("ResourceTracking", ["EventModel", "ProcessTracking", "UnitTracking"]),

        // What is concluded from them.
        layer("AgentRecognition", ["EventModel", "ProcessTracking"]),
        layer("IncidentDetection", ["EventModel", "ProcessTracking", "UnitTracking"]),
        layer(
            "Attribution",
            [
                "EventModel", "ProcessTracking", "UnitTracking", "ResourceTracking", "AgentRecognition",
                "IncidentDetection",
            ]),

        // What a person sees and sets.
        layer(
            "Configuration",
            [
                "EventModel", "AgentRecognition", "IncidentDetection", "Redaction",
                .product(name: "Yams", package: "Yams"),
            ],
            resources: [.embedInCode("agents")]),
        layer("Reporting", ["EventModel", "IncidentDetection", "Attribution"]),

        // What outlives the collector.
        layer(
            "IncidentStore",
            [
                "EventModel", "IncidentDetection", "Attribution", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),

        // How others reach the collector.
        layer("ControlSocket", ["EventModel", "Reporting"]),

        // Wiring.
        layer(
            "Collector",
            [
                "EventModel", "EventCoding", "Redaction", "KernelProbes", "ProcFS", "SystemdState", "FlightRecorder",
                "ProcessTracking", "UnitTracking", "ResourceTracking", "AgentRecognition", "IncidentDetection",
                "Attribution", "Configuration",
            ]),
        layer(
            "Daemon",
            [
                "EventModel", "EventCoding", "ProcFS", "FlightRecorder", "ProcessTracking", "UnitTracking",
                "AgentRecognition",
                "IncidentDetection", "Attribution", "Configuration", "Reporting", "IncidentStore", "ControlSocket",
                "Collector",
            ]),
        .executableTarget(
            name: "culprit",
            dependencies: [
                "EventModel", "KernelProbes", "ProcFS", "SystemdState", "FlightRecorder", "ProcessTracking",
                "UnitTracking", "AgentRecognition", "IncidentDetection", "Attribution", "Configuration", "Reporting",
                "IncidentStore", "ControlSocket", "Collector", "Daemon",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // What stands beside the product: programs that do known things, and the tests.
        .target(name: "CTinyProgram", path: "Tests/TinyProgram", cSettings: workloadC),
        .executableTarget(
            name: "ground-truth", dependencies: ["CTinyProgram"], path: "Tests/GroundTruth", exclude: ["README.md"],
            cSettings: workloadC),
        .executableTarget(
            name: "storm", dependencies: ["CTinyProgram"], path: "Benchmarks/Storm", cSettings: workloadC),
        .executableTarget(
            name: "decode", dependencies: ["EventModel", "EventCoding", "FlightRecorder"], path: "Benchmarks/Decode",
            swiftSettings: strict),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "EventModel", "EventCoding", "BusMessages", "ProcFS", "SystemdState", "FlightRecorder", "Redaction",
                "Configuration", "Reporting", "ControlSocket",
            ],
            path: "Tests/Fuzz/Targets", swiftSettings: strict),
        .executableTarget(
            name: "store-writer", dependencies: ["EventModel", "IncidentDetection", "Attribution", "IncidentStore"],
            path: "Tests/StoreWriter", swiftSettings: strict),
        .executableTarget(
            name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Driver", swiftSettings: strict),

        tests("EventModelTests", ["EventModel"]),
        tests("EventCodingTests", ["EventModel", "EventCoding", "CEventABI", "FuzzTargets"]),
        tests("BusMessagesTests", ["EventModel", "BusMessages"], exclude: ["Fixtures"]),
        tests("RedactionTests", ["EventModel", "Redaction"]),
        tests("ProcFSTests", ["EventModel", "ProcFS"], exclude: ["Fixtures"]),
        tests("SystemdStateTests", ["EventModel", "SystemdState"], exclude: ["Fixtures"]),
        tests("FlightRecorderTests", ["EventModel", "FlightRecorder"]),
        tests("ProcessTrackingTests", ["EventModel", "ProcessTracking"]),
        tests("ResourceTrackingTests", ["EventModel", "ProcessTracking", "UnitTracking", "ResourceTracking"]),
        tests(
            "UnitTrackingTests", ["EventModel", "ProcessTracking", "UnitTracking"], exclude: ["Fixtures"]),
        tests(
            "IncidentDetectionTests", ["EventModel", "ProcessTracking", "UnitTracking", "IncidentDetection"],
            exclude: ["Fixtures"]),
        tests("AgentRecognitionTests", ["EventModel", "ProcessTracking", "AgentRecognition", "Configuration"]),
        tests(
            "ConfigurationTests", ["EventModel", "AgentRecognition", "IncidentDetection", "Redaction", "Configuration"]),
        tests(
            "AttributionTests",
            [
                "EventModel", "ProcessTracking", "UnitTracking", "ResourceTracking", "AgentRecognition",
                "IncidentDetection", "Attribution", "Configuration",
            ]),
        tests(
            "ReportingTests", ["EventModel", "IncidentDetection", "Attribution", "Reporting"], exclude: ["Goldens"]),
        tests("ControlSocketTests", ["Reporting", "ControlSocket"]),
        tests("DaemonTests", ["EventModel", "ControlSocket", "Daemon"]),
        tests(
            "IncidentStoreTests",
            [
                "EventModel", "IncidentDetection", "Attribution", "IncidentStore", "store-writer",
                .product(name: "GRDB", package: "GRDB.swift"),
            ], exclude: ["Fixtures"]),
        tests(
            "CollectorTests",
            [
                "EventModel", "EventCoding", "Redaction", "ProcFS", "FlightRecorder", "ProcessTracking", "UnitTracking",
                "ResourceTracking", "Attribution", "IncidentDetection", "Configuration", "Collector",
            ]),
    ]
)
