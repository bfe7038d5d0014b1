import { GraphQLError } from 'graphql';

/** Why a request was refused before execution; `extensions.code`, the same on every transport. */
export const policyErrorCodes = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
  'DOCUMENT_NOT_TRUSTED',
  'TOKEN_LIMIT',
  'DEPTH_LIMIT',
  'ALIAS_LIMIT',
  'DIRECTIVE_LIMIT',
  'ROOT_FIELD_LIMIT',
  'FIELD_LIMIT',
  'COST_LIMIT',
  'LIST_LIMIT',
  'SUBSCRIPTION_LIMIT',
  'INTROSPECTION_DISABLED',
] as const;
type PolicyErrorCode = (typeof policyErrorCodes)[number];

/** A GraphQL error that clients may see as it is. */
export const policyError = (code: PolicyErrorCode, message: string, extensions: Readonly<Record<string, unknown>> = {}): GraphQLError =>
  new GraphQLError(message, { extensions: { code, ...extensions } });
