/** What Apollo Federation adds to a subgraph's schema, as its library would: names that are not imported carry their specification's. */
import type { ConstDirectiveNode, DocumentNode } from 'graphql';
import { Kind, valueFromASTUntyped } from 'graphql';

const specification = 'https://specs.apollo.dev/federation/';

const anywhere = 'FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT';
const guarded = 'FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM';

/** By name: arguments, whether it repeats, and where it may stand. Federation 2.9. */
const directives: Readonly<Record<string, string>> = {
  key: '(fields: federation__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE',
  requires: '(fields: federation__FieldSet!) on FIELD_DEFINITION',
  provides: '(fields: federation__FieldSet!) on FIELD_DEFINITION',
  external: '(reason: String) on OBJECT | FIELD_DEFINITION',
  tag: `(name: String!) repeatable on ${anywhere} | INPUT_FIELD_DEFINITION | SCHEMA`,
  extends: ' on OBJECT | INTERFACE',
  shareable: ' repeatable on OBJECT | FIELD_DEFINITION',
  inaccessible: ` on ${anywhere} | INPUT_FIELD_DEFINITION`,
  override: '(from: String!, label: String) on FIELD_DEFINITION',
  composeDirective: '(name: String) repeatable on SCHEMA',
  interfaceObject: ' on OBJECT',
  authenticated: ` on ${guarded}`,
  requiresScopes: `(scopes: [[federation__Scope!]!]!) on ${guarded}`,
  policy: `(policies: [[federation__Policy!]!]!) on ${guarded}`,
  context: '(name: String!) repeatable on INTERFACE | OBJECT | UNION',
  fromContext: '(field: federation__ContextFieldValue) on ARGUMENT_DEFINITION',
  cost: '(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR',
  listSize:
    '(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION',
};

const argumentsOf = (link: ConstDirectiveNode): Readonly<Record<string, unknown>> =>
  Object.fromEntries((link.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));

/** The directives that a document's `@link` imports from the specification, as `@key`. */
const importedBy = (document: DocumentNode): ReadonlySet<unknown> => {
  const links = document.definitions
    .flatMap((node) => (node.kind === Kind.SCHEMA_EXTENSION ? (node.directives ?? []) : []))
    .map(argumentsOf);
  return new Set(links.flatMap(({ url, import: names }) => (String(url).startsWith(specification) ? ((names ?? []) as unknown[]) : [])));
};

/** SDL of what the specification defines, and of the fields by which a gateway asks for `entities`, the types that have a key. */
export const federationDefinitions = (head: DocumentNode, entities: readonly string[]): string => {
  const imported = importedBy(head);
  const named = (name: string) => (imported.has(`@${name}`) ? name : `federation__${name}`);
  return `
    directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
    ${Object.entries(directives)
      .map(([name, rest]) => `directive @${named(name)}${rest}`)
      .join('\n')}

    enum link__Purpose {
      "\`SECURITY\` features provide metadata necessary to securely resolve fields."
      SECURITY
      "\`EXECUTION\` features provide metadata necessary for operation execution."
      EXECUTION
    }
    scalar link__Import
    scalar federation__FieldSet
    scalar federation__Scope
    scalar federation__Policy
    scalar federation__ContextFieldValue

    scalar _Any
    type _Service { sdl: String }
    union _Entity = ${entities.join(' | ')}
    extend type Query {
      _entities(representations: [_Any!]!): [_Entity]!
      _service: _Service!
    }`;
};
