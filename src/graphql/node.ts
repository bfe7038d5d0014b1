import { Field, ID, InterfaceType } from 'type-graphql';

@InterfaceType({ description: 'Anything that has a global id.', resolveType: (value: { __typename?: string }) => value.__typename })
export abstract class Node {
  @Field(() => ID, { description: 'Global id, opaque; give it back as it is.' })
  id!: string;
}
