import { credentials } from '../access-key.ts';
import { graphqlUrl } from '../endpoints.ts';

/** An agent of this server whom the examples can name. */
export interface SampleAgent {
  id: string;
  sourceName: string;
  externalId: string;
}

const query = `query PlaygroundSample {
  agents(first: 50, filter: { onCall: true, blackedOut: false }) { nodes { id sourceName externalId source { capabilities { operation support } } } }
  anyone: agents(first: 1) { nodes { id sourceName externalId } }
}`;

interface Answer {
  agents?: { nodes: (SampleAgent & { source: { capabilities: { operation: string; support: string }[] } })[] };
  anyone?: { nodes: SampleAgent[] };
}

const patienceMs = 1_500;

/** Finds an agent that is on a call and can be controlled, so that every example does something when it is run; null where this key may not read agents. */
export const fetchSample = async (): Promise<SampleAgent | null> => {
  try {
    const response = await fetch(graphqlUrl(), {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...credentials() },
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const { data } = (await response.json()) as { data?: Answer | null };
    const controllable = data?.agents?.nodes.find(({ source }) =>
      source.capabilities.some(({ operation, support }) => operation === 'START_BLACKOUT' && support !== 'UNSUPPORTED'),
    );
    return controllable ?? data?.agents?.nodes[0] ?? data?.anyone?.nodes[0] ?? null;
  } catch {
    return null;
  }
};
