/** Words and sentence openings that documents, descriptions, messages and comments do not use, and the ones to use instead. */
export interface Term {
  pattern: RegExp;
  advice: string;
}

export const terms: readonly Term[] = [
  { pattern: /\basked\b/i, advice: 'use "requested", "sent" or "called"' },
  { pattern: /\btold\b/i, advice: 'use "reported"' },
  { pattern: /\btells? of\b/i, advice: 'use "reports"' },
  { pattern: /\bheard\b/i, advice: 'use "last contact" or "reported"' },
  { pattern: /\b(who|what|which)ever\b/i, advice: 'name the person or the thing' },
  { pattern: /\b(yes|no) of the (vendor|recorder)\b|\b(vendor|recorder)'s (yes|no)\b/i, advice: 'use "acknowledged" or "refused"' },
  { pattern: /\b(vendor|recorder|gateway)s? (takes?|took)\b/i, advice: 'use "accepts"' },
  { pattern: /\bstands? (in|at|behind|for|on|below|beside|under)\b/i, advice: 'use "is" or "means"' },
  { pattern: /\b(utilize|in order to|prior to|subsequent to|in the event that|leverage)\b/i, advice: 'use the short word' },
  { pattern: /\bat a stretch\b|\bas much as\b|\bthat which\b/i, advice: 'say it plainly' },
  { pattern: /\b(errand|sightings?|roster|tracker|nouns?|dials?|shelf)\b/i, advice: 'see the terms of the concepts page' },
  { pattern: /\b(fold(s|ed)?|tailing|take in|takes in|taken in)\b/i, advice: 'use "reduce", "read" or "load"' },
];

/** A sentence that opens like this and is no question hides its subject. */
export const opening = /^(What|Who|Whom|Whose|Whoever|Whatever|Whichever|Whether|As much as|That which)\b/;

export const maxSentenceWords = 36;
