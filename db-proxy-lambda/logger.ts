import { Logger } from '@aws-lambda-powertools/logger';

export type { Logger };

export function createLogger(): Logger {
  return new Logger({ serviceName: 'db-proxy' });
}
