import ControlSocket
import Testing

@Suite struct SessionHookTests {
    private func hook(_ text: String) -> SessionHook? { SessionHook(parsing: text.utf8) }

    @Test(arguments: [
        (#"{"session_id":"a-1","hook_event_name":"SessionStart"}"#, "a-1", "SessionStart", false),
        (#"{"session_id":"a-1","hook_event_name":"SessionEnd","reason":"clear"}"#, "a-1", "SessionEnd", true),
        (#"{"sessionId":"b","event":"sessionEnd"}"#, "b", "sessionEnd", true),
        (#"{"type":"agent-turn-complete","thread-id":"t"}"#, "t", "agent-turn-complete", false),
        (#"{"conversation_id":"c"}"#, "c", "", false),
    ])
    func whatIsOfUseIsTaken(_ text: String, _ session: String, _ event: String, _ isEnd: Bool) {
        #expect(hook(text)?.session == session)
        #expect(hook(text)?.event == event)
        #expect(hook(text)?.isEnd == isEnd)
    }

    @Test(arguments: [
        #"{"session_id":7}"#, #"{"session_id":""}"#, #"{"session_id":"a b"}"#, #"{"session_id":"a\u001b[31m"}"#,
        #"{"session_id":"ä"}"#, #"{"session_id":["a"]}"#, #"{"session_id":null}"#, "{}",
    ])
    func aStrangeIDIsNone(_ text: String) {
        #expect(hook(text) != nil)
        #expect(hook(text)?.session == nil)
    }

    @Test func longOnesAreNone() {
        #expect(hook(#"{"session_id":""# + String(repeating: "a", count: 129) + #""}"#)?.session == nil)
        #expect(hook(#"{"session_id":""# + String(repeating: "a", count: 128) + #""}"#)?.session?.utf8.count == 128)
        #expect(hook(#"{"event":""# + String(repeating: "a", count: 65) + #""}"#)?.event == "")
    }

    @Test(arguments: ["", "[]", "null", "\"x\"", "{", String(repeating: "[", count: 100_000)])
    func whatIsNoObjectIsNothing(_ text: String) { #expect(hook(text) == nil) }

    @Test func aClaimComesBack() throws {
        let claim = AgentClaim(isRoot: true, agent: "mine", session: "s", isOver: true, hook: "SessionEnd")
        let request = ControlRequest.register(claim)
        #expect(try ControlRequest(line: Array(request.line.utf8.dropLast())) == request)
    }

    @Test(arguments: [
        #"{"v":1,"ask":"register","agent":"a b"}"#, #"{"v":1,"ask":"register","root":true}"#,
        #"{"v":1,"ask":"register","session":"a\nb"}"#, #"{"v":1,"ask":"register","hook":"<x>"}"#,
    ])
    func aStrangeClaimIsRefused(_ line: String) {
        #expect(throws: ControlError.self) { try ControlRequest(line: Array(line.utf8)) }
    }
}
