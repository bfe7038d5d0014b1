import { Field, ID, InterfaceType } from 'type-graphql';

@InterfaceType('Node', { description: 'An object with a global id.' })
export abstract class Node {
  @Field(() => ID, { description: 'Global id; opaque. Return it unchanged.' })
  id!: string;
}
