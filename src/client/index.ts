export { type Client, type ClientOptions, createTapegraphClient, GraphQLAnswerError } from './client.ts';
export { graphql } from './generated/gql.ts';
export * from './generated/graphql.ts';
