/** Reads the operator's file and reports all errors together, each with its path. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { nearest } from '../lib/nearest.ts';
import type { VendorModule } from '../vendors/kit/index.ts';
import { type Auth, authOf, checkAuth, isLoopbackOnly } from './auth.ts';
import { certificateFaults } from './certificate-file.ts';
import { type Environment, type Fault, substitute, substitutionFrom } from './environment.ts';
import { faultsOf } from './faults.ts';
import { loadPlugins } from './plugins.ts';
import { parseScalars } from './scalars.ts';
import { type Outline, outline } from './schema.ts';
import { readTrustedDocuments } from './trusted-documents.ts';
import { readYaml } from './yaml-file.ts';

export interface SourceSettings {
  module: VendorModule;
  settings: { name: string };
  /** The entry of `plugins` that brought the vendor; absent for a vendor of this server. */
  plugin?: string | undefined;
}

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

interface SourcesContext {
  modules: readonly VendorModule[];
  fromEnvironment: ReadonlySet<unknown>;
  loopbackOnly: boolean;
  faults: Fault[];
  /** The indices of the blocks that were read, by their names. */
  places: Map<string, number>;
}

/** The vendor that a block names; undefined, with a fault, where it names none. */
const moduleOf = ({ modules, faults }: SourcesContext, block: unknown, path: string): VendorModule | undefined => {
  const type = (block as { vendor?: unknown } | null)?.vendor;
  const module = modules.find((one) => one.type === type);
  if (module) return module;
  const types = modules.map((one) => one.type);
  const meant = typeof type === 'string' ? nearest(type, types) : null;
  const advice = meant === null ? `give one of ${types.join(', ')}` : `did you mean ${meant}?`;
  const what = type === undefined ? 'is missing' : typeof type === 'string' ? `"${type}" is not known` : 'must be text';
  faults.push({ path: `${path}.vendor`, message: `${what}; ${advice}` });
  return undefined;
};

/** The settings in the block at `index`, by the schema of its vendor; none, with the faults, where it is not satisfied. */
const readSettings = (context: SourcesContext, module: VendorModule, [block, index]: [unknown, number]): readonly SourceSettings[] => {
  const { fromEnvironment, loopbackOnly, faults, places } = context;
  const path = `sources.${index}`;
  const result = parseScalars(module.settings, block, fromEnvironment);
  if (!result.success) {
    const reading = { schema: module.settings, document: block, prefix: path, fromEnvironment };
    faults.push(...result.error.issues.flatMap((issue) => faultsOf(issue, reading)));
    return [];
  }
  const { name } = result.data;
  const earlier = places.get(name);
  if (earlier !== undefined)
    faults.push({
      path: `${path}.name`,
      message: `"${name}" is already the name of sources.${earlier}; names must be unique, because ids contain them`,
    });
  places.set(name, index);
  const fault = module.fault?.(result.data, { loopbackOnly }) ?? null;
  if (fault !== null) faults.push({ path, message: fault });
  return [{ module, settings: result.data }];
};

const readSource = (context: SourcesContext, block: unknown, index: number): readonly SourceSettings[] => {
  const path = `sources.${index}`;
  const module = moduleOf(context, block, path);
  if (!module) return [];
  try {
    return readSettings(context, module, [block, index]);
  } catch (error) {
    // Code of a plug-in: its own error must not hide the other faults.
    context.faults.push({ path, message: `the vendor "${module.type}" could not read these settings: ${(error as Error).message}` });
    return [];
  }
};

const checkTrustedDocuments = (file: string, faults: Fault[]): void => {
  try {
    readTrustedDocuments(file);
  } catch (error) {
    faults.push({ path: 'server.trustedDocuments', message: `${file}: ${(error as Error).message}` });
  }
};

interface ReadingContext {
  modules: readonly VendorModule[];
  environment: Environment;
  /** Names the document in the error. */
  where: string;
  /** Faults that were found before the document was read. */
  loadingFaults?: readonly Fault[];
}

/** The configuration that a parsed document says; throws `ConfigurationError`. */
export const readConfiguration = (
  document: unknown,
  { modules, environment, where, loadingFaults = [] }: ReadingContext,
): Configuration => {
  const faults: Fault[] = [...loadingFaults];
  const substitution = substitutionFrom(environment);
  const { faults: unset, fromEnvironment } = substitution;
  const substituted = substitute(substitution, document);
  const result = parseScalars(outline, substituted, fromEnvironment);
  if (!result.success)
    faults.push(...result.error.issues.flatMap((issue) => faultsOf(issue, { schema: outline, document: substituted, fromEnvironment })));
  const given = (substituted ?? {}) as { sources?: unknown; server?: unknown; auth?: unknown };
  // Blocks without a fault are checked further, whatever is wrong with others.
  const [server, auth] = [outline.shape.server.safeParse(given.server), outline.shape.auth.safeParse(given.auth)];
  const blocks: readonly { name?: unknown }[] = Array.isArray(given.sources) ? given.sources : [];
  const names = blocks.map((block) => block?.name).filter((name) => typeof name === 'string');
  if (server.success && auth.success) checkAuth({ server: server.data, auth: auth.data }, names, faults);
  if (server.success && server.data.trustedDocuments !== undefined) checkTrustedDocuments(server.data.trustedDocuments, faults);
  const loopbackOnly = !server.success || isLoopbackOnly(server.data);
  const context = { modules, fromEnvironment, loopbackOnly, faults, places: new Map<string, number>() };
  const sources = blocks.flatMap((block, index) => readSource(context, block, index));
  // A value that an unset variable left empty is no fault of its own.
  const reported = [...unset, ...faults.filter(({ path }) => unset.every((fault) => fault.path !== path))];
  if (reported.length > 0 || !result.success) throw new ConfigurationError(where, reported);
  return { ...result.data, auth: authOf(result.data.auth), sources, loopbackOnly };
};

/** The file named by TAPEGRAPH_CONFIG, else ./tapegraph.yaml; null where there is neither, which asks for the demo. */
export const findConfiguration = (environment: Environment): string | null =>
  environment.TAPEGRAPH_CONFIG || (existsSync('tapegraph.yaml') ? 'tapegraph.yaml' : null);

/** The document in a file; throws `ConfigurationError`. */
const documentIn = (file: string): unknown => {
  const read = readYaml(file);
  if ('faults' in read) throw new ConfigurationError(file, read.faults);
  return read.document;
};

const pluginsOf = (document: unknown, environment: Environment): readonly string[] => {
  const substitution = substitutionFrom(environment);
  const given = { plugins: substitute(substitution, (document as { plugins?: unknown } | null)?.plugins) };
  parseScalars(outline.pick({ plugins: true }), given, substitution.fromEnvironment);
  return Array.isArray(given.plugins) ? given.plugins.filter((plugin) => typeof plugin === 'string' && plugin !== '') : [];
};

/** The plug-ins that a file names; throws `ConfigurationError` where it is no YAML. */
export const pluginsIn = (file: string, environment: Environment): readonly string[] => pluginsOf(documentIn(file), environment);

/** The configuration in a file, with the vendors of the plug-ins that it names; their faults are reported with all others. */
export const loadConfiguration = async (
  file: string,
  modules: readonly VendorModule[],
  environment: Environment,
): Promise<Configuration> => {
  const document = documentIn(file);
  const loadingFaults: Fault[] = [...certificateFaults(document, environment)];
  const directory = dirname(resolve(file));
  const plugins = await loadPlugins(pluginsOf(document, environment), { directory, known: modules, faults: loadingFaults });
  const all = [...modules, ...plugins.map(({ module }) => module)];
  const configuration = readConfiguration(document, { modules: all, environment, where: file, loadingFaults });
  const pluginOf = ({ module }: SourceSettings) => plugins.find((one) => one.module === module)?.plugin;
  return { ...configuration, sources: configuration.sources.map((source) => ({ ...source, plugin: pluginOf(source) })) };
};
