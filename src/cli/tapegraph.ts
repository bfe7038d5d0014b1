/** The program. It asks for its Node before anything is loaded that an older one cannot read. */
import module from 'node:module';

const least: readonly [number, number] = [22, 19];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < least[0] || (major === least[0] && minor < least[1])) {
  process.stderr.write(`Tapegraph needs Node ${least.join('.')} or later; this is ${process.versions.node}, at ${process.execPath}.\n`);
  process.exitCode = 1;
} else {
  // Code that an earlier start compiled is read from the disk, which saves a third of the time to get ready.
  module.enableCompileCache();
  await import('./command-line.ts');
}
