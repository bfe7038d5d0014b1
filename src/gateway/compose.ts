import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { crm } from './neighbours/crm.ts';
import { quality } from './neighbours/quality.ts';

export interface Service {
  name: string;
  url: string;
  sdl: string;
}

/** The supergraph of these subgraphs; throws every reason why they do not fit together. */
export const composeSupergraph = (services: readonly Service[]): string => {
  const { supergraphSdl, errors } = composeServices(services.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })));
  if (supergraphSdl === undefined) throw new Error(`The subgraphs do not compose.\n${errors?.map(({ message }) => message).join('\n')}`);
  return supergraphSdl;
};

/** This subgraph with its two neighbours, at addresses to be replaced by one's own. */
export const servicesOf = (sdl: string): readonly Service[] => [
  { name: 'tapegraph', url: 'http://127.0.0.1:4000/graphql', sdl },
  { name: 'crm', url: 'http://127.0.0.1:4101/graphql', sdl: crm().sdl },
  { name: 'quality', url: 'http://127.0.0.1:4102/graphql', sdl: quality.sdl },
];
