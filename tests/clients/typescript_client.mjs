// The TypeScript client of the MCP project calls our server, over HTTP or stdio, in one era of the protocol.
//
// Prints `ok NAME` for each check that holds, and ends with an error at the first that does not.
// Arguments: ERA (legacy or auto), then `http URL`, or `stdio PROGRAM ARGUMENT...`.

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const ANSWER = 'com.b2xgate/answer';
const TOOLS = [
  'ask_assistant',
  'classify_ticket',
  'extract_data',
  'generate_product_text',
  'server_status',
  'summarize_text',
];
const TICKET = 'My order 4711 has not arrived. It should have been here on Monday. Please send it at once.';

function ok(name, holds, shown) {
  if (!holds) throw new Error(`FAILED ${name}: ${JSON.stringify(shown)}`);
  console.log(`ok ${name}`);
}

const textOf = (result) => result.content.map((block) => block.text ?? '').join('');

const [era, transport, target, ...rest] = process.argv.slice(2);
setTimeout(() => {
  console.error('FAILED: not done within 120 s');
  process.exit(1);
}, 120_000).unref();

const client = new Client({ name: 'tests', version: '1.0.0' }, { versionNegotiation: { mode: era } });
await client.connect(
  transport === 'http'
    ? new StreamableHTTPClientTransport(new URL(target))
    : new StdioClientTransport({ command: target, args: rest }),
);

const version = client.getNegotiatedProtocolVersion();
ok('era', version === (era === 'auto' ? '2026-07-28' : '2025-11-25'), version);

const { tools } = await client.listTools();
const names = tools.map((tool) => tool.name);
ok('tools are listed', TOOLS.every((name) => names.includes(name)), names);
ok('every tool says what it returns', tools.every((tool) => tool.outputSchema), names);

// This client checks structured results against the tool's output schema by itself.
const result = await client.callTool({ name: 'classify_ticket', arguments: { text: TICKET } });
ok('a model answers', !result.isError && result.structuredContent?.label, result);
const facts = result._meta?.[ANSWER] ?? {};
ok('it says who answered', facts.backend === 'local', facts);
ok('it says what that took', facts.output_tokens > 0, facts);
ok('text and structure are the same', textOf(result) === JSON.stringify(result.structuredContent), result);

const status = await client.callTool({ name: 'server_status', arguments: {} });
ok('the status needs no model', !status.isError && status.structuredContent, status);

for (const wrong of [{ text: 4711 }, {}, { text: TICKET, colour: 'red' }]) {
  const field = 'colour' in wrong ? 'colour' : 'text';
  const refused = await client.callTool({ name: 'classify_ticket', arguments: wrong });
  ok(`a wrong argument is named: ${JSON.stringify(wrong)}`, refused.isError && textOf(refused).includes(field), refused);
}

const again = await client.callTool({ name: 'server_status', arguments: {} });
ok('the server goes on after errors', !again.isError, again);

await client.close();
