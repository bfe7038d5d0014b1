/** A CRM beside the recorders: it knows who a number belongs to, and which team an agent is in. */
import type { Neighbour } from './subgraph.ts';

const sdl = `
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@requiresScopes", "@tag"])

type Call @key(fields: "id") {
  id: ID!
  direction: CallDirection! @external
  caller: String @external
  called: String @external
  "Whom the agent talks to, by number. Null without \`pii:read\`, since the number then comes masked."
  customer: Customer @requires(fields: "direction caller called") @requiresScopes(scopes: [["agents:read", "pii:read"]])
}

enum CallDirection { INBOUND OUTBOUND INTERNAL UNKNOWN }

type Agent @key(fields: "sourceName externalId") {
  sourceName: String!
  externalId: String!
  "The team the agent works in."
  team: Team @requiresScopes(scopes: [["agents:read"]])
}

"A customer of the company."
type Customer @key(fields: "id") {
  "The CRM's own id."
  id: ID!
  "Full name."
  name: String! @tag(name: "pii")
  "How well the customer is looked after."
  tier: Tier!
}

"How well a customer is looked after."
enum Tier { STANDARD GOLD }

"A team of agents."
type Team {
  "Name of the team."
  name: String!
  "Who works in it, as far as the CRM has them on its list."
  agents: [Agent!]!
}

type Query {
  "A customer by the CRM's own id."
  customer(id: ID!): Customer
  "Every team."
  teams: [Team!]!
}
`;

interface Customer {
  id: string;
  name: string;
  tier: 'STANDARD' | 'GOLD';
}

const names = ['Ada Moreau', 'Bo Lindqvist', 'Chidi Okafor', 'Dana Weiss', 'Emre Aydin', 'Fumiko Sato', 'Grace Ncube'];
const teams = ['Claims', 'Sales', 'Service'];

const customerById = (id: string): Customer | null => {
  if (!/^C-\d{6}$/.test(id)) return null;
  const digits = Number(id.slice(2));
  return { id, name: names[digits % names.length]!, tier: digits % 4 === 0 ? 'GOLD' : 'STANDARD' };
};

/** Only a whole number finds anyone: a masked one is nobody's. */
const customerOf = (number: string | null): Customer | null =>
  number !== null && /^\+?\d{7,}$/.test(number) ? customerById(`C-${number.slice(-6)}`) : null;

const sumOf = (text: string): number => [...text].reduce((sum, letter) => sum + letter.codePointAt(0)!, 0);

interface CallWithNumbers {
  direction: string;
  caller: string | null;
  called: string | null;
}

interface AgentKey {
  sourceName: string;
  externalId: string;
}

const teamOf = ({ sourceName, externalId }: AgentKey): string => teams[sumOf(`${sourceName}${externalId}`) % teams.length]!;

/** The agents of the demo's source `hq`. */
const demoAgents: readonly AgentKey[] = Array.from({ length: 12 }, (_, index) => ({ sourceName: 'hq', externalId: String(index + 1) }));

/** `directory` lists whom the CRM knows, by the vendor's own ids. */
export const crm = (directory: readonly AgentKey[] = demoAgents): Neighbour => ({
  name: 'crm',
  sdl,
  resolvers: {
    Call: {
      __resolveReference: (call: object) => call,
      customer: ({ direction, caller, called }: CallWithNumbers) => customerOf(direction === 'OUTBOUND' ? called : caller),
    },
    Agent: { __resolveReference: (agent: object) => agent, team: (agent: AgentKey) => ({ name: teamOf(agent) }) },
    Team: { agents: ({ name }: { name: string }) => directory.filter((agent) => teamOf(agent) === name) },
    Customer: { __resolveReference: ({ id }: { id: string }) => customerById(id) },
    Query: { customer: (_: unknown, { id }: { id: string }) => customerById(id), teams: () => teams.map((name) => ({ name })) },
  },
});
