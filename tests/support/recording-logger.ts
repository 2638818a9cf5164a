import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { Logger } from '@aws-lambda-powertools/logger';

/** The real logger, which records its lines instead of printing them. A test reads the exact log. */
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
    // The logger accepts no stream. It prints to a private console, which is replaced here.
    Reflect.set(this, 'console', new Console(keep));
  }

  /** All lines as one text. */
  get text(): string {
    return this.lines.join('');
  }
}

/** A recording logger and its lines, for tests that use both. */
export function createRecordingLogger(): { logger: RecordingLogger; lines: string[] } {
  const logger = new RecordingLogger();
  return { logger, lines: logger.lines };
}
