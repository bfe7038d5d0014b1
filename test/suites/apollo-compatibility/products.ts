/** The suite's Products subgraph in type-graphql classes, federated by this project's assembly. */
import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { Arg, buildSchema, Directive, Field, FieldResolver, Float, ID, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { subgraphOf } from '../../../src/graphql/subgraph.ts';

const head = `
extend schema
  @link(
    url: "https://specs.apollo.dev/federation/v2.3"
    import: [
      "@composeDirective", "@extends", "@external", "@key", "@inaccessible", "@interfaceObject"
      "@override", "@provides", "@requires", "@shareable", "@tag"
    ]
  )
  @link(url: "https://myspecs.dev/myCustomDirective/v1.0", import: ["@custom"])
  @composeDirective(name: "@custom")

directive @custom on OBJECT
`;

@ObjectType({ simpleResolvers: true })
class ProductVariation {
  @Field(() => ID)
  id!: string;
}

@ObjectType({ simpleResolvers: true })
class CaseStudy {
  @Field(() => ID)
  caseNumber!: string;

  @Field(() => String, { nullable: true })
  description!: string | null;
}

@Directive('@key(fields: "study { caseNumber }")')
@ObjectType({ simpleResolvers: true })
class ProductResearch {
  @Field(() => CaseStudy)
  study!: CaseStudy;

  @Field(() => String, { nullable: true })
  outcome!: string | null;
}

@Directive('@shareable')
@ObjectType({ simpleResolvers: true })
class ProductDimension {
  @Field(() => String, { nullable: true })
  size!: string | null;

  @Field(() => Float, { nullable: true })
  weight!: number | null;

  @Directive('@inaccessible')
  @Field(() => String, { nullable: true })
  unit!: string | null;
}

@Directive('@extends')
@Directive('@key(fields: "email")')
@ObjectType({ simpleResolvers: true })
class User {
  @Directive('@external')
  @Field(() => ID)
  email!: string;

  @Directive('@override(from: "users")')
  @Field(() => String, { nullable: true })
  name!: string | null;

  @Directive('@external')
  @Field(() => Int, { nullable: true })
  totalProductsCreated!: number | null;

  @Directive('@external')
  @Field(() => Int)
  yearsOfEmployment!: number;
}

@Directive('@key(fields: "sku package")')
@ObjectType({ simpleResolvers: true })
class DeprecatedProduct {
  @Field(() => String)
  sku!: string;

  @Field(() => String)
  package!: string;

  @Field(() => String, { nullable: true })
  reason!: string | null;

  @Field(() => User, { nullable: true })
  createdBy!: Partial<User> | null;
}

@Directive('@custom')
@Directive('@key(fields: "id")')
@Directive('@key(fields: "sku package")')
@Directive('@key(fields: "sku variation { id }")')
@ObjectType({ simpleResolvers: true })
class Product {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true })
  sku!: string | null;

  @Field(() => String, { nullable: true })
  package!: string | null;

  @Field(() => ProductVariation, { nullable: true })
  variation!: ProductVariation | null;

  @Field(() => ProductDimension, { nullable: true })
  dimensions!: ProductDimension | null;

  @Directive('@provides(fields: "totalProductsCreated")')
  @Field(() => User, { nullable: true })
  createdBy!: Partial<User> | null;

  @Directive('@tag(name: "internal")')
  @Field(() => String, { nullable: true })
  notes!: string | null;

  @Field(() => [ProductResearch])
  research!: ProductResearch[];
}

@Directive('@interfaceObject')
@Directive('@key(fields: "id")')
@ObjectType({ simpleResolvers: true })
class Inventory {
  @Field(() => ID)
  id!: string;

  @Field(() => [DeprecatedProduct])
  deprecatedProducts!: DeprecatedProduct[];
}

const creator: Partial<User> = { email: 'support@apollographql.com', name: 'Jane Smith', totalProductsCreated: 1337 };
const dimensions: ProductDimension = { size: 'small', weight: 1, unit: 'kg' };
const researchOf = (caseNumber: string, description: string): ProductResearch => ({ study: { caseNumber, description }, outcome: null });
const research = [researchOf('1234', 'Federation Study'), researchOf('1235', 'Studio Study')];

const productOf = (id: string, sku: string, name: string, variation: string, studies: ProductResearch[]): Product => ({
  id,
  sku,
  package: name,
  variation: { id: variation },
  dimensions,
  createdBy: creator,
  notes: null,
  research: studies,
});
const products = [
  productOf('apollo-federation', 'federation', '@apollo/federation', 'OSS', [research[0]!]),
  productOf('apollo-studio', 'studio', '', 'platform', [research[1]!]),
];
const deprecated: DeprecatedProduct = {
  sku: 'apollo-federation-v1',
  package: '@apollo/federation-v1',
  reason: 'Migrate to Federation V2',
  createdBy: creator,
};

@Resolver(() => Product)
class ProductResolver {
  @Query(() => Product, { nullable: true })
  product(@Arg('id', () => ID) id: string): Product | null {
    return products.find((product) => product.id === id) ?? null;
  }

  @Query(() => DeprecatedProduct, { nullable: true, deprecationReason: 'Use product query instead' })
  deprecatedProduct(@Arg('sku', () => String) sku: string, @Arg('package', () => String) name: string): DeprecatedProduct | null {
    return deprecated.sku === sku && deprecated.package === name ? deprecated : null;
  }
}

@Resolver(() => User)
class UserResolver {
  @Directive('@requires(fields: "totalProductsCreated yearsOfEmployment")')
  @FieldResolver(() => Int, { nullable: true })
  averageProductsCreatedPerYear(@Root() user: User): number {
    return Math.round((user.totalProductsCreated ?? 0) / user.yearsOfEmployment);
  }
}

const matches = (given: object, row: object): boolean =>
  Object.entries(given).every(([field, value]) => {
    const own = row[field as never] as unknown;
    return field === '__typename' || (typeof value === 'object' && value !== null ? matches(value, own as object) : own === value);
  });

const findIn = (rows: readonly object[]) => (given: { __typename?: string }) => {
  const found = rows.find((row) => matches(given, row));
  return found ? { ...found, __typename: given.__typename } : null;
};

const references = {
  Product: findIn(products),
  DeprecatedProduct: findIn([deprecated]),
  ProductResearch: findIn(research),
  User: (given: object) => ({ ...creator, ...given }),
  Inventory: findIn([{ id: 'apollo-oss', deprecatedProducts: [deprecated] }]),
};

export const createProductsSchema = async (): Promise<GraphQLSchema> => {
  const codeFirst = await buildSchema({
    resolvers: [ProductResolver, UserResolver],
    orphanedTypes: [Inventory, ProductResearch],
    validate: false,
    skipCheck: true,
  });
  return subgraphOf(codeFirst, { head, references });
};
