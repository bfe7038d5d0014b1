/** A pure function of a text that comes again and again, which remembers its last answers. */
export const remembered = <T>(work: (text: string) => T, capacity = 1000): ((text: string) => T) => {
  const answers = new Map<string, T>();
  return (text) => {
    if (answers.has(text)) return answers.get(text)!;
    const answer = work(text);
    answers.set(text, answer);
    if (answers.size > capacity) answers.delete(answers.keys().next().value!);
    return answer;
  };
};
