/** The intrinsic functions of CloudFormation that the templates use. */
import { isRecord, list, text } from './values.ts';

/** What the functions need from their stack. */
export interface Scope {
  ref(name: string): unknown;
  getAtt(resource: string, attribute: string): unknown;
  condition(name: string): boolean;
}

/** `AWS::NoValue`: the property is left out. */
export const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

const strings = (value: unknown): string[] => list(value).map(text);

/** `${Name}` is a reference, `${Name.Attribute}` an attribute, `${!Name}` the text `${Name}`. */
function substitute(template: string, variables: Record<string, unknown>, scope: Scope): string {
  return template.replaceAll(/\$\{(!?)([^}]*)\}/g, (_whole, literal: string, expression: string) => {
    if (literal === '!') return `\${${expression}}`;
    const name = expression.trim();
    if (Object.hasOwn(variables, name)) return text(variables[name]);
    const dot = name.indexOf('.');
    const isAttribute = dot > 0 && !name.startsWith('AWS::');
    return text(isAttribute ? scope.getAtt(name.slice(0, dot), name.slice(dot + 1)) : scope.ref(name));
  });
}

function getAtt(argument: unknown, scope: Scope): unknown {
  const [resource = '', ...attribute] = typeof argument === 'string' ? argument.split('.') : strings(argument);
  return scope.getAtt(resource, attribute.join('.'));
}

/** Functions whose arguments are resolved first. */
const EAGER: Record<string, Intrinsic> = {
  'Fn::Join': (argument) => {
    const [separator, values] = list(argument);
    return strings(values).join(text(separator));
  },
  'Fn::Split': (argument) => {
    const [separator, value] = list(argument);
    return text(value).split(text(separator));
  },
  'Fn::Select': (argument) => {
    const [index, values] = list(argument);
    const value = list(values)[Number(index)];
    if (value === undefined) throw new Error(`Fn::Select finds nothing at ${text(index)}`);
    return value;
  },
  'Fn::Equals': (argument) => {
    const [left, right] = list(argument);
    return text(left) === text(right);
  },
  'Fn::Not': (argument) => list(argument)[0] !== true,
  'Fn::And': (argument) => list(argument).every((value) => value === true),
  'Fn::Or': (argument) => list(argument).includes(true),
  'Fn::GetAZs': () => ['us-east-1a', 'us-east-1b', 'us-east-1c'],
  'Fn::GetAtt': getAtt,
  Ref: (argument, scope) => scope.ref(text(argument)),
  Condition: (argument, scope) => scope.condition(text(argument)),
};

/** Functions that resolve only the arguments that they use. */
const LAZY: Record<string, Intrinsic> = {
  'Fn::If': (argument, scope) => {
    const [name, whenTrue, whenFalse] = list(argument);
    return resolve(scope.condition(text(name)) ? whenTrue : whenFalse, scope);
  },
  'Fn::Sub': (argument, scope) => {
    const [template, variables] = Array.isArray(argument) ? list(argument) : [argument, {}];
    const resolved = resolve(variables, scope);
    return substitute(text(template), isRecord(resolved) ? resolved : {}, scope);
  },
};

function asIntrinsic(value: Record<string, unknown>): [name: string, argument: unknown] | undefined {
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return undefined;
  const isCondition = entry[0] === 'Condition' && typeof entry[1] === 'string';
  return entry[0] === 'Ref' || entry[0].startsWith('Fn::') || isCondition ? entry : undefined;
}

/**
 * Resolves every intrinsic in `value`; properties that resolve to `AWS::NoValue` are left out.
 * @throws Error if a function is unknown or its argument is invalid.
 */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== NO_VALUE);
  if (!isRecord(value)) return value;
  const intrinsic = asIntrinsic(value);
  if (intrinsic === undefined) {
    const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, resolve(item, scope)]);
    return Object.fromEntries(entries.filter(([, item]) => item !== NO_VALUE));
  }
  const [name, argument] = intrinsic;
  const lazy = LAZY[name];
  if (lazy !== undefined) return lazy(argument, scope);
  const eager = EAGER[name];
  if (eager === undefined) throw new Error(`${name} is not supported here`);
  return eager(resolve(argument, scope), scope);
}
