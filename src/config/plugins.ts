/** Packages and files that bring more vendors; loaded before the settings of the sources are read. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { VendorModule } from '../vendors/kit/index.ts';
import type { Fault } from './environment.ts';

/** Resolves an `exports` entry by the conditions of an import. */
const entryOf = (target: unknown): string | null => {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return null;
  for (const condition of ['node', 'import', 'default'] as const) {
    const entry = entryOf((target as Record<string, unknown>)[condition]);
    if (entry !== null) return entry;
  }
  return null;
};

/** Finds a package from `directory` upwards, as an import of a file there would: also one that has no entry for `require`. */
const packageEntry = (name: string, directory: string): string => {
  for (let folder = directory; ; folder = dirname(folder)) {
    const home = join(folder, 'node_modules', name);
    if (existsSync(join(home, 'package.json'))) {
      const { exports, main } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { exports?: unknown; main?: string };
      const root = typeof exports === 'object' && exports !== null && '.' in exports ? (exports as Record<string, unknown>)['.'] : exports;
      return join(home, entryOf(root) ?? main ?? 'index.js');
    }
    if (dirname(folder) === folder) return createRequire(join(directory, 'tapegraph.yaml')).resolve(name);
  }
};

const isModule = (value: unknown): value is VendorModule => {
  const { type, title, settings, create } = (value ?? {}) as Record<string, unknown>;
  return typeof type === 'string' && typeof title === 'string' && typeof create === 'function' && typeof settings === 'object';
};

/** Tells why a vendor that a plug-in exports cannot be taken; null where it can. */
const vendorFault = ({ type, vendor, settings }: VendorModule, known: readonly VendorModule[]): string | null => {
  if (known.some((one) => one.type === type)) return `adds the vendor type "${type}", which exists already; give it another type`;
  if (vendor !== 'OTHER') return `sets vendor of "${type}", which only the vendors of this server have; leave it out`;
  if ((settings as { _zod?: unknown } | null)?._zod === undefined)
    return `has settings of "${type}" that are no Zod 4 schema; make them with z of tapegraph/vendor-kit`;
  return null;
};

/** Imports a module; one that waits while it loads for what never comes would end the program without a word. */
const importWithin = async (file: string, patienceMs: number): Promise<object> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it has not finished loading within ${patienceMs / 1000} seconds`)), patienceMs);
  });
  try {
    return await Promise.race([import(pathToFileURL(file).href), late]);
  } finally {
    clearTimeout(timer);
  }
};

/** Tells why a plug-in could not be loaded, in one line; Node's own words about a missing module name files of this program. */
const loadingFault = (error: unknown, file: string | null): string => {
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : { code: undefined, message: String(error) };
  if (file === null || !existsSync(file))
    return 'is not there; install the package beside the configuration, or give a path that begins with ./ or /';
  if (code === 'ERR_UNSUPPORTED_DIR_IMPORT') return 'could not be loaded: it is a directory; name a file in it';
  // Node keeps the place of a syntax error to itself.
  const advice = error instanceof SyntaxError ? '; node --check tells where' : '';
  return `could not be loaded: ${message.split('\n')[0]}${advice}`;
};

/** Vendors that a module exports, by whichever names, singly or in a list. */
const vendorsIn = (exports: object): VendorModule[] => [...new Set(Object.values(exports).flat())].filter(isModule);

/** A vendor, and the entry of `plugins` that brought it. */
interface PluginVendor {
  plugin: string;
  module: VendorModule;
}

interface LoadingContext {
  /** Paths are relative to it, and packages are found from it. */
  directory: string;
  /** The vendors that are there already. */
  known: readonly VendorModule[];
  /** Takes what cannot be loaded, by its name. */
  faults: Fault[];
  patienceMs?: number;
}

/** Loads the vendors of `plugins`. */
export const loadPlugins = async (
  plugins: readonly string[],
  { directory, known, faults, patienceMs = 10_000 }: LoadingContext,
): Promise<readonly PluginVendor[]> => {
  const loaded: PluginVendor[] = [];
  for (const [index, plugin] of plugins.entries()) {
    const refuse = (message: string) => faults.push({ path: `plugins.${index}`, message: `"${plugin}" ${message}` });
    let file: string | null = null;
    try {
      file = /^[./]/.test(plugin) ? resolve(directory, plugin) : packageEntry(plugin, directory);
      const vendors = vendorsIn(await importWithin(file, patienceMs));
      if (vendors.length === 0) refuse('exports no vendor; export what defineVendor of tapegraph/vendor-kit returns');
      for (const module of vendors) {
        const fault = vendorFault(module, [...known, ...loaded.map((one) => one.module)]);
        if (fault === null) loaded.push({ plugin, module });
        else refuse(fault);
      }
    } catch (error) {
      refuse(loadingFault(error, file));
    }
  }
  return loaded;
};
