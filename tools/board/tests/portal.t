#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The portal of vmnet-board, as Chromium shows it; pictures of it go to out/portal."""

import re

import scene
from board import TOP, Board, eventually, main, metric
from browser import PHONE, Browser
from etcd import free_ports

LAB = "/v1/domains/lab"
PICTURES = TOP / "out/portal"
EVIL = "<img src=x onerror=\"window.hacked=1\">"
PAGES = ("", "d/lab/network", "d/lab/hosts", "d/lab/vms", "d/lab/segments", "d/lab/operations",
         "d/lab/host/h1")


class Portal:
    """What the checks share."""

    def __init__(self, tap, board, browser):
        self.tap, self.board, self.browser = tap, board, browser
        self.token = board.token("admin")
        self.reader = board.token("read")
        self.host = board.token("host", "domain", "lab", "host", "h2")
        board.start()
        self.admin = board.client(self.token)
        self.log = []

    def go(self, page, css="#live.good"):
        """Shows a page, and waits until it has something."""
        self.browser.open(f"{self.board.portal}#/{page}")
        if page:
            self.browser.wait(css)

    def enter(self, token):
        """Logs in anew."""
        self.browser.run("sessionStorage.clear()")
        self.browser.open(self.board.portal)
        self.browser.reload()
        self.browser.enter(token)
        self.says("Domains", "h1", "one logs in")

    def says(self, text, css, name):
        self.tap.ok(self.browser.says(text, css), name, f"want {text}", self.browser.text(css))

    def gone(self, css, name):
        self.tap.ok(eventually(lambda: not self.browser.count(css)), name, self.browser.text())

    def picture(self, name):
        self.browser.run("document.getElementById('notice').textContent = '';"
                         "if (!document.querySelector('dialog')) scrollTo(0, 0)")
        self.browser.screenshot(PICTURES / f"{name}.png")


def row(key):
    return f"tr[data-key=\"{key}\"]"


# Between the page and the board: counts what is asked of reports, by rounds, refuses them,
# keeps them waiting, or answers for hosts that forward for very many segments.
HOOK = """
const fetched = window.fetch;
const json = (body, status) => new Response(JSON.stringify(body), { status });
window.hook = { fetched, rounds: [], refuse: false, held: null, crowd: false };
window.fetch = async (where, how) => {
	const [, host] = /hosts\\/([^/]+)\\/report$/.exec(where) || [];

	if (where.includes("/reports?")) {
		hook.rounds.push([]);
		if (hook.crowd)
			return json({ items: [...Array(1000)].map((_, i) => ({ name: `node${i + 1}` })) }, 200);
	}
	if (!host)
		return fetched(where, how);
	hook.rounds.at(-1)?.push(host);
	await hook.held;
	if (hook.refuse && hook.rounds.at(-1)?.length > 1)
		return json({ title: "Too many requests", code: "rate_limited", detail: "Ask later." }, 429);
	return hook.crowd ? json({ report: { nets: [...Array(100)].map((_, k) => ({
		segment: `s${k}`, subnets: [...Array(8)].map((_, x) => (
			{ subnet: (10 << 24) + (1 << 16) + (x << 8), forwarder: `node${x + 8 * (k + 10) + 1}` })),
	})) } }, 200) : fetched(where, how);
};
"""
UNHOOK = "window.fetch = hook.fetched"
ROUND = "document.dispatchEvent(new Event('visibilitychange'))"


# ------------------------------------------------------------------------ files

def check_files(tap, portal):
    client = portal.board.client()
    page = client.get("/")
    tap.same((page.status, page.type), (200, "text/html; charset=utf-8"),
             "the portal needs no token")
    policy = page.headers["Content-Security-Policy"]
    tap.ok("default-src 'none'" in policy and "unsafe" not in policy,
           "nothing from elsewhere, and nothing in the page, is run", policy)
    tap.same(page.headers["X-Content-Type-Options"], "nosniff", "types are what they are said to be")
    loaded = re.findall(r'(?:href|src)="([^"#]+)"', page.text)
    tap.same({path: client.get(f"/{path}").status for path in loaded},
             {path: 200 for path in loaded}, "what it loads is there")
    script = client.get("/portal/app.js")
    again = client.ask("GET", "/portal/app.js", headers={"If-None-Match": script.headers["ETag"]})
    tap.same((again.status, again.text), (304, ""), "what a browser has is not sent again")
    none = client.get("/portal/none.js")
    tap.same((none.status, none.type, none.code), (404, "application/problem+json", "not_found"),
             "what is not there is a problem")
    client.close()


# ------------------------------------------------------------------------ login

def check_login(tap, portal):
    browser = portal.browser
    browser.open(portal.board.portal)
    browser.wait("#token")
    portal.picture("login")
    browser.enter("x" * 43)
    portal.says("The token is not known", "[role=alert]", "a wrong token is refused")
    browser.enter("no token at all \u263a")
    portal.says("That is no token", "[role=alert]", "what is no token is, too")
    browser.reload()
    browser.wait("#token:focus")
    browser.keys(portal.token, "Enter")
    portal.says("Domains", "h1", "by keys alone one logs in")
    portal.says("admin", "#who", "and is told as who")
    tap.same(browser.run("return [localStorage.length, document.cookie, sessionStorage.length]"),
             [0, "", 1], "the token is kept for this tab only")


def check_keys(tap, portal):
    browser = portal.browser
    portal.go("")
    browser.wait(row("lab"))
    for _ in range(12):
        browser.keys("Tab")
        if browser.run("return document.activeElement.textContent") == "lab":
            break
    outline = browser.run("return getComputedStyle(document.activeElement).outlineStyle")
    tap.same(outline, "solid", "what has the focus is seen")
    browser.keys("Enter")
    portal.says("lab", "h1", "by keys alone one gets to a domain")


# --------------------------------------------------------------------- changes

def check_domains(tap, portal):
    browser = portal.browser
    portal.go("")
    browser.wait(row("lab"))
    portal.picture("domains")
    browser.button("Add domain").click()
    browser.wait("dialog input[name=name]").type("fresh")
    browser.wait("dialog input[name=description]").type("Made here")
    portal.picture("add-domain")
    browser.button("Add", "dialog").click()
    portal.says("Made here", row("fresh"), "a domain is added")
    browser.button("Add domain").click()
    browser.wait("dialog input[name=name]").type("lab")
    browser.button("Add", "dialog").click()
    portal.says("The name is taken", "dialog", "but none that is there")
    browser.keys("Escape")
    browser.button("Remove domain lab").click()
    browser.button("Remove", "dialog").click()
    portal.says("It is in use", "dialog", "one in use stays, and the board's problem is shown")
    portal.picture("refused")
    browser.button("Cancel", "dialog").click()
    portal.go("d/none/hosts", "[role=alert]")
    portal.says("There is no such thing", "[role=alert]", "a domain that is not there is told")
    portal.picture("no-domain")
    portal.go("")
    browser.button("Remove domain fresh").click()
    browser.button("Remove", "dialog").click()
    portal.gone(row("fresh"), "a domain is removed")


def check_segments(tap, portal):
    browser = portal.browser
    portal.go("d/lab/segments")
    browser.wait(row("office"))
    portal.picture("segments")
    browser.button("Add segment").click()
    browser.wait("dialog input[name=name]").type("guests")
    browser.wait("dialog input[name=ipv4]").type("10.42.1.0/24")
    browser.button("Add segment", "dialog").click()
    portal.says("Two segments overlap", "dialog", "segments that overlap are refused")
    browser.wait("dialog input[name=ipv4]").fill("10.44.0.0/24")
    for name, bad, good in (("gateway", "10.44.0.256", "10.44.1.1"),
                            ("dns", "1.1.1.1 2.2.2.2 3.3.3.3 4.4.4.4", "192.0.2.53, 10.44.0.1 ")):
        field = browser.wait(f"dialog input[name={name}]")
        for text, valid in ((bad, False), (good, True)):
            field.fill(text)
            tap.same(browser.run("return document.querySelector(arguments[0]).checkValidity()",
                                 f"dialog input[name={name}]"), valid,
                     f"{name} {text} is {'taken' if valid else 'not taken'}")
    browser.button("Add segment", "dialog").click()
    portal.says("must be an address for a guest", "dialog", "a gateway elsewhere is refused")
    portal.picture("add-segment")
    browser.wait("dialog input[name=gateway]").fill("10.44.0.1")
    browser.button("Add segment", "dialog").click()
    portal.says("10.44.0.0/24", row("guests"), "a segment is added")
    for label, text in (("Gateway", "10.44.0.1"), ("DNS", "192.0.2.53 10.44.0.1")):
        portal.says(text, f"{row('guests')} [data-label={label}]", f"with its {label}")
    made = portal.admin.get(f"{LAB}/segments/guests").json
    tap.same((made["gateway"], made["dns"]), ("10.44.0.1", ["192.0.2.53", "10.44.0.1"]),
             "which the board has")
    scene.put(portal.admin, f"{LAB}/hosts/visitor", {"addresses": ["10.0.1.95/24"],
                                                     "segments": ["guests"]})
    portal.says("1", f"{row('guests')} [data-label=Hosts]", "and its hosts")
    browser.button("Remove segment guests").click()
    portal.says("Hosts leave it", "dialog", "what becomes of them is told")
    browser.button("Remove segment", "dialog").click()
    portal.gone(row("guests"), "and removed, though it has hosts")
    portal.admin.delete(f"{LAB}/hosts/visitor")


def check_vms(tap, portal):
    browser = portal.browser
    portal.go("d/lab/vms")
    browser.wait(row("office/web-1"))
    portal.picture("vms")
    browser.button("Add VM").click()
    browser.wait("dialog input[name=name]").type("fresh")
    browser.wait("dialog input[name=host]").type("h9")
    portal.picture("add-vm")
    browser.button("Add VM", "dialog").click()
    portal.says("The host is not registered", "dialog", "a VM on a host that is not there is refused")
    browser.wait("dialog input[name=host]").fill("h1")
    browser.button("Add VM", "dialog").click()
    browser.wait(row("office/fresh"))
    made = portal.admin.get(f"{LAB}/segments/office/vms/fresh").json
    portal.says(made["ipv4"], row("office/fresh"), "a VM gets its addresses")
    tap.same(made["host"], "h1", "on the host that was chosen")
    browser.button("Remove VM fresh").click()
    browser.button("Remove VM", "dialog").click()
    portal.gone(row("office/fresh"), "a VM is removed")
    tap.same(portal.admin.get(f"{LAB}/segments/office/vms/fresh").code, "not_found",
             "at the board, too")


def check_live(tap, portal):
    browser, admin = portal.browser, portal.admin
    portal.go("d/lab/hosts")
    browser.wait(row("h1"))
    scene.put(admin, f"{LAB}/hosts/brief", {"addresses": ["10.0.1.99/24"], "ttl": 1,
                                            "segments": ["office"]})
    scene.put(admin, f"{LAB}/segments/office/vms/orphan", {"host": "brief"})
    portal.says("10.0.1.99/24", row("brief"), "a host that joins appears")
    portal.says("Not heard of", row("brief"), "one that is not heard of is told")
    portal.says("1 not heard of", ".tiles", "in the summary, too")
    portal.picture("hosts")
    browser.button("Remove host brief").click()
    browser.button("Cancel", "dialog").click()
    tap.same((browser.count("dialog"), browser.count(row("brief"))), (0, 1),
             "who does not confirm removes nothing")
    browser.button("Remove host brief").click()
    portal.picture("remove-host")
    browser.button("Remove host", "dialog").click()
    portal.gone(row("brief"), "a dead host is removed")
    tap.same(admin.get(f"{LAB}/segments/office/vms/orphan").code, "not_found", "with its VMs")
    scene.put(admin, f"{LAB}/hosts/extra", {"addresses": ["10.0.1.98/24"]})
    browser.button("Remove host extra").click()
    browser.button("Remove host", "dialog").click()
    portal.gone(row("extra"), "so is one that is there")
    tap.same(admin.get(f"{LAB}/hosts/extra").code, "not_found", "which the board then forgot")


# ------------------------------------------------------------------------- pages

def check_drawing(tap, portal):
    browser = portal.browser
    portal.go("d/lab/network", "[data-forwards]")
    tap.same([browser.count(f"[data-{kind}]") for kind in ("subnet", "host", "vm", "forwards")],
             [3, 8, 19, 3], "the drawing has subnets, hosts, VMs, and who forwards")
    tap.same(browser.run("return [...document.querySelectorAll('[data-forwards]')]"
                         ".map((e) => e.dataset.host)"), ["h1", "h4", "h7"], "those who do")
    portal.says("udp", "[data-wire]", "by what others are reached")
    portal.says("rrdp · node 2", "[data-host=h2]", "and by what their own")
    portal.picture("network")
    browser.run("const s = document.getElementById('drawing-segment'); s.value = 'storage';"
                "s.dispatchEvent(new Event('change'))")
    tap.same(browser.count("[data-vm]"), 4, "or those of one segment")
    browser.run("const s = document.getElementById('drawing-detail'); s.value = 'subnets';"
                "s.dispatchEvent(new Event('change'))")
    tap.same((browser.count("[data-vm]"), browser.count("a[data-host]")), (0, 0), "or subnets only")
    browser.run("document.querySelector('.toggle').focus()")
    browser.keys("Enter")
    tap.same(browser.count("a[data-host]"), 3, "one is unfolded by key")


def check_forwarders(tap, portal):
    """Who forwards is asked by one round after the other, and shown when all is known."""
    browser, admin = portal.browser, portal.admin
    portal.go("")
    portal.go("d/lab/network", "[data-forwards]")
    browser.run(HOOK + "hook.refuse = true;" + ROUND)
    portal.says("Too many requests", ".problem", "that the board refuses a report is told")
    portal.says("Ask later", ".problem", "with what it says")
    tap.same(browser.count("[data-forwards]"), 3, "who forwarded is still shown")
    portal.picture("network-refused")
    browser.run("hook.refuse = false;" + ROUND)
    portal.gone(".problem .failure", "when it answers, that is gone")
    browser.run("hook.held = new Promise((resolve) => { hook.release = resolve; });"
                "hook.rounds = [];" + ROUND)
    eventually(lambda: browser.run(ROUND + "; return hook.rounds.flat().length"))
    scene.put(admin, f"{LAB}/segments/office/vms/meanwhile", {"host": "h1"})
    browser.wait("[data-vm='office/meanwhile']")
    tap.same(browser.count("[data-forwards]"), 3, "and while a round is not over")
    admin.delete(f"{LAB}/segments/office/vms/meanwhile")
    portal.gone("[data-vm='office/meanwhile']", "what changes is shown then, too")
    tap.same(browser.run(ROUND + "; return hook.rounds.map((r) => r.length)"), [1],
             "no other begins before")
    browser.run("hook.release(); hook.held = null")
    tap.ok(eventually(lambda: browser.run(ROUND + "; return hook.rounds.length > 1")),
           "but the next does after it")
    browser.run(UNHOOK)


def check_host(tap, portal):
    browser = portal.browser
    portal.go("d/lab/hosts")
    browser.wait(row("h1") + " a").click()
    portal.says("MAC database 40", "main", "a host says which MAC addresses it knows")
    tap.same(browser.count(f"{row('h2 rrdp')}, {row('h4 udp')}"), 2, "its peers and transports")
    portal.says("joined by board", ".events", "and what happened")
    portal.says("7 of 7", ".facts + .part, main", "how many peers are up")
    portal.says("vif1.0", "main", "ports and their counters")
    portal.picture("host")
    nothing = scene.put(portal.admin, f"{LAB}/hosts/mute", {"addresses": ["10.0.1.97/24"]})
    portal.go("d/lab/host/mute")
    portal.says("Nothing reported", "main", f"node {nothing['node']} has not reported, which is told")
    portal.admin.delete(f"{LAB}/hosts/mute")
    portal.says("This host is not there", "main", "so is that it left")


def check_operations(tap, portal):
    browser = portal.browser
    portal.go("d/lab/operations", row("h1"))
    for text in ("Versions on hosts", "6.1.0-40-amd64", "Renewed", "host_unknown", "expired"):
        portal.says(text, "main", f"operations show {text}")
    browser.wait("input[placeholder='Search events']").type("problem host_unknown")
    eventually(lambda: browser.count("tr[data-key*=' problem ']") == 1)
    tap.same(browser.count("tr[data-key*=' problem ']"), 1, "events are searched")
    portal.picture("operations")


def check_evil(tap, portal):
    """Text of others is text."""
    browser, admin = portal.browser, portal.admin
    scene.put(admin, "/v1/domains/evil", {"description": EVIL})
    base = "/v1/domains/evil"
    scene.put(admin, f"{base}/segments/red", {"vni": 1, "ipv4": "10.9.0.0/24"})
    scene.put(admin, f"{base}/hosts/h1", {"addresses": ["10.0.1.1/24"], "segments": ["red"]})
    scene.put(admin, f"{base}/hosts/h1/report", {
        "versions": dict.fromkeys(("kernel", "rrdp", "vmnet", "agent"), EVIL),
        "nets": [{"segment": "red", "vni": 1, "device": EVIL,
                  "subnets": [{"subnet": scene.subnet_of((10, 0, 1)), "forwarder": "h1",
                               "reason": EVIL, "mode": EVIL}],
                  "peers": [{"node": EVIL, "transport": EVIL, "state": EVIL}],
                  "ports": [{"name": EVIL, "mac": EVIL}],
                  "fdb": [{"mac": EVIL, "vlan": 1, "via": EVIL}], "fdb_total": 1}],
        "events": [{"time": 1700000000, "text": EVIL}]})
    admin.put(f"{base}/segments/red", {"vni": 2, EVIL: 1})
    for page, css in (("", row("evil")), ("d/evil/network", "[data-forwards]"),
                      ("d/evil/host/h1", ".events li"), ("d/evil/operations", "tr[data-key*=problem]"),
                      (f"d/{EVIL}/hosts", "[role=alert]")):
        portal.go(page, css)
        browser.wait(css)
        tap.same((browser.count("main img"), browser.run("return window.hacked")), (0, None),
                 f"what others wrote is text in {page[:12] or 'domains'}")
    portal.go("d/evil/host/h1", ".events li")
    portal.says(EVIL, ".events", "which is shown as it is")


def check_roles(tap, portal):
    browser = portal.browser
    portal.enter(portal.reader)
    for page in PAGES:
        portal.go(page)
        browser.wait("tr[data-key], [data-host]")
        found = browser.run(
            "return [...document.querySelectorAll('main button')].map((b) => b.textContent)"
            ".filter((text) => /^(Add |Remove)/.test(text))")
        tap.same(found, [], f"who only reads cannot change {page or 'domains'}")
    portal.enter(portal.host)
    portal.go("d/lab/hosts", row("h2"))
    tap.same(browser.run("return [...document.querySelectorAll('main .act button')]"
                         ".map((b) => b.ariaLabel)"), ["Remove host h2"],
             "a host changes itself only")
    portal.go("d/lab/vms", row("office/web-2"))
    browser.button("Add VM").click()
    browser.wait("dialog input[name=name]").type("own")
    browser.button("Add VM", "dialog").click()
    portal.says("h2", row("office/own"), "and adds VMs of its own")
    portal.admin.delete(f"{LAB}/segments/office/vms/own")


def check_looks(tap, portal):
    """In dark colours, and on a phone, where nothing is wider than the page."""
    browser = portal.browser
    for page in PAGES:
        name = page.replace("d/lab/", "").replace("/", "-") or "domains"
        browser.look(dark=True)
        portal.go(page)
        browser.wait("tr[data-key], [data-host]")
        portal.picture(f"{name}-dark")
        browser.look(PHONE)
        tap.ok(eventually(lambda: browser.run(
            "return document.documentElement.scrollWidth <= innerWidth")),
               f"{name} fits on a phone", browser.run("return document.documentElement.scrollWidth"))
        portal.picture(f"{name}-phone")
    browser.look()


def check_crowd(tap, portal):
    browser = portal.browser
    clients = [portal.board.client(portal.token) for _ in range(8)]
    scene.crowd(clients, vms=1)
    for client in clients:
        client.close()
    portal.go("d/crowd/hosts", row("node1"))
    portal.says("1–50 of 1,000", ".pager", "of very many a page is shown")
    browser.button("Next").click()
    portal.says("51–100 of 1,000", ".pager", "then the next")
    browser.wait("input[type=search]").type("node777")
    portal.says("1 of 1,000", ".count", "one is found")
    tap.same(browser.count(row("node777")), 1, "that which was sought")
    browser.wait("input[type=search]").fill("nothing like it")
    portal.says("Nothing matches", "main", "if nothing is, it is said")
    browser.button("Clear the search").click()
    browser.button("VMs", "thead").click()
    portal.says("1–50 of 1,000", ".pager", "and all are shown in another order")
    portal.go("d/crowd/network", "[data-subnet]")
    tap.same([browser.count(css) for css in ("[data-subnet]", "[data-host]", "a[data-host]")],
             [8, 1000, 0], "the drawing shows very many as dots")
    portal.picture("crowd")
    browser.run("document.querySelector('.toggle').dispatchEvent(new MouseEvent('click'))")
    tap.same(browser.count("a[data-host]"), 60, "and those of one subnet, if that is unfolded")
    portal.picture("crowd-unfolded")
    browser.run(HOOK + "hook.crowd = true")
    eventually(lambda: browser.run(ROUND + "; return hook.rounds.length > 2"))
    rounds = browser.run("return hook.rounds")[:2]
    tap.same([len(hosts) for hosts in rounds], [40, 40], "of very many who forward, some are asked")

    def asked():
        # Who was asked last is not known before all have answered.
        return len({host for hosts in browser.run(ROUND + "; return hook.rounds") for host in hosts})

    tap.ok(eventually(lambda: asked() >= 72), "and others the next time", asked())
    browser.run(UNHOOK)


def check_listeners(tap, portal):
    """What fails in a page, or is not understood, costs the board no connections."""
    browser = portal.browser
    portal.go("")
    browser.run("""
        return import(`${location.origin}/portal/live.js`).then(({ Live, subnetOf }) => {
            window.probe = new Live("lab");
            window.told = 0;
            // Browsers hide errors of scripts that are not the page's own.
            probe.subscribe(() => { if (probe.synced) subnetOf({}); });
            probe.subscribe(() => { window.told += probe.synced; });
        })""")
    tap.ok(eventually(lambda: browser.run("return probe.state === 'live' && told > 0")),
           "a listener that fails ends neither the stream nor others",
           browser.run("return probe.state"))
    tap.ok(eventually(lambda: browser.run(
        "probe.tell();"
        "return document.getElementById('notice').textContent.includes('properties of undefined')")),
           "the page says what failed", browser.text("#notice"))
    browser.run("""
        probe.close();
        return import(`${location.origin}/portal/live.js`).then(({ Live }) => {
            window.probe = new Live("lab");
            probe.take = () => { throw new Error("this is not understood"); };
        })""")
    tap.ok(eventually(lambda: browser.run("return probe.wait > 2000")),
           "what is not understood is asked for again, less and less often",
           browser.run("return probe.wait"))
    tap.same(browser.run("return [probe.state, probe.error.code]"), ["lost", "not_understood"],
             "and is told")
    browser.run("probe.close()")
    tap.ok(eventually(lambda: metric(portal.admin, "watches") == 0),
           "no connection is left behind", metric(portal.admin, "watches"))
    portal.log += [line for line in browser.log() if "properties of undefined" not in line and
                   "this is not understood" not in line]


def check_restart(tap, portal):
    browser = portal.browser
    portal.go("d/lab/hosts", row("h1"))
    portal.admin.close()
    portal.board.stop()
    portal.says("does not answer", "#live", "that the board is gone is told")
    tap.same(browser.count(row("h1")), 1, "what was known is still shown")
    portal.picture("lost")
    portal.board.start()
    scene.put(portal.admin, f"{LAB}/hosts/late", {"addresses": ["10.0.1.96/24"]})
    portal.says("10.0.1.96/24", row("late"), "when it is back, so is the page")
    portal.says("Live", "#live", "which says so")


def check_void(tap, portal):
    """A token that is deleted while it is used."""
    ident = portal.board.run("token", "show").stdout
    for found in re.findall(r"^(\w+)\s+admin", ident, re.M):
        portal.board.run("token", "del", found)
    eventually(lambda: portal.admin.get(LAB).status == 401)
    portal.browser.reload()
    portal.browser.wait("#token")
    portal.says("The token is not good any more", "main", "whose token is void logs in again")
    tap.same(portal.browser.run("return sessionStorage.length"), 0, "and the token is forgotten")


CHECKS = (check_files, check_login, check_keys, check_domains, check_segments, check_live,
          check_vms, check_drawing, check_forwarders, check_host, check_operations,
          check_looks, check_roles, check_listeners, check_restart, check_evil, check_crowd,
          check_void)


def test(tap):
    PICTURES.mkdir(parents=True, exist_ok=True)
    # It is to be found again when it was started again.
    with Board(listen=f"127.0.0.1:{free_ports(1)[0]}", idle=3600) as board, Browser() as browser:
        portal = Portal(tap, board, browser)
        scene.lab(portal.admin)
        browser.look()
        for check in CHECKS:
            if check is check_evil:
                portal.enter(portal.token)
            check(tap, portal)
        # That requests fail is what was tried.
        tap.same([line for line in portal.log + browser.log() if "Failed to load resource" not in line and
                  "net::ERR_" not in line], [], "the browser complains about nothing else")


main(test)
