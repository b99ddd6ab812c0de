"""S22: the agent calls `RestartUnit` without systemctl: with busctl, with dbus-send, from Python by two libraries."""

CASES = {
    "S22-busctl": "busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager "
    "RestartUnit ss prod.service replace",
    "S22-send": "dbus-send --system --print-reply --dest=org.freedesktop.systemd1 /org/freedesktop/systemd1 "
    "org.freedesktop.systemd1.Manager.RestartUnit string:prod.service string:replace",
    "S22-jeepney": "python3 /lab/restart-jeepney",
    "S22-python": "python3 /lab/restart-dbus",
    "S22-unit": "busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1/unit/prod_2eservice "
    "org.freedesktop.systemd1.Unit Restart s replace",
}

JEEPNEY = """\
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

manager = DBusAddress(
    "/org/freedesktop/systemd1", bus_name="org.freedesktop.systemd1", interface="org.freedesktop.systemd1.Manager")
connection = open_dbus_connection(bus="SYSTEM")
connection.send_and_get_reply(new_method_call(manager, "RestartUnit", "ss", ("prod.service", "replace")))
"""
LIBDBUS = """\
import dbus

manager = dbus.SystemBus().get_object("org.freedesktop.systemd1", "/org/freedesktop/systemd1")
dbus.Interface(manager, "org.freedesktop.systemd1.Manager").RestartUnit("prod.service", "replace")
"""


def stage(scene, _command):
    scene.daemon("prod")
    scene.install_agent("claude-code", "root")
    scene.script("restart-jeepney", JEEPNEY)
    scene.script("restart-dbus", LIBDBUS)


def act(scene, command):
    before = scene.service("prod")
    claude = scene.login("console", "root").agent("claude-code")
    claude.run(f"/lab/as-actor {command}")
    scene.service("prod", 1)
    scene.expect(
        unit="prod.service", kind="restarted", outcome="agent", mechanism="manager-request", confidence="proven",
        agent="claude-code", root=claude.fact, actor=scene.fact("actor"), main_pid_before=before)
