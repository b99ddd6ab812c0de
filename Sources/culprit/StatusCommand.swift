import ArgumentParser

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "Whether the daemon runs.")

    func run() throws {
        throw Failure(
            code: .notRunning, what: "daemon", why: "it does not run: nothing listens at /run/culprit/culprit.sock",
            remedy: "this version has none yet; culprit record captures to a file")
    }
}
