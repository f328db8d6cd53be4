"""Makes `azurerm.json`, the schema that terraform's offline checks use, from the bindings that PyPI has of the provider.

The package `cdktn-provider-azurerm` describes every resource of one provider version: names, types, what is required,
which blocks nest. Of those, the resources that our files name are kept.

    pip download --no-deps cdktn-provider-azurerm==18.9.0
    python3 schema.py cdktn_provider_azurerm-18.9.0-py3-none-any.whl ../../../deploy/terraform
"""

import json
import pathlib
import re
import sys
import tarfile
import zipfile

GETTERS = {
    "String": "string",
    "Number": "number",
    "Boolean": "bool",
    "List": ["list", "string"],
    "StringMap": ["map", "string"],
    "NumberMap": ["map", "number"],
    "BooleanMap": ["map", "bool"],
    "AnyMap": ["map", "string"],
}
PRIMITIVES = {"string": "string", "number": "number", "boolean": "bool"}


class Bindings:
    """What the package says about the provider."""

    def __init__(self, wheel):
        with zipfile.ZipFile(wheel) as archive:
            name = next(name for name in archive.namelist() if name.endswith(".jsii.tgz"))
            self.sources = tarfile.open(fileobj=archive.open(name))
            metadata = next(name for name in archive.namelist() if name.endswith("/METADATA"))
            text = archive.read(metadata).decode()
        self.version = re.search(r"provider version ([0-9.]+)", text).group(1)
        self.types = json.load(self.sources.extractfile("package/.jsii"))["types"]

    def index(self):
        """(kind, terraform's name) of every resource, data source and the provider, and the class that binds it."""
        found = {}
        for name, binding in self.types.items():
            base = binding.get("base", "").rsplit(".", 1)[-1]
            if binding["kind"] != "class" or not base.startswith("Terraform"):
                continue
            summary = re.search(r"\b(azurerm_[a-z0-9_]+)\b", binding.get("docs", {}).get("summary", ""))
            if base == "TerraformProvider":
                found["provider", "azurerm"] = name
            elif summary and base in ("TerraformResource", "TerraformDataSource"):
                found["resource" if base == "TerraformResource" else "data", summary.group(1)] = name
        return found

    def kind(self, described):
        """A type in short: a primitive, ("object", class) or ("array" or "map", element)."""
        if "primitive" in described:
            return PRIMITIVES.get(described["primitive"], "dynamic")
        if "fqn" in described:
            return ("object", described["fqn"])
        if "collection" in described:
            collection = described["collection"]
            return (collection["kind"], self.kind(collection["elementtype"]))
        alternatives = [
            self.kind(one)
            for one in described["union"]["types"]
            if one.get("fqn", "").rsplit(".", 1)[-1] != "IResolvable"
        ]
        return next((one for one in alternatives if isinstance(one, tuple)), alternatives[0])

    def terraform_type(self, kind):
        """The same in terraform's own notation."""
        if isinstance(kind, str):
            return kind
        if kind[0] == "object":
            properties = self.types[kind[1]].get("properties", [])
            return ["object", {terraform_name(one): self.terraform_type(self.kind(one["type"])) for one in properties}]
        return [{"array": "list"}.get(kind[0], kind[0]), self.terraform_type(kind[1])]

    def block(self, name):
        """Attributes and nested blocks of one class of settings."""
        attributes, blocks = {}, {}
        for one in self.types[name].get("properties", []):
            if "#" not in json.dumps(one.get("docs", {})):
                continue
            key, kind, optional = terraform_name(one), self.kind(one["type"]), one.get("optional", False)
            if one["docs"].get("summary", "").endswith(" block.") or key == "timeouts":
                single = kind[0] == "object"
                blocks[key] = {
                    "nesting": "single" if key == "timeouts" else "list",
                    "min": 0 if optional or key == "node_provisioning_profile" else 1,
                    "max": 1 if single else 0,
                    "block": self.block(kind[1] if single else kind[1][1]),
                }
            else:
                attributes[key] = attribute(self.terraform_type(kind), required=not optional, computed=optional)
                if key.endswith("_wo"):
                    attributes[key] |= {"write_only": True, "computed": False}
        return {"attributes": attributes, "blocks": blocks}

    def resource(self, name):
        """The settings of a resource, and what it computes: the latter is only in the generated code."""
        block = self.block(name + "Config")
        binding = self.types[name]
        path = binding["locationInModule"]["filename"].replace("src/", "lib/").replace(".ts", ".js")
        code = self.sources.extractfile("package/" + path).read().decode()
        body = code[code.index(f"class {binding['name']} extends") :]
        known = block["attributes"].keys() | block["blocks"].keys()
        for getter, key in re.findall(r"this\.get(\w+)Attribute\('([a-z0-9_]+)'\)", body):
            if key not in known and getter in GETTERS:
                block["attributes"][key] = attribute(GETTERS[getter], computed=True)
        for key in re.findall(r'new \w+\(this, "([a-z0-9_]+)", (?:false|true)\)', body):
            if key not in known:
                block["attributes"].setdefault(key, attribute("dynamic", computed=True))
        return block


def attribute(type_, required=False, computed=False):
    return {"type": type_, "required": required, "optional": not required and computed, "computed": computed}


def terraform_name(described):
    docs = described["docs"]
    return re.search(r"#([a-z0-9_]+)[}\s]", docs.get("remarks", "") + " " + docs.get("summary", "") + " ").group(1)


def used(folder):
    """(kind, name) of everything that the files in a folder declare."""
    declared = {("provider", "azurerm")}
    for path in pathlib.Path(folder).rglob("*.tf"):
        for kind, name in re.findall(r'^(resource|data) "(azurerm_[a-z0-9_]+)"', path.read_text(), re.MULTILINE):
            declared.add((kind, name))
    return declared


def main():
    wheel, folder = sys.argv[1:]
    bindings = Bindings(wheel)
    index = bindings.index()
    schema = {"version": bindings.version, "provider": {}, "resource": {}, "data": {}}
    for kind, name in sorted(used(folder)):
        binding = index.get((kind, name))
        if binding is None:
            sys.exit(f"the provider {bindings.version} has no {kind} {name}")
        if kind == "provider":
            schema["provider"] = bindings.block(binding + "Config")
        else:
            schema[kind][name] = bindings.resource(binding)
    target = pathlib.Path(__file__).with_name("azurerm.json")
    target.write_text(json.dumps(schema, indent=None, separators=(",", ":"), sort_keys=True) + "\n")
    print(f"{target.name}: azurerm {bindings.version}, {len(schema['resource'])} resources, {target.stat().st_size} bytes")


main()
