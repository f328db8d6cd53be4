"""Makes the schemas of custom resources beside this file, from the types that crates.io has of them.

The crates `kcr_*` (licence 0BSD) hold what kopium made of the projects' own definitions: each field, its type, whether it is
required, the words of enumerations. All of it becomes a JSON schema that refuses every other field. What the definitions say of
patterns and bounds is not in the types; `schemas.rs` holds durations to theirs.

    cargo info kcr_keda_sh@3.20260609.65038     # each of CRATES once: brings its source onto this machine
    python3 generate.py ~/.cargo/registry/src/*/
"""

import json
import pathlib
import re
import sys

CRATES = {
    "kcr_argoproj_io@3.20260618.213614": {"v1alpha1/applications": "Application", "v1alpha1/appprojects": "AppProject"},
    "kcr_autoscaling_k8s_io@3.20260530.100124": {"v1/verticalpodautoscalers": "VerticalPodAutoscaler"},
    "kcr_cert_manager_io@3.20260606.152110": {"v1/certificates": "Certificate", "v1/clusterissuers": "ClusterIssuer"},
    "kcr_elasticsearch_k8s_elastic_co@3.20260603.235639": {"v1/elasticsearches": "Elasticsearch"},
    "kcr_keda_sh@3.20260609.65038": {"v1alpha1/scaledobjects": "ScaledObject"},
    "kcr_monitoring_coreos_com@3.20260613.160609": {"v1/podmonitors": "PodMonitor"},
    "kcr_secrets_store_csi_x_k8s_io@3.20260603.141514": {"v1/secretproviderclasses": "SecretProviderClass"},
    "kcr_traefik_io@3.20260603.91420": {
        "v1alpha1/ingressroutes": "IngressRoute",
        "v1alpha1/middlewares": "Middleware",
        "v1alpha1/serverstransports": "ServersTransport",
        "v1alpha1/tlsoptions": "TLSOption",
    },
}
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
PLAIN = {
    "String": {"type": "string"},
    "bool": {"type": "boolean"},
    "i32": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "i64": {"type": "integer"},
    "f64": {"type": "number"},
    "IntOrString": {"type": ["integer", "string"]},
    "serde_json::Value": True,
}
METADATA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "namespace": {"type": "string", "minLength": 1},
        "labels": TEXTS,
        "annotations": TEXTS,
    },
    "required": ["name"],
}


def items(text):
    """Every struct and enumeration of a file: what stands before it, its kind, its name, its body."""
    pattern = r"((?:^#\[[^\n]*\]\n)*)^pub (struct|enum) (\w+) \{\n(.*?)^\}"
    return re.findall(pattern, text, re.MULTILINE | re.DOTALL)


def fields(body):
    """Each line of a body that is a field or a word, with the name that it has in JSON."""
    renamed = None
    for line in map(str.strip, body.splitlines()):
        if line.startswith("#[serde("):
            found = re.search(r'rename = "([^"]+)"', line)
            renamed = found and found.group(1)
        elif not line.startswith("//"):
            yield renamed, line.rstrip(",")
            renamed = None


class File:
    """The types of one file of a crate."""

    def __init__(self, text):
        self.known = {name: (kind, body) for _, kind, name, body in items(text)}

    def schema(self, type_):
        outer = re.fullmatch(r"(Option|Vec|Box|BTreeMap)<(.*)>", type_)
        if outer is None:
            return self.named(type_)
        word, inner = outer.groups()
        if word == "Vec":
            return {"type": "array", "items": self.schema(inner)}
        if word == "BTreeMap":
            return {"type": "object", "additionalProperties": self.schema(inner.removeprefix("String, "))}
        return self.schema(inner)

    def named(self, type_):
        if type_ in PLAIN:
            return PLAIN[type_]
        kind, body = self.known[type_]
        if kind == "enum":
            return {"enum": [renamed or word for renamed, word in fields(body)]}
        properties, required = {}, []
        for renamed, line in fields(body):
            name, type_ = re.fullmatch(r"pub (?:r#)?(\w+): (.*)", line).groups()
            properties[renamed or name] = self.schema(type_)
            if not type_.startswith("Option<"):
                required.append(renamed or name)
        made = {"type": "object", "additionalProperties": False, "properties": properties}
        return made | {"required": required} if required else made


def resource(text, kind, crate):
    """The schema of a whole object."""
    pattern = r'group = "([^"]+)", version = "([^"]+)", kind = "' + kind + '"'
    found = ((re.search(pattern, before), name) for before, _, name, _ in items(text))
    about, spec = next((about, name) for about, name in found if about)
    group, version = about.groups()
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": kind,
        "description": f"Made by generate.py of {crate.replace('@', ' ')}.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "apiVersion": {"const": f"{group}/{version}"},
            "kind": {"const": kind},
            "metadata": METADATA,
            "spec": File(text).schema(spec),
        },
        "required": ["apiVersion", "kind", "metadata", "spec"],
    }


def main():
    registry = pathlib.Path(sys.argv[1])
    for crate, files in CRATES.items():
        for path, kind in files.items():
            source = registry / crate.replace("@", "-") / "src" / f"{path}.rs"
            made = resource(source.read_text(), kind, crate)
            target = pathlib.Path(__file__).with_name(f"{kind}.json")
            target.write_text(json.dumps(made, separators=(",", ":")) + "\n")
            print(f"{target.name}: {target.stat().st_size} bytes")


main()
