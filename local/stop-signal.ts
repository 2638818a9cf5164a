/** Tells a program when to stop. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const POLL_MILLISECONDS = 250;

/**
 * Resolves at the first signal to stop, or when npm, which started this program, is gone. Further signals are ignored:
 * Ctrl-C arrives twice, from the terminal and from npm, and must not interrupt a clean stop.
 *
 * npm passes on SIGINT and SIGTERM to its child process. The scripts in package.json begin with `exec`, so that the child
 * is this program and not a shell, which would pass on nothing. A killed npm sends no signal, so its process id is polled.
 */
export function signalToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.on(signal, () => resolve());
    if (process.env['npm_lifecycle_event'] === undefined) return;
    const npm = process.ppid;
    const look = (): void => {
      if (process.ppid !== npm) resolve();
    };
    setInterval(look, POLL_MILLISECONDS).unref();
  });
}
