/** When a program that runs a stack has to end it. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const LOOK_MILLISECONDS = 250;

/**
 * Resolves at the first signal to stop, or when npm, which started this program, is gone. Further signals change nothing:
 * Ctrl-C arrives twice, from the terminal and from npm, and neither may interrupt a clean stop.
 *
 * npm passes on SIGINT and SIGTERM to the process that it started. That is this one, because the scripts of package.json
 * begin with `exec`: without it, that is a shell which dies without telling anybody. A killed npm says nothing at all.
 */
export function signalToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.on(signal, () => resolve());
    if (process.env['npm_lifecycle_event'] === undefined) return;
    const npm = process.ppid;
    const look = (): void => {
      if (process.ppid !== npm) resolve();
    };
    setInterval(look, LOOK_MILLISECONDS).unref();
  });
}
