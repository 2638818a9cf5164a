/** The process of proxy-process.ts, run with native type stripping. Reports that it is loaded, then handles requests. */
import { createDependencies } from '../../db-proxy-lambda/dependencies.ts';
import { createHandler } from '../../db-proxy-lambda/handler.ts';
import type { ProxyAnswers, ProxyQuestions } from './proxy-process.ts';
import { RecordingLogger } from './recording-logger.ts';

const logger = new RecordingLogger();
const handler = createHandler({ ...createDependencies(process.env), logger });

async function answer({ number, requests }: ProxyQuestions): Promise<ProxyAnswers> {
  const replies = await Promise.all(requests.map((request) => handler(request)));
  return { number, replies, logged: logger.lines.splice(0) };
}

process.on('message', (questions: ProxyQuestions) => void answer(questions).then((answers) => process.send?.(answers)));
process.once('disconnect', () => process.exit(0));
process.send?.('loaded');
