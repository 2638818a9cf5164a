/** The environment variables of a function's process: the template's and Lambda's, but not this machine's. */
import { devNull } from 'node:os';
import { delimiter, join } from 'node:path';
import { LOCAL_CREDENTIALS } from '../local-aws.ts';
import type { FunctionModel } from '../template/model.ts';
import { REGION } from '../template/references.ts';

/** The service endpoints for the SDK. */
export interface ServiceUrls {
  lambda: string;
  /** S3, SQS and SNS; absent when the template uses none of them. */
  services?: string;
}

/**
 * Returns a function's variables. `overrides` take precedence. The SDK reads the service endpoints from these
 * variables, so the functions' code is the same here and in AWS.
 */
export function functionVariables(
  fn: FunctionModel,
  taskRoot: string,
  urls: ServiceUrls,
  overrides: Record<string, string>,
): Record<string, string> {
  const { PATH = '', NODE_COMPILE_CACHE: compileCache } = process.env;
  return {
    NODE_OPTIONS: '--enable-source-maps',
    ...fn.environment,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    // Hides the developer's own AWS configuration.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EXECUTION_ENV: fn.runtime === 'nodejs' ? 'AWS_Lambda_nodejs24.x' : 'AWS_Lambda_python3.13',
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_ENDPOINT_URL_LAMBDA: urls.lambda,
    ...(urls.services !== undefined && {
      AWS_ENDPOINT_URL_S3: urls.services,
      AWS_ENDPOINT_URL_SNS: urls.services,
      AWS_ENDPOINT_URL_SQS: urls.services,
    }),
    LAMBDA_TASK_ROOT: taskRoot,
    // Lambda mounts layers in /opt.
    NODE_PATH: fn.layers.map((layer) => join(layer, 'nodejs', 'node_modules')).join(delimiter),
    // No X-Ray daemon runs here. Tests that start a fake daemon override this variable.
    POWERTOOLS_TRACE_ENABLED: 'false',
    PATH,
    // Tests start hundreds of processes from the same bundles.
    ...(compileCache !== undefined && { NODE_COMPILE_CACHE: compileCache }),
    TZ: 'UTC',
    _HANDLER: fn.handler,
    ...overrides,
  };
}
