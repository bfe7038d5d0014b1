/**
 * A field's value that graphql-js calls itself, with the object as `this`. For what a list asks of each item: type-graphql wraps each call of a
 * resolver's method. `Context` is as much of the execution's context as the field needs.
 */
export type FieldFunction<Owner, Context, T> = (this: Owner, args: object, context: Context) => Promise<T> | T;
