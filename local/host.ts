/** The application of a template on this machine: starts everything that it needs, and ends it again. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { prepareCode } from './bundle.ts';
import { Faults } from './faults.ts';
import { FunctionHost } from './functions/function-host.ts';
import { HttpApi } from './http-api/http-api.ts';
import { LambdaApi } from './lambda-api.ts';
import { EventSources } from './services/event-sources.ts';
import { Services, needsServices } from './services/services.ts';
import type { ApplicationModel } from './template/model.ts';
import { readTemplate } from './template/read-template.ts';

const STACK_NAME = 'collect';
const DEFAULT_CONCURRENCY = 4;

export interface HostOptions {
  templateFile: string;
  /** Folder for everything that is kept or written: bundles, logs, queues, objects. Made when it is missing. */
  home: string;
  /** Of the HTTP API; 0 for a free one. */
  port: number;
  /** Parameters of the template that do not keep their defaults. */
  parameters?: Record<string, string>;
  /** Variables for every function, in place of the template's. */
  functionEnvironment?: Record<string, string>;
  /** What `sam build` made, to run instead of bundling here. */
  artefacts?: string;
  /** Environments of one function at most. */
  maxConcurrency?: number;
  /** Whether the template's schedules run; a benchmark of one route measures without what they start. */
  runsSchedules?: boolean;
  /** Names of functions that no queue starts, for the same purpose: their messages wait. */
  idleFunctions?: readonly string[];
  /** Gets a copy of what functions print. */
  log?: (functionName: string, text: string) => void;
}

export interface Host {
  /** Of the HTTP API. */
  url: string;
  /** Of Lambda's Invoke API. */
  lambdaUrl: string;
  /** Of S3, SQS and SNS; absent when the template has none of them. */
  servicesUrl?: string;
  /** Where each function's `<name>.log` is. */
  logFolder: string;
  model: ApplicationModel;
  functions: FunctionHost;
  faults: Faults;
  /** Ends every process, thread and server; further calls wait for the same end. */
  stop(): Promise<void>;
}

class Application {
  readonly functions = new FunctionHost();
  readonly faults = new Faults();
  readonly services = new Services();
  readonly eventSources = new EventSources();
  readonly lambdaApi = new LambdaApi(this.functions, this.faults);
  readonly httpApi: HttpApi;
  #stopped: Promise<void> | undefined;

  constructor(port: number) {
    this.httpApi = new HttpApi({ port, functions: this.functions });
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const polled = this.eventSources.stop();
    await Promise.all([this.httpApi.stop(), this.lambdaApi.stop()]);
    await this.functions.stop();
    await polled;
    await this.services.stop();
  }
}

async function start(application: Application, options: HostOptions): Promise<Host> {
  const { httpApi, lambdaApi, services, functions } = application;
  const { templateFile, home, parameters = {}, functionEnvironment = {}, artefacts, log } = options;
  // The port first: a second host must not touch the home of the one that has it.
  await httpApi.start();
  mkdirSync(home, { recursive: true });
  const read = (servicesUrl: string): ApplicationModel =>
    readTemplate(templateFile, {
      stackName: STACK_NAME,
      parameters,
      endpoints: { httpApi: httpApi.url, services: servicesUrl },
    });

  let model = read('');
  const hasServices = needsServices(model);
  if (hasServices) {
    await services.start(join(home, 'services'));
    // The addresses of queues are known only now.
    model = read(services.url);
    await services.setup(model);
  }
  await lambdaApi.start();
  const logFolder = join(home, 'logs');
  await functions.start({
    functions: model.functions,
    codeFolders: await prepareCode(model.functions, {
      buildFolder: join(home, 'build'),
      ...(artefacts !== undefined && { artefacts }),
    }),
    logFolder,
    ...(log !== undefined && { log }),
    maxConcurrency: options.maxConcurrency ?? DEFAULT_CONCURRENCY,
    urls: { lambda: lambdaApi.url, ...(hasServices && { services: services.url }) },
    environment: functionEnvironment,
  });
  const { runsSchedules = true, idleFunctions = [] } = options;
  const queueSources = model.queueSources.filter((source) => !idleFunctions.includes(source.functionName));
  const started = { ...model, queueSources, schedules: runsSchedules ? model.schedules : [] };
  application.eventSources.start(started, services, functions);
  httpApi.open(model);
  return {
    url: httpApi.url,
    lambdaUrl: lambdaApi.url,
    ...(hasServices && { servicesUrl: services.url }),
    logFolder,
    model,
    functions,
    faults: application.faults,
    stop: () => application.stop(),
  };
}

/**
 * Starts the application and gives its addresses. When it cannot start, nothing is left running.
 * @throws TemplateError when the template or a function's code cannot be used; the system's error when the port or the
 *   home cannot be.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const application = new Application(options.port);
  try {
    return await start(application, options);
  } catch (error) {
    await application.stop();
    throw error;
  }
}
