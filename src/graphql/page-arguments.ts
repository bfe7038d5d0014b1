/** The paging arguments that every list takes, described once. */
export const pageArguments = {
  first: { defaultValue: 25, nullable: true, description: 'How many items; from 1 to the largest page the server allows, 100 by default.' },
  after: { nullable: true, description: 'A cursor of this list; the page starts behind it.' },
  listSize: '@listSize(slicingArguments: ["first"], sizedFields: ["edges", "nodes"], requireOneSlicingArgument: false)',
} as const;
