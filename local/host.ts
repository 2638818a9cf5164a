/** Starts and stops the application of a template locally. */
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
  /** The folder for bundles, logs, queues and objects. Created when it is missing. */
  home: string;
  /** The port of the HTTP API; 0 for any free port. */
  port: number;
  /** Values of the template's parameters, where they differ from the defaults. */
  parameters?: Record<string, string>;
  /** Variables for every function, which override the template's. */
  functionEnvironment?: Record<string, string>;
  /** The output of `sam build`, used instead of bundling here. */
  artefacts?: string;
  /** The maximum number of environments of a function. */
  maxConcurrency?: number;
  /** Whether the template's schedules run. Benchmarks switch them off. */
  runsSchedules?: boolean;
  /** Names of functions whose queues are not polled. Benchmarks use this too. */
  idleFunctions?: readonly string[];
  /** Receives a copy of the functions' output. */
  log?: (functionName: string, text: string) => void;
}

export interface Host {
  /** The URL of the HTTP API. */
  url: string;
  /** The URL of Lambda's Invoke API. */
  lambdaUrl: string;
  /** The URL of S3, SQS and SNS; absent when the template uses none of them. */
  servicesUrl?: string;
  /** Holds a `<name>.log` for each function. */
  logFolder: string;
  model: ApplicationModel;
  functions: FunctionHost;
  faults: Faults;
  /** Ends every process, thread and server. Further calls return the same promise. */
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
    this.httpApi = new HttpApi(port, this.functions);
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
  // Opens the port first: a second host on this port fails before it changes the first host's home.
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
    // The queues' addresses are known only now.
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
 * Starts the application. If the start fails, everything that was started is stopped.
 * @throws {TemplateError} when the template or a function's code cannot be used
 * @throws the system's error when the port or the home cannot be used
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
