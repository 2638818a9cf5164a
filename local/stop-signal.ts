/** Tells a program when to stop. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const POLL_MILLISECONDS = 250;

/**
 * Resolves at the first signal to stop, or when npm, which started this program, has ended. Further signals are ignored,
 * so that they do not interrupt the stop: Ctrl-C arrives twice, from the terminal and from npm.
 *
 * npm forwards SIGINT and SIGTERM to its child process. A shell would not forward them, so the scripts in package.json
 * begin with `exec`, which makes this program the child. A killed npm sends no signal, so its process id is polled.
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
