import ArgumentParser

struct AgentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agents", abstract: "AI coding agents: what runs, what it did, and what it left behind.",
        subcommands: [
            AgentsListCommand.self, AgentsTreeCommand.self, AgentsRunCommand.self, AgentsRegisterCommand.self,
        ], defaultSubcommand: AgentsListCommand.self)
}
