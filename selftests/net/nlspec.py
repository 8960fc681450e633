# SPDX-License-Identifier: GPL-2.0
"""Netlink families as Documentation/netlink/specs describes them.

Names of C are derived as the kernel's ynl-gen-c derives them, so that the
specifications serve its tools too.
"""

import pathlib

import yaml

SPECS = pathlib.Path(__file__).resolve().parents[2] / "Documentation/netlink/specs"


def c_name(*parts):
    return "-".join(parts).replace("--", "-").replace("-", "_").upper()


def numbered(entries, first):
    """Pairs of number and entry; an entry's "value" restarts the count."""
    number = first
    for entry in entries:
        entry = entry if isinstance(entry, dict) else {"name": entry}
        number = entry.get("value", number)
        yield number, entry
        number += 1


class AttrSet:
    """An attribute set: by name, what it says and its number."""

    def __init__(self, family, node):
        own = "" if node["name"] == family else node["name"] + "-"
        self.name = node["name"]
        self.prefix = node.get("name-prefix", f"{family}-a-{own}")
        self.attrs = {}
        for number, attr in numbered(node["attributes"], 1):
            self.attrs[attr["name"]] = dict(attr, number=number)

    def narrow(self, node):
        """The subset of this set that @node lists."""
        subset = object.__new__(AttrSet)
        subset.name, subset.prefix = node["name"], None
        subset.attrs = {a["name"]: {**self.attrs[a["name"]], **a}
                        for a in node["attributes"]}
        return subset


class Spec:
    """One family."""

    def __init__(self, name):
        self.path = SPECS / f"{name}.yaml"
        with open(self.path, encoding="utf-8") as file:
            spec = yaml.safe_load(file)
        self.name = spec["name"]
        self.uapi = spec.get("uapi-header", f"linux/{self.name}.h")
        self.definitions = {d["name"]: d for d in spec.get("definitions", [])}
        # Some of them are the kernel's.
        self.headers = [self.uapi] + sorted(
            {d["header"] for d in self.definitions.values() if "header" in d})
        self.groups = [g["name"] for g in
                       spec.get("mcast-groups", {}).get("list", [])]

        self.sets = {}
        for node in spec["attribute-sets"]:
            self.sets[node["name"]] = (
                self.sets[node["subset-of"]].narrow(node)
                if "subset-of" in node else AttrSet(self.name, node))

        operations = spec["operations"]
        self.op_prefix = operations.get("name-prefix", f"{self.name}-cmd-")
        self.ops = {}
        for number, op in numbered(operations["list"], 1):
            self.ops[op["name"]] = dict(op, number=number)

    def request(self, op, mode):
        """Attributes of a request of @op, or None if there is no such mode."""
        if mode not in self.ops[op]:
            return None
        names = ((self.ops[op][mode] or {}).get("request") or {}).get("attributes", [])
        attrs = self.sets[self.ops[op]["attribute-set"]].attrs
        return {name: attrs[name] for name in names}

    def constants(self):
        """All names of the uapi headers and what they must be."""
        for definition in self.definitions.values():
            kind = definition["type"]
            if kind == "const":
                name = definition.get("c-define-name", definition["name"])
                yield c_name(name), definition["value"]
                continue
            prefix = definition.get("name-prefix",
                                    f"{self.name}-{definition['name']}-")
            first = definition.get("value-start", 0)
            for number, entry in numbered(definition["entries"], first):
                value = 1 << number if kind == "flags" else number
                yield c_name(prefix, entry["name"]), value

        for attrset in self.sets.values():
            if attrset.prefix is None:
                continue
            last = 0
            for attr in attrset.attrs.values():
                last = attr["number"]
                yield c_name(attrset.prefix, attr["name"]), last
            yield c_name(attrset.prefix, "max"), last

        for op in self.ops.values():
            yield c_name(self.op_prefix, op["name"]), op["number"]
        yield c_name(self.op_prefix, "max"), max(
            op["number"] for op in self.ops.values())


def families():
    return [Spec(path.stem) for path in sorted(SPECS.glob("*.yaml"))]


def tap(check):
    """Report, in TAP, pairs of name and faults that check(spec) yields for each
    family: the exit status."""
    tests = failed = 0
    for spec in families():
        for what, faults in check(spec):
            tests += 1
            failed += bool(faults)
            print(f"{'not ' * bool(faults)}ok {tests} - {spec.path.name}: {what}")
            for fault in faults:
                print(f"# {fault}")
    print(f"1..{tests}")
    return failed > 0 or tests == 0
