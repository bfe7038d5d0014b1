import { ObjectType } from 'type-graphql';

@ObjectType({ simpleResolvers: true, description: 'A source that could not answer in time; the rest of the page is still good.' })
export class SourceError {}
