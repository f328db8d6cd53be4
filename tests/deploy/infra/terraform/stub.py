"""A stand-in for the provider azurerm: tells terraform the schema in `azurerm.json`, and does nothing else.

With it, `terraform validate` and `terraform test` with `mock_provider` run without the registry. Prints the value for
TF_REATTACH_PROVIDERS, then serves until standard input ends.

    python3 stub.py SOCKET
"""

import json
import os
import pathlib
import sys
from concurrent import futures

import grpc
from tf.gen import tfplugin_pb2 as messages
from tf.gen import tfplugin_pb2_grpc as service

ADDRESS = "registry.terraform.io/hashicorp/azurerm"
# Field 11 of Attribute, `write_only`, true: newer than the messages in the package, which pass it on unread.
WRITE_ONLY = b"\x58\x01"


def block(described):
    built = messages.Schema.Block(version=0)
    for name, one in described["attributes"].items():
        attribute = built.attributes.add(
            name=name,
            type=json.dumps(one["type"]).encode(),
            required=one["required"],
            optional=one["optional"] or one.get("write_only", False),
            computed=one["computed"],
        )
        if one.get("write_only"):
            attribute.MergeFromString(WRITE_ONLY)
    for name, one in described["blocks"].items():
        single = one["nesting"] == "single"
        built.block_types.add(
            type_name=name,
            block=block(one["block"]),
            nesting=1 if single else 2,
            min_items=0 if single else one["min"],
            max_items=0 if single else one["max"],
        )
    return built


def schema(described):
    return messages.Schema(version=0, block=block(described))


class Stub(service.ProviderServicer):
    """Agrees to everything; with mocks, nothing but the schema is ever asked for."""

    def __init__(self, described):
        self.answer = messages.GetProviderSchema.Response(
            provider=schema(described["provider"]),
            resource_schemas={name: schema(one) for name, one in described["resource"].items()},
            data_source_schemas={name: schema(one) for name, one in described["data"].items()},
            server_capabilities=messages.ServerCapabilities(plan_destroy=True),
        )

    def GetMetadata(self, request, context):
        context.set_code(grpc.StatusCode.UNIMPLEMENTED)
        return messages.GetMetadata.Response()

    def GetProviderSchema(self, request, context):
        return self.answer

    def ValidateProviderConfig(self, request, context):
        return messages.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, request, context):
        return messages.ValidateResourceConfig.Response()

    def ValidateDataResourceConfig(self, request, context):
        return messages.ValidateDataResourceConfig.Response()

    def ConfigureProvider(self, request, context):
        return messages.ConfigureProvider.Response()

    def StopProvider(self, request, context):
        return messages.StopProvider.Response()


def main():
    socket = sys.argv[1]
    described = json.loads(pathlib.Path(__file__).with_name("azurerm.json").read_text())
    server = grpc.server(futures.ThreadPoolExecutor(4), options=[("grpc.max_send_message_length", -1)])
    service.add_ProviderServicer_to_server(Stub(described), server)
    server.add_insecure_port("unix://" + socket)
    server.start()
    reattach = {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": os.getpid(), "Test": True}
    reattach["Addr"] = {"Network": "unix", "String": socket}
    print(json.dumps({ADDRESS: reattach}), flush=True)
    sys.stdin.read()
    server.stop(grace=None)


main()
