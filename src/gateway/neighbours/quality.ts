/** Quality management beside the recorders: it scores recordings. */
import type { Neighbour } from './subgraph.ts';

const sdl = `
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requiresScopes"])

type Recording @key(fields: "id") {
  id: ID!
  "From 0 to 100, as a listener judged it; null until someone has."
  score: Int @requiresScopes(scopes: [["recordings:read"]])
}

type Query {
  "How many points a recording needs to pass."
  passMark: Int!
}
`;

const sumOf = (text: string): number => [...text].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 9973, 7);

/** One recording in four has not been judged yet. */
const scoreOf = (id: string): number | null => (sumOf(id) % 4 === 0 ? null : 40 + (sumOf(id) % 61));

export const quality: Neighbour = {
  name: 'quality',
  sdl,
  resolvers: {
    Recording: { __resolveReference: ({ id }: { id: string }) => ({ id, score: scoreOf(id) }) },
    Query: { passMark: () => 70 },
  },
};
