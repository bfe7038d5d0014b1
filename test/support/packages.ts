/** Debian's packages, installed where that may be done: as root on a machine that has `apt-get`. */
import { spawnSync } from 'node:child_process';

/**
 * Installs what is missing of the packages, then runs the shell commands. Nothing happens where it may not be done, and a failure shows on
 * standard error only: whoever asks looks for what the packages bring, and says what is missing. Test files run side by side, and apt-get
 * refuses to run twice, so that one of them installs while the others wait.
 */
export const installPackages = (packages: readonly string[], commands = ''): void => {
  if (process.getuid?.() !== 0) return;
  const names = packages.join(' ');
  const script = `set -e; export DEBIAN_FRONTEND=noninteractive; command -v apt-get >/dev/null
    # What was removed is known still, by its configuration.
    present=$(dpkg-query -W -f '\${db:Status-Status}\n' ${names} 2>/dev/null | grep -c '^installed$' || true)
    test "$present" = ${packages.length} || { apt-get update -qq; apt-get install -y -qq --no-install-recommends ${names} >/dev/null; }
    ${commands}`;
  spawnSync('flock', ['/tmp/tapegraph-packages.lock', 'sh', '-c', script], { stdio: ['ignore', 2, 2] });
};
