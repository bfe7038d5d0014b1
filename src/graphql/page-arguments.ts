/** The paging arguments that every list takes, described once. */
export const pageArguments = {
  first: { defaultValue: 25, nullable: true, description: "The number of items: from 1 to the server's maximum, 100 by default." },
  after: { nullable: true, description: 'A cursor of this list. The page starts after it.' },
  listSize: '@listSize(slicingArguments: ["first"], sizedFields: ["edges", "nodes"], requireOneSlicingArgument: false)',
} as const;
