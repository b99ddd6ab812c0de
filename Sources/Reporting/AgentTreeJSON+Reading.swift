public import EventModel

extension AgentTreeJSON {
    /// The forest of `document`.
    public static func forest(_ document: JSONValue, wallOffset: WallOffset) throws(DocumentError) -> AgentForest {
        let whole = DocumentReader(["nodes": document], offset: wallOffset)
        let nodes = try whole.list("nodes") { (node) throws(DocumentError) in
            AgentForest.Node(
                process: try node.object("process", IncidentJSON.process), depth: try node.number("depth"),
                part: try node.optionalText("part"))
        }
        return AgentForest(nodes: nodes, wallOffset: wallOffset)
    }
}
