/** The licences of the packages that a bundle is made of, as they ask to be shown. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Manifest {
  name: string;
  version: string;
  license?: string;
}

/** The package folders that files lie in, such as `node_modules/a` and `node_modules/a/node_modules/@b/c`. */
const packagesOf = (files: readonly string[]): string[] => {
  const folders = files.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  return [...new Set(folders)].sort();
};

const licenceText = async (folder: string): Promise<string> => {
  const names = (await readdir(folder)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).map((text) => text.trim()).join('\n\n');
};

/** Markdown: a section a package, with its licence's own text where it brings one. */
export const noticesOf = async (root: string, files: readonly string[]): Promise<string> => {
  const sections = await Promise.all(
    packagesOf(files).map(async (folder) => {
      const { name, version, license = 'not told' } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as Manifest;
      const text = await licenceText(join(root, folder));
      return `## ${name} ${version}\n\nLicence: ${license}\n${text === '' ? '' : `\n${text.replace(/^/gm, '    ').trimEnd()}\n`}`;
    }),
  );
  return `# What the built server and vendor kit contain of others\n\n${sections.join('\n')}`;
};
