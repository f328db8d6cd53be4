"""The Python client of the MCP project calls our server, over HTTP or stdio, in one era of the protocol.

Prints `ok NAME` for each check that holds, and ends with an error at the first that does not.
Arguments: ERA (legacy or auto), then `http URL`, or `stdio PROGRAM ARGUMENT...`.
"""

import asyncio
import sys

from mcp import Client
from mcp.client.stdio import StdioServerParameters

ANSWER = "com.b2xgate/answer"
TOOLS = {
    "ask_assistant",
    "classify_ticket",
    "extract_data",
    "generate_product_text",
    "server_status",
    "summarize_text",
}
TICKET = "My order 4711 has not arrived. It should have been here on Monday. Please send it at once."


def ok(name: str, holds: object, shown: object) -> None:
    if not holds:
        raise SystemExit(f"FAILED {name}: {shown!r}")
    print(f"ok {name}")


def text_of(result) -> str:
    return "".join(block.text for block in result.content if block.type == "text")


async def check(client: Client, era: str) -> None:
    version = client.protocol_version
    ok("era", version == ("2026-07-28" if era == "auto" else "2025-11-25"), version)

    tools = (await client.list_tools()).tools
    names = {tool.name for tool in tools}
    ok("tools are listed", names >= TOOLS, names)
    ok("every tool says what it returns", all(tool.output_schema for tool in tools), names)

    result = await client.call_tool("classify_ticket", {"text": TICKET})
    ok("a model answers", not result.is_error and result.structured_content.get("label"), result)
    facts = (result.meta or {}).get(ANSWER, {})
    ok("it says who answered", facts.get("backend") == "local", facts)
    ok("it says what that took", facts.get("output_tokens", 0) > 0, facts)

    status = await client.call_tool("server_status", {})
    ok("the status needs no model", not status.is_error and status.structured_content, status)

    for arguments in ({"text": 4711}, {}, {"text": TICKET, "colour": "red"}):
        field = "colour" if "colour" in arguments else "text"
        wrong = await client.call_tool("classify_ticket", arguments)
        ok(f"a wrong argument is named: {arguments}", wrong.is_error and field in text_of(wrong), wrong)

    again = await client.call_tool("server_status", {})
    ok("the server goes on after errors", not again.is_error, again)


async def main() -> None:
    era, transport, target, *rest = sys.argv[1:]
    server = target if transport == "http" else StdioServerParameters(command=target, args=rest)
    async with asyncio.timeout(120):
        async with Client(server, mode=era) as client:
            await check(client, era)


asyncio.run(main())
