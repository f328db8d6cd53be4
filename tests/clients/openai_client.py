"""OpenAI's own Python client calls our chat completions API, whole and streamed, with and without a schema.

Prints `ok NAME` for each check that holds, and ends with an error at the first that does not.
Argument: the URL that ends with /v1.
"""

import asyncio
import sys
from typing import Literal

import openai
from pydantic import BaseModel

QUESTION = [{"role": "user", "content": "Where do I see open orders?"}]
# The smallest model there is answers here: a few tokens are enough to see that it does.
FEW = {"model": "default", "max_completion_tokens": 24, "temperature": 0}


class Ticket(BaseModel):
    urgent: bool
    label: Literal["order", "invoice"]


def ok(name: str, holds: object, shown: object) -> None:
    if not holds:
        raise SystemExit(f"FAILED {name}: {shown!r}")
    print(f"ok {name}")


def refused(name: str, error: type[openai.APIStatusError], call) -> openai.APIStatusError:
    try:
        answer = call()
    except error as refusal:
        print(f"ok {name}")
        return refusal
    raise SystemExit(f"FAILED {name}: {answer!r}")


def check_answers(client: openai.OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    ok("models are listed", names == ["default"], names)
    ok("a model is shown", client.models.retrieve("default").id == "default", names)

    raw = client.chat.completions.with_raw_response.create(messages=QUESTION, **FEW)
    answer = raw.parse()
    ok("a model answers", answer.choices[0].message.content, answer)
    ok("it is named", answer.model == "bundled" and raw.headers["x-b2x-backend"] == "local", raw.headers)
    ok("the facts are in headers", raw.headers["x-b2x-attempts"] == "local=answered", raw.headers)
    ok("usage adds up", answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens, answer)
    ok("the end has a reason", answer.choices[0].finish_reason in ("stop", "length"), answer)

    # An answer goes back as it came, and parts are joined.
    again = QUESTION + [answer.choices[0].message, {"role": "user", "content": [{"type": "text", "text": "And closed ones?"}]}]
    ok("a conversation goes on", client.chat.completions.create(messages=again, **FEW).choices, again)


def check_stream(client: openai.OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(messages=QUESTION, stream=True, stream_options={"include_usage": True}, **FEW)
    )
    ok("the role comes first", chunks[0].choices[0].delta.role == "assistant", chunks[0])
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    ok("text comes in pieces", said and len(chunks) > 4, chunks)
    ok("usage comes last", chunks[-1].usage.completion_tokens > 0, chunks[-1])
    ok("and so does who answered", chunks[-1].model_extra["b2x"]["backend"] == "local", chunks[-1])
    # Not its final completion: the helper takes an answer that ends at its bound for an error.
    with client.chat.completions.stream(messages=QUESTION, **FEW) as stream:
        for _ in stream:
            pass
        snapshot = stream.current_completion_snapshot
    ok("the stream helper puts it together", snapshot.choices[0].message.content == said, snapshot)


def check_forms(client: openai.OpenAI) -> None:
    parsed = client.chat.completions.parse(
        model="default",
        messages=[{"role": "user", "content": "My 2 orders have not arrived. It is urgent."}],
        response_format=Ticket,
    )
    ok("a schema is held to", isinstance(parsed.choices[0].message.parsed, Ticket), parsed)


def check_refusals(client: openai.OpenAI) -> None:
    ask = client.chat.completions.create
    error = refused("an unknown model is not found", openai.NotFoundError, lambda: ask(messages=QUESTION, model="gpt-4"))
    ok("its code is OpenAI's", error.code == "model_not_found" and error.param == "model", error)
    error = refused("two answers are refused", openai.BadRequestError, lambda: ask(messages=QUESTION, n=2, **FEW))
    ok("the parameter is named", error.param == "n" and error.type == "invalid_request_error", error)
    error = refused(
        "an unknown parameter is refused",
        openai.BadRequestError,
        lambda: ask(messages=QUESTION, extra_body={"colour": "red"}, **FEW),
    )
    ok("and named", error.param == "colour" and "colour" in error.message, error)
    hasty = client.with_options(max_retries=0).chat.completions.create
    # An answer that is there by the time that anybody looks at the clock is given: on a fast machine one in many.
    error = refused(
        "a deadline of the caller's own holds",
        openai.APIStatusError,
        lambda: [
            hasty(messages=QUESTION, model="default", extra_headers={"x-b2x-deadline-ms": "1"}) for _ in range(10)
        ],
    )
    ok("and is named", error.code == "deadline_exceeded", error)
    ok("the server goes on after errors", ask(messages=QUESTION, **FEW).choices, error)


async def check_asynchronous(url: str) -> None:
    async with openai.AsyncOpenAI(base_url=url, api_key="any") as client:
        answers = await asyncio.gather(*(client.chat.completions.create(messages=QUESTION, **FEW) for _ in range(4)))
        ok("four at once are answered", all(answer.choices for answer in answers), answers)
        stream = await client.chat.completions.create(messages=QUESTION, stream=True, model="default")
        async for _ in stream:
            break
        await stream.close()
        answer = await client.chat.completions.create(messages=QUESTION, **FEW)
        ok("a stream that is left disturbs nobody", answer.choices, answer)


def main() -> None:
    url = sys.argv[1]
    with openai.OpenAI(base_url=url, api_key="any", timeout=60) as client:
        check_answers(client)
        check_stream(client)
        check_forms(client)
        check_refusals(client)
    asyncio.run(check_asynchronous(url))


main()
