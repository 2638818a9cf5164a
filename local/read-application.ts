import type { ApplicationModel } from './template/model.ts';
import { readTemplate } from './template/read-template.ts';

/** Reads a template's application without running it. */
export function readApplication(templateFile: string, parameters: Record<string, string>): ApplicationModel {
  return readTemplate(templateFile, {
    stackName: 'collect',
    parameters: { DatabaseUrl: 'sqlite:unused', ...parameters },
    endpoints: { httpApi: 'http://127.0.0.1', services: 'http://127.0.0.1' },
  });
}
