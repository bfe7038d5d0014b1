/**
 * Watches the agents of a contact centre, and blacks out whoever takes a call, for a minute at most:
 *
 *     npm start                                  # the demo, in one terminal
 *     node --import tsx src/client/example.ts    # this, in another
 *
 * `TAPEGRAPH_URL` and `TAPEGRAPH_KEY` point it elsewhere.
 */
import { randomUUID } from 'node:crypto';
import { type Client, createTapegraphClient } from './client.ts';
import { AgentChangedDocument, AgentsBoardDocument, StartBlackoutDocument, StopBlackoutDocument } from './generated/graphql.ts';

export interface ExampleOptions {
  client: Client;
  say(line: string): void;
  /** The source whose agents are looked at. */
  source: string;
}

/** Queries, then controls, then subscribes until the agent's next change. */
export const runExample = async ({ client, say, source }: ExampleOptions): Promise<void> => {
  // A query: the answer's type is that of the document, so `agents.nodes[0].nmae` would not compile.
  const { agents } = await client.request(AgentsBoardDocument, { filter: { sources: [source] }, first: 50 });
  if (!agents) throw new Error('the agents could not be read');
  for (const { source: failing, problem } of agents.sourceErrors) say(`${failing.name} did not answer: ${problem.message}`);
  for (const { name, externalId, status } of agents.nodes) say(`${name ?? externalId} is ${status}`);
  const agent = agents.nodes.find(({ blackout }) => blackout === null);
  if (!agent) return say('there is no agent to black out');

  // Control: repeating a request with the same key never acts twice, so it may be sent again after a lost answer.
  const { startBlackout } = await client.request(StartBlackoutDocument, {
    input: { agent: { id: agent.id }, reason: 'CARD_PAYMENT', maxDuration: 'PT1M', idempotencyKey: randomUUID() },
  });
  if (startBlackout.__typename === 'Problem') {
    // An expected failure is data, with a code to decide by.
    say(`${startBlackout.code}: ${startBlackout.message}${startBlackout.retryable ? ' (worth another try)' : ''}`);
  } else {
    const { blackout } = startBlackout;
    say(`nothing of ${agent.externalId} is recorded until ${blackout.deadline} at the latest (${blackout.confirmation})`);
    const { stopBlackout } = await client.request(StopBlackoutDocument, {
      input: { agent: { id: agent.id }, idempotencyKey: randomUUID() },
    });
    say(stopBlackout.__typename === 'Problem' ? `${stopBlackout.code}: ${stopBlackout.message}` : 'recording goes on');
  }

  // A subscription: first what is, then what changes.
  for await (const { agentChanged } of client.subscribe(AgentChangedDocument, { filter: { sources: [source] } })) {
    const { agent: changed, snapshot, previousStatus } = agentChanged;
    if (snapshot) continue;
    return say(`${changed.name ?? changed.externalId} went from ${previousStatus ?? 'unknown'} to ${changed.status}`);
  }
};

if (import.meta.main) {
  const { TAPEGRAPH_URL: url = 'http://127.0.0.1:4000/graphql', TAPEGRAPH_KEY: key } = process.env;
  const client = createTapegraphClient({ url, key });
  await runExample({ client, source: 'hq', say: (line) => process.stdout.write(`${line}\n`) });
  client.close();
}
