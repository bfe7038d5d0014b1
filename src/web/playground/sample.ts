import { credentials } from '../access-key.ts';
import { graphqlUrl } from '../endpoints.ts';

/** An agent of this server whom the examples can name. */
export interface SampleAgent {
  id: string;
  sourceName: string;
  externalId: string;
}

export interface Sample {
  agent: SampleAgent | null;
  recording: string | null;
}

const query = `query PlaygroundSample {
  agents(first: 50, filter: { onCall: true }) { nodes { id sourceName externalId source { capabilities { operation support } } } }
  anyone: agents(first: 1) { nodes { id sourceName externalId } }
  recordings(first: 1, filter: { states: [AVAILABLE] }) { nodes { id } }
}`;

interface Answer {
  agents?: { nodes: (SampleAgent & { source: { capabilities: { operation: string; support: string }[] } })[] };
  anyone?: { nodes: SampleAgent[] };
  recordings?: { nodes: { id: string }[] };
}

const patienceMs = 1_500;

/** Finds an agent that is on a call and can be controlled, so that every example does something when it is run; nulls where it may not look. */
export const fetchSample = async (): Promise<Sample> => {
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
    return {
      agent: controllable ?? data?.agents?.nodes[0] ?? data?.anyone?.nodes[0] ?? null,
      recording: data?.recordings?.nodes[0]?.id ?? null,
    };
  } catch {
    return { agent: null, recording: null };
  }
};
