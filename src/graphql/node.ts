import { Field, ID, InterfaceType } from 'type-graphql';

@InterfaceType('Node', { description: 'Anything that has a global id.' })
export abstract class Node {
  @Field(() => ID, { description: 'Global id, opaque; give it back as it is.' })
  id!: string;
}
