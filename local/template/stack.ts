/** A template with its parameters. It resolves references, including those into its nested stacks. */
import { dirname, join } from 'node:path';
import { NO_VALUE, resolve } from './intrinsics.ts';
import type { Scope } from './intrinsics.ts';
import { TemplateError } from './model.ts';
import { parseTemplate } from './parse.ts';
import type { RawTemplate } from './parse.ts';
import { ACCOUNT_ID, REGION, arnOf, describeResource, functionArn, placeholder } from './references.ts';
import type { Endpoints, Reference } from './references.ts';
import { isRecord, record, text } from './values.ts';
import type { Properties } from './values.ts';

export interface Resource {
  logicalId: string;
  type: string;
  /** Unresolved. */
  properties: Properties;
  metadata: Properties;
}

interface StackOptions {
  file: string;
  name: string;
  /** The logical ids of the enclosing stacks, each followed by a slash. */
  idPrefix: string;
  parameters: Properties;
  endpoints: Endpoints;
}

const PSEUDO_PARAMETERS: Record<string, unknown> = {
  'AWS::AccountId': ACCOUNT_ID,
  'AWS::NoValue': NO_VALUE,
  'AWS::NotificationARNs': [],
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::URLSuffix': 'amazonaws.com',
};

const NESTED_TYPES = new Set(['AWS::Serverless::Application', 'AWS::CloudFormation::Stack']);

export class Stack implements Scope {
  readonly template: RawTemplate;
  readonly options: StackOptions;
  readonly #references = new Map<string, Reference>();
  readonly #nested = new Map<string, Stack>();
  readonly #underway = new Set<string>();

  constructor(options: StackOptions) {
    this.options = options;
    this.template = parseTemplate(options.file);
    for (const name of Object.keys(options.parameters)) {
      if (!Object.hasOwn(this.template.parameters, name)) {
        throw new TemplateError(`${options.file}: the template has no parameter ${name}`);
      }
    }
  }

  /** Resources whose condition holds. */
  resources(): Resource[] {
    return Object.keys(this.template.resources).flatMap((logicalId) => this.#find(logicalId) ?? []);
  }

  /** The nested stacks among `resources()`. */
  nestedStacks(): Stack[] {
    return this.resources().flatMap((resource) =>
      NESTED_TYPES.has(resource.type) ? [this.#nestedStack(resource)] : [],
    );
  }

  /** `value` without intrinsics. `where` names the resource in errors. */
  resolve(value: unknown, where: string): unknown {
    try {
      return resolve(value, this);
    } catch (error) {
      if (error instanceof TemplateError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new TemplateError(`${this.template.file}: ${where}: ${reason}`);
    }
  }

  resolvedProperties(resource: Resource): Properties {
    return record(this.resolve(resource.properties, resource.logicalId));
  }

  ref(name: string): unknown {
    if (name === 'AWS::StackName') return this.options.name;
    if (name === 'AWS::StackId') return arnOf('cloudformation', `stack/${this.options.name}/local`);
    if (Object.hasOwn(PSEUDO_PARAMETERS, name)) return PSEUDO_PARAMETERS[name];
    if (Object.hasOwn(this.template.parameters, name)) return this.#parameter(name);
    const [logicalId = '', suffix] = name.split('.');
    const reference = this.#reference(logicalId);
    return suffix === undefined ? reference.ref : this.#generated(logicalId, suffix);
  }

  getAtt(logicalId: string, attribute: string): unknown {
    if (attribute.startsWith('Outputs.')) {
      const resource = this.#find(logicalId);
      if (resource === undefined || !NESTED_TYPES.has(resource.type)) {
        throw new Error(`${logicalId} is not a nested stack, so it has no ${attribute}`);
      }
      return this.#nestedStack(resource).output(attribute.slice('Outputs.'.length));
    }
    const value = this.#reference(logicalId).attributes[attribute];
    return value ?? `local-${logicalId}-${attribute.replaceAll('.', '-')}`;
  }

  condition(name: string): boolean {
    if (!Object.hasOwn(this.template.conditions, name)) throw new Error(`there is no condition ${name}`);
    return this.#once(`condition ${name}`, () => resolve(this.template.conditions[name], this) === true);
  }

  output(name: string): unknown {
    const output = this.template.outputs[name];
    if (!isRecord(output)) throw new TemplateError(`${this.template.file}: the template has no output ${name}`);
    return this.resolve(output['Value'], `output ${name}`);
  }

  /** Every output whose condition holds. */
  outputs(): Properties {
    const names = Object.entries(this.template.outputs).filter(([, output]) => this.#applies(output));
    return Object.fromEntries(names.map(([name]) => [name, this.output(name)]));
  }

  #applies(definition: unknown): boolean {
    const condition = record(definition)['Condition'];
    return condition === undefined || this.condition(text(condition));
  }

  #find(logicalId: string): Resource | undefined {
    const definition = this.template.resources[logicalId];
    if (definition === undefined || !this.#applies(definition)) return undefined;
    if (!isRecord(definition) || typeof definition['Type'] !== 'string') {
      throw new TemplateError(`${this.template.file}: ${logicalId}: a resource needs a Type`);
    }
    return {
      logicalId,
      type: definition['Type'],
      properties: record(definition['Properties']),
      metadata: record(definition['Metadata']),
    };
  }

  #parameter(name: string): unknown {
    const definition = record(this.template.parameters[name]);
    const value = this.options.parameters[name] ?? definition['Default'] ?? `local-${name}`;
    const isList = /^(CommaDelimitedList|List<.*>)$/.test(text(definition['Type']));
    return isList && !Array.isArray(value) ? text(value).split(',') : value;
  }

  #reference(logicalId: string): Reference {
    const known = this.#references.get(logicalId);
    if (known !== undefined) return known;
    const resource = this.#find(logicalId);
    const reference = resource === undefined ? this.#implicit(logicalId) : this.#describe(resource);
    this.#references.set(logicalId, reference);
    return reference;
  }

  #describe(resource: Resource): Reference {
    const { type, logicalId } = resource;
    // Only these properties decide the local name. The others may refer to the resource itself.
    const names = Object.entries(resource.properties).filter(([key]) => /^(Name|.*Name|ContentUri)$/.test(key));
    const properties = this.#once(`resource ${logicalId}`, () =>
      record(this.resolve(Object.fromEntries(names), logicalId)),
    );
    return describeResource({ type, logicalId, properties }, this.options);
  }

  /** A resource that SAM adds (`ServerlessHttpApi`, `HelloFunctionRole`, `HelloFunctionAliaslive`). */
  #implicit(logicalId: string): Reference {
    if (logicalId === 'ServerlessHttpApi') {
      const api = { type: 'AWS::Serverless::HttpApi', logicalId, properties: {} };
      return describeResource(api, this.options);
    }
    const owner = Object.keys(this.template.resources).find((id) => logicalId.startsWith(id));
    if (owner === undefined) throw new Error(`it refers to ${logicalId}, which the template does not have`);
    const alias = logicalId.slice(owner.length).replace(/^Alias/, '');
    const isAlias = logicalId.startsWith(`${owner}Alias`);
    return isAlias ? { ref: this.#qualified(owner, alias), attributes: {} } : placeholder(logicalId);
  }

  /** `Function.Alias` and `Function.Version`, which SAM resolves in `Ref`. */
  #generated(logicalId: string, suffix: string): string {
    if (suffix !== 'Alias') return this.#qualified(logicalId, '1');
    const alias = this.#find(logicalId)?.properties['AutoPublishAlias'];
    return this.#qualified(logicalId, text(this.resolve(alias, logicalId)));
  }

  #qualified(logicalId: string, qualifier: string): string {
    return `${functionArn(text(this.#reference(logicalId).ref))}:${qualifier}`;
  }

  #nestedStack(resource: Resource): Stack {
    const { logicalId } = resource;
    const known = this.#nested.get(logicalId);
    if (known !== undefined) return known;
    const properties = this.#once(`nested stack ${logicalId}`, () => this.resolvedProperties(resource));
    const location = properties['Location'] ?? properties['TemplateURL'];
    if (typeof location !== 'string' || /^https?:/.test(location)) {
      throw new TemplateError(`${this.template.file}: ${logicalId}: a nested stack must be a local file to run here`);
    }
    const stack = new Stack({
      file: join(dirname(this.template.file), location),
      name: `${this.options.name}-${logicalId}`,
      idPrefix: `${this.options.idPrefix}${logicalId}/`,
      parameters: record(properties['Parameters']),
      endpoints: this.options.endpoints,
    });
    this.#nested.set(logicalId, stack);
    return stack;
  }

  #once<T>(what: string, action: () => T): T {
    if (this.#underway.has(what)) throw new Error(`the ${what} refers to itself`);
    this.#underway.add(what);
    try {
      return action();
    } finally {
      this.#underway.delete(what);
    }
  }
}
