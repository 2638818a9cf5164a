/** The query string of an API request: known parameters only, of known values, each once. */
import { notSpoken, violated } from './api-error.ts';

/** https://cloud.google.com/apis/docs/system-parameters; `access_token` and `callback` are not for us. */
const SYSTEM_PARAMETERS = ['alt', 'fields', 'key', 'prettyPrint', 'quotaUser', 'uploadType', '$.xgafv'];

export class Query {
  readonly #parameters: URLSearchParams;

  /**
   * @param known the operation's own parameters, in camelCase.
   * @throws ApiError 400 for any other.
   */
  constructor(parameters: URLSearchParams, known: readonly string[]) {
    this.#parameters = parameters;
    const unknown = [...new Set(parameters.keys())].filter(
      (name) => !known.includes(name) && !SYSTEM_PARAMETERS.includes(name),
    );
    if (unknown.length > 0) {
      throw violated(
        unknown.map((name) => ({
          field: '',
          description: `Invalid JSON payload received. Unknown name ${JSON.stringify(name)}: Cannot bind query parameter. Field '${name}' could not be found in request message.`,
        })),
      );
    }
    const alt = parameters.get('alt') ?? 'json';
    if (alt !== 'json') throw notSpoken(`alt=${alt}`);
  }

  /** Every value of a repeated parameter. */
  all(name: string): string[] {
    return this.#parameters.getAll(name);
  }

  one(name: string): string | undefined {
    const values = this.#parameters.getAll(name);
    if (values.length > 1) {
      const description = `Invalid value at '${snakeCase(name)}', Proto field is not repeating, cannot start list.`;
      throw violated([{ field: snakeCase(name), description }]);
    }
    return values[0];
  }

  bool(name: string): boolean {
    const value = this.one(name) ?? 'false';
    if (value !== 'true' && value !== 'false') throw wrongValue(name, 'TYPE_BOOL', value);
    return value === 'true';
  }

  /** @returns undefined when the parameter was left out. */
  oneOf<Name extends string>(name: string, type: string, ...names: readonly Name[]): Name | undefined {
    const value = this.one(name);
    if (value === undefined) return undefined;
    const found = names.find((each) => each === value);
    if (found === undefined) throw wrongValue(name, `type.googleapis.com/google.apps.sheets.v4.${type}`, value);
    return found;
  }
}

function wrongValue(name: string, type: string, value: string): Error {
  const field = snakeCase(name);
  return violated([{ field, description: `Invalid value at '${field}' (${type}), ${JSON.stringify(value)}` }]);
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}
