/** Completion of the command line in a shell, made from the commands and their options. */
import { type Command, options, UsageError } from './options.ts';

type Commands = Readonly<Record<string, Command>>;

/** Words that may follow a beginning of the command line. */
interface Rule {
  after: string;
  words: readonly string[];
  /** True if a file may follow too. */
  files: boolean;
}

const shells = ['bash', 'zsh'] as const;

const unique = (words: readonly string[]): readonly string[] => [...new Set(words)];

const rulesOf = (commands: Commands): readonly Rule[] => {
  const names = Object.keys(commands);
  const groups = unique(names.filter((name) => name.includes(' ')).map((name) => name.split(' ')[0]!));
  const first = unique(names.map((name) => name.split(' ')[0]!));
  const own = (name: string, { options: taken, operands = [] }: Command): Rule => ({
    after: name,
    words: [...(operands.includes('SHELL') ? shells : []), ...taken.map((option) => `--${option}`), '--help'],
    files: operands.includes('FILE'),
  });
  return [
    { after: '', words: [...first, 'help', '--help', '--version'], files: false },
    { after: 'help', words: first, files: false },
    ...groups.map((group) => ({
      after: group,
      words: names.filter((name) => name.startsWith(`${group} `)).map((name) => name.slice(group.length + 1)),
      files: false,
    })),
    ...Object.entries(commands).map(([name, command]) => own(name, command)),
  ];
};

/** Options behind which a file stands. */
const fileOptions = Object.entries(options)
  .filter(([, { value }]) => value === 'FILE')
  .map(([name]) => `--${name}`)
  .join('|');

/** The longest beginning comes first, since the first that fits counts. */
const inOrder = (rules: readonly Rule[]): readonly Rule[] => [...rules].sort((left, right) => right.after.length - left.after.length);

const cases = (rules: readonly Rule[], completionsOf: (rule: Rule) => string): string =>
  inOrder(rules)
    .map((rule) => `    ${rule.after === '' ? "''" : `'${rule.after}'|'${rule.after} '*`}) ${completionsOf(rule)} ;;`)
    .join('\n');

const bash = (commands: Commands): string => `# Completion of tapegraph for bash: source <(tapegraph completion bash)
_tapegraph() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  local line="\${COMP_WORDS[*]:1:COMP_CWORD-1}"
  COMPREPLY=()
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
    ${fileOptions}) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  case "$line" in
${cases(rulesOf(commands), ({ words, files }) => `COMPREPLY=($(compgen -W '${words.join(' ')}'${files ? ' -f' : ''} -- "$word"))`)}
  esac
}
complete -o filenames -F _tapegraph tapegraph
`;

const zsh = (commands: Commands): string => `#compdef tapegraph
# Completion of tapegraph for zsh: source <(tapegraph completion zsh), or put it into a file _tapegraph of $fpath.
_tapegraph() {
  local line="\${(j: :)words[2,CURRENT-1]}"
  case "\${words[CURRENT-1]}" in
    ${fileOptions}) _files; return ;;
  esac
  case "$line" in
${cases(rulesOf(commands), ({ words, files }) => `compadd -- ${words.join(' ')}${files ? '; _files' : ''}`)}
  esac
}
if [ "$funcstack[1]" = "_tapegraph" ]; then _tapegraph "$@"; else compdef _tapegraph tapegraph; fi
`;

/** The script for a shell; throws `UsageError` for one that is not known. */
export const completionScript = (shell: string, commands: Commands): string => {
  if (shell === 'bash') return bash(commands);
  if (shell === 'zsh') return zsh(commands);
  throw new UsageError(`tapegraph has no completion for "${shell}"; use ${shells.join(' or ')}.`);
};

export const completionOf = (commands: () => Commands): Command => ({
  summary: 'print the completion of this command line for bash or zsh',
  details: 'In bash: source <(tapegraph completion bash). In zsh: source <(tapegraph completion zsh).',
  options: [],
  operands: ['SHELL'],
  run: async ({ operands }) => {
    process.stdout.write(completionScript(operands[0]!, commands()));
  },
});
