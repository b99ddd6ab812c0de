import EventModel
import ProcessTracking
import Testing

@Suite struct CgroupPathTests {
    @Test(arguments: [
        ("/system.slice/web.service", ManagerScope.system, "web.service"),
        ("/system.slice/web.service/worker", .system, "web.service"),
        ("/system.slice/system-web.slice/web@1.service", .system, "web@1.service"),
        ("/init.scope", .system, "init.scope"),
        ("/user.slice/user-1000.slice/session-3.scope", .system, "session-3.scope"),
        ("/user.slice/user-1000.slice/user@1000.service", .system, "user@1000.service"),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice", .system, "user@1000.service"),
        ("/user.slice/user-1000.slice/user@1000.service/init.scope", .user(1000), "init.scope"),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/web.service", .user(1000), "web.service"),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/web.service/x.service", .user(1000), "web.service"),
        ("/system.slice/docker-1f.scope/system.slice/web.service", .system, "docker-1f.scope"),
        ("/system.slice/_cgroup.service", .system, "cgroup.service"),
        ("/lab/system.slice/web.service", .system, "web.service"),
        ("/user.slice/user-1.slice/user@many.service/a.service", .system, "user@many.service"),
    ])
    func findsTheUnit(path: String, manager: ManagerScope, name: String) {
        #expect(UnitID(cgroupPath: path) == UnitID(manager: manager, name: name))
    }

    @Test(arguments: [
        "", "/", "/system.slice", "/user.slice/user-1000.slice", "//", "/a/b", "/service", "/web.services",
    ])
    func findsNone(path: String) { #expect(UnitID(cgroupPath: path) == nil) }
}
