/** Reads the operator's file and reports all errors together, each with its path. */
import { existsSync, readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { dirname, resolve } from 'node:path';
import { type Document, isScalar, parseDocument } from 'yaml';
import { nearest } from '../lib/nearest.ts';
import type { VendorModule } from '../vendors/kit/index.ts';
import { certificateFaults } from './certificate-file.ts';
import { type Fault, substitute } from './environment.ts';
import { faultsOf } from './faults.ts';
import { fileFault } from './file-fault.ts';
import { loadPlugins } from './plugins.ts';
import { keepTexts, parseScalars } from './scalars.ts';
import { type Outline, outline } from './schema.ts';
import { readTrustedDocuments } from './trusted-documents.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface SourceSettings {
  module: VendorModule;
  settings: { name: string };
}

type AuthBlock = NonNullable<Outline['auth']>;

/** The `auth:` block; each mode has its own settings and no other's. */
type Auth =
  | { mode: 'none' }
  | { mode: 'apiKeys'; apiKeys: NonNullable<AuthBlock['apiKeys']> }
  | { mode: 'jwt'; jwt: NonNullable<AuthBlock['jwt']> };

export interface Configuration extends Omit<Outline, 'sources' | 'auth'> {
  auth: Auth;
  sources: readonly SourceSettings[];
  /** True if the server can be reached from its own machine only. */
  loopbackOnly: boolean;
}

/** The message lists every fault, a line each. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly faults: readonly Fault[];

  constructor(where: string, faults: readonly Fault[]) {
    const lines = faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
    super(
      lines.length === 1 ? `${where}: ${lines[0]}` : `${where} has ${lines.length} errors:\n${lines.map((line) => `  ${line}`).join('\n')}`,
    );
    this.faults = faults;
  }
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));

/** Returns true if only callers of this machine can reach the server: a proxy in front of it passes on anybody's requests as its own. */
const isLoopbackOnly = ({ host, publicUrl, trustedProxies }: Outline['server']): boolean =>
  isLoopback(host) && trustedProxies.length === 0 && (publicUrl === undefined || isLoopback(new URL(publicUrl).hostname));

/** Called for a block without faults: its mode has its settings. */
const authOf = (block: AuthBlock | undefined): Auth => {
  if (block?.mode === 'apiKeys') return { mode: 'apiKeys', apiKeys: block.apiKeys! };
  if (block?.mode === 'jwt') return { mode: 'jwt', jwt: block.jwt! };
  return { mode: 'none' };
};

const readSources = (
  blocks: readonly unknown[],
  modules: readonly VendorModule[],
  fromEnvironment: ReadonlySet<unknown>,
  faults: Fault[],
): SourceSettings[] => {
  const read: SourceSettings[] = [];
  const places = new Map<string, number>();
  blocks.forEach((block, index) => {
    const path = `sources.${index}`;
    const type = (block as { vendor?: unknown } | null)?.vendor;
    const module = modules.find((one) => one.type === type);
    if (!module) {
      const types = modules.map((one) => one.type);
      const meant = typeof type === 'string' ? nearest(type, types) : null;
      const advice = meant === null ? `give one of ${types.join(', ')}` : `did you mean ${meant}?`;
      const what = type === undefined ? 'is missing' : typeof type === 'string' ? `"${type}" is not known` : 'must be text';
      faults.push({ path: `${path}.vendor`, message: `${what}; ${advice}` });
      return;
    }
    const result = parseScalars(module.settings, block, fromEnvironment);
    if (!result.success) {
      faults.push(
        ...result.error.issues.flatMap((issue) =>
          faultsOf(issue, { schema: module.settings, document: block, prefix: path, fromEnvironment }),
        ),
      );
      return;
    }
    const { name } = result.data;
    const earlier = places.get(name);
    if (earlier !== undefined)
      faults.push({
        path: `${path}.name`,
        message: `"${name}" is already the name of sources.${earlier}; names must be unique, because ids contain them`,
      });
    places.set(name, index);
    read.push({ module, settings: result.data });
  });
  return read;
};

const checkAuth = ({ auth, server, sources }: Outline, names: readonly string[], faults: Fault[]): void => {
  const loopbackOnly = isLoopbackOnly(server);
  const proxied = isLoopback(server.host) && !loopbackOnly;
  const where = proxied ? 'behind a proxy (server.publicUrl or server.trustedProxies says so)' : `on ${server.host}`;
  if (!auth) {
    if (!loopbackOnly)
      faults.push({ path: 'auth', message: `is missing; a server ${where} needs auth.mode apiKeys or jwt (none is for loopback only)` });
    return;
  }
  if (auth.mode === 'none' && !loopbackOnly)
    faults.push({
      path: 'auth.mode',
      message: `none is refused ${where}; use apiKeys or jwt${proxied ? '' : ', or listen on 127.0.0.1'}`,
    });
  if (auth.mode === 'apiKeys' && !auth.apiKeys?.length)
    faults.push({ path: 'auth.apiKeys', message: 'is missing; mode apiKeys needs at least one key' });
  if (auth.mode === 'jwt' && !auth.jwt)
    faults.push({ path: 'auth.jwt', message: 'is missing; mode jwt needs issuer, audience and jwksUrl' });
  const advice = (source: string): string => {
    const meant = nearest(source, names);
    return meant === null ? `give some of ${names.join(', ')}` : `did you mean ${meant}?`;
  };
  const seen = new Set<string>();
  auth.apiKeys?.forEach((key, index) => {
    if (seen.has(key.name))
      faults.push({
        path: `auth.apiKeys.${index}.name`,
        message: `"${key.name}" is used twice; names must be unique, because the ledger identifies callers by name`,
      });
    seen.add(key.name);
    for (const source of key.sources ?? []) {
      if (!names.includes(source) && sources.length > 0)
        faults.push({ path: `auth.apiKeys.${index}.sources`, message: `"${source}" is not the name of a source; ${advice(source)}` });
    }
  });
};

/** The configuration that a parsed document says; throws `ConfigurationError`. */
export const readConfiguration = (
  document: unknown,
  modules: readonly VendorModule[],
  environment: Readonly<Record<string, string | undefined>>,
  where: string,
  loadingFaults: readonly Fault[] = [],
): Configuration => {
  const faults: Fault[] = [...loadingFaults];
  const unset: Fault[] = [];
  const fromEnvironment = new Set<unknown>();
  const substituted = substitute(document, environment, unset, '', fromEnvironment);
  const result = parseScalars(outline, substituted, fromEnvironment);
  const blocks = (substituted as { sources?: unknown } | null)?.sources;
  const sources = readSources(Array.isArray(blocks) ? blocks : [], modules, fromEnvironment, faults);
  if (result.success)
    checkAuth(
      result.data,
      sources.map(({ settings }) => settings.name),
      faults,
    );
  else faults.push(...result.error.issues.flatMap((issue) => faultsOf(issue, { schema: outline, document: substituted, fromEnvironment })));
  if (result.success && result.data.server.trustedDocuments !== undefined) {
    try {
      readTrustedDocuments(result.data.server.trustedDocuments);
    } catch (error) {
      faults.push({ path: 'server.trustedDocuments', message: `${result.data.server.trustedDocuments}: ${(error as Error).message}` });
    }
  }
  // A value that an unset variable left empty is no fault of its own.
  const reported = [...unset, ...faults.filter(({ path }) => unset.every((fault) => fault.path !== path))];
  if (reported.length > 0 || !result.success) throw new ConfigurationError(where, reported);
  const loopbackOnly = isLoopbackOnly(result.data.server);
  return { ...result.data, auth: authOf(result.data.auth), sources, loopbackOnly };
};

/** The file named by TAPEGRAPH_CONFIG, else ./tapegraph.yaml; null where there is neither, which asks for the demo. */
export const findConfiguration = (environment: Readonly<Record<string, string | undefined>>): string | null =>
  environment.TAPEGRAPH_CONFIG ?? (existsSync('tapegraph.yaml') ? 'tapegraph.yaml' : null);

/** A fault for each line that is no YAML: what follows on the same line follows from it. The place that yaml's messages repeat is left out. */
const yamlFaults = (text: string, { errors }: Document): readonly Fault[] => {
  const lines = text.split('\n');
  const faults = new Map<string, string>();
  for (const { message, linePos } of errors) {
    const line = linePos?.[0].line;
    const path = `line ${line ?? '?'}`;
    if (faults.has(path)) continue;
    const written = lines[(line ?? 0) - 1] ?? '';
    const bracket = written.search(/[{[]/);
    const remedy =
      bracket !== -1 && written.includes('${', bracket + 1)
        ? `within { } and [ ], write a variable in quotes, such as "$\{NAME}"`
        : 'correct the YAML';
    const what = message.split('\n')[0]!.replace(/ at line \d+, column \d+:$/, '');
    // The token that it may quote is part of a secret where the secret is what is written wrong.
    faults.set(path, `${what.split(' in YAML stream: ')[0]}; ${remedy}`);
  }
  return [...faults].map(([path, message]) => ({ path, message }));
};

/** The document in a file, without its aliases. */
const documentIn = (file: string): unknown => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigurationError(file, [{ path: '', message: fileFault(error) }]);
  }
  const document = parseDocument(text, { prettyErrors: true });
  if (document.errors.length > 0) {
    throw new ConfigurationError(file, yamlFaults(text, document));
  }
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null))
    throw new ConfigurationError(file, [{ path: '', message: 'the file is empty; it needs at least `sources:`' }]);
  keepTexts(document);
  return plain(document, file);
};

const pluginsOf = (document: unknown, environment: Environment): readonly string[] => {
  const given = substitute((document as { plugins?: unknown } | null)?.plugins, environment, []);
  return Array.isArray(given) ? given.filter((plugin) => typeof plugin === 'string') : [];
};

/** The plug-ins that a file names; throws `ConfigurationError` where it is no YAML. */
export const pluginsIn = (file: string, environment: Environment): readonly string[] => pluginsOf(documentIn(file), environment);

/** Of a file without plug-ins. */
export const loadConfiguration = (file: string, modules: readonly VendorModule[], environment: Environment): Configuration =>
  readConfiguration(documentIn(file), modules, environment, file);

/** As `loadConfiguration`, with the vendors of the plug-ins that it names; their faults are reported with all others. */
export const loadWithPlugins = async (file: string, modules: readonly VendorModule[], environment: Environment): Promise<Configuration> => {
  const document = documentIn(file);
  const faults: Fault[] = [...certificateFaults(document, environment)];
  const plugins = await loadPlugins(pluginsOf(document, environment), dirname(resolve(file)), modules, faults);
  return readConfiguration(document, [...modules, ...plugins], environment, file, faults);
};

/** Without its aliases: those that would unfold into millions of values, or into themselves, are a fault and not a hang. */
const plain = (document: Document, file: string): unknown => {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    // Throws for a value that holds itself.
    JSON.stringify(value);
    return value;
  } catch {
    throw new ConfigurationError(file, [{ path: '', message: 'its aliases (*name) are circular or too large; write out their values' }]);
  }
};
