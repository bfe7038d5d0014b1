/** The vendors' servers take property names in any case; so is read what they answer. */
import * as z from 'zod';

type Properties = Readonly<Record<string, unknown>>;

const isProperties = (value: unknown): value is Properties => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Spells these names as given; a name that is spelled so already wins over one in another case. Other names stay as they are. */
const spelled = (names: readonly string[]) => {
  const proper = new Set(names);
  const byLowerCase = new Map(names.map((name) => [name.toLowerCase(), name]));
  return (value: unknown): unknown => {
    if (!isProperties(value)) return value;
    let odd = false;
    for (const key in value) if (!proper.has(key) && byLowerCase.has(key.toLowerCase())) odd = true;
    if (!odd) return value;
    const others = Object.entries(value).map(([key, one]) => [proper.has(key) ? key : (byLowerCase.get(key.toLowerCase()) ?? key), one]);
    return { ...Object.fromEntries(others), ...Object.fromEntries(Object.entries(value).filter(([key]) => proper.has(key))) };
  };
};

/** As `z.object`, with the properties' names in any case. */
export const anyCaseObject = <Shape extends z.ZodRawShape>(shape: Shape) => z.preprocess(spelled(Object.keys(shape)), z.object(shape));
