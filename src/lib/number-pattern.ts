/** A character that may stand between two digits of one number: a space, dash, dot, slash, or one that is not seen or only combines. */
const between = String.raw`(?:(?![,:;"@#%&!?{}[\]])[\s\p{Cf}\p{DI}\p{P}\p{S}\p{M}])`;

/** Such as `70 ... 10`, with marks that nobody sees on top. */
const maxBetween = 8;

/** The source of a pattern, for the flags `u` and `gu`: at least so many digits of any script, however they are grouped. Linear in the text. */
export const numberPattern = (minDigits: number): string => String.raw`\p{Nd}(?:${between}{0,${maxBetween}}\p{Nd}){${minDigits - 1},}`;
