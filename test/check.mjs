/** `npm run check`: runs all checks side by side, prints what each of them says, and ends with 1 where one fails. */
import { spawn } from 'node:child_process';

const checks = ['biome ci .', 'tsc -p .', 'node --import tsx test/fresh.ts', 'npm run words --silent'];

const check = (command) =>
  new Promise((resolve) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
    child.once('close', (code) => {
      process.stdout.write(Buffer.concat(said));
      if (code !== 0) process.stdout.write(`✖ ${command}\n`);
      resolve(code === 0);
    });
  });

const passed = await Promise.all(checks.map(check));
if (passed.includes(false)) process.exitCode = 1;
