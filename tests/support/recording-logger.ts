import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { Logger } from '@aws-lambda-powertools/logger';

/** The real logger, its lines kept instead of printed: a test sees exactly what would reach the log. */
export class RecordingLogger extends Logger {
  readonly lines: string[] = [];

  constructor() {
    super({ serviceName: 'test' });
    const keep = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.lines.push(chunk.toString());
        done();
      },
    });
    // The logger takes no stream: it prints to a console of its own, which is private to it.
    Reflect.set(this, 'console', new Console(keep));
  }

  /** Everything that was logged, as one text. */
  get text(): string {
    return this.lines.join('');
  }
}

/** A recording logger and its lines, for tests that name both. */
export function createRecordingLogger(): { logger: RecordingLogger; lines: string[] } {
  const logger = new RecordingLogger();
  return { logger, lines: logger.lines };
}
