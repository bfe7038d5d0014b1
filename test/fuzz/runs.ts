/** So many cases of each property: the same number in every run of the tests, more by `npm run fuzz`. */
export const fuzzRuns = (share = 1): { numRuns: number } => ({ numRuns: Math.ceil(Number(process.env.FUZZ_RUNS ?? 200) * share) });
