// The licences of the packages in the pages: Vite collects them, and this adds what it cannot see.
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';

const WEB_FORMS = '@getodk/web-forms';

const read = (name) => {
  const file = findPackageJSON(name, import.meta.url);
  return { folder: dirname(file), ...JSON.parse(readFileSync(file, 'utf8')) };
};

/** The text of a package's licence. */
function textOf(name) {
  const { folder } = read(name);
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  return readFileSync(join(folder, file), 'utf8').trim();
}

const section = (name) => {
  const { version, license } = read(name);
  return `## ${name} - ${version} (${license})\n\n${textOf(name)}`;
};

/**
 * ODK Web Forms is one built file that contains other packages, and its package lacks the text of its licence.
 *
 * @param file what Vite wrote, which this completes
 */
export function addLicensesOfWebForms(file) {
  const { dependencies, repository } = read(WEB_FORMS);
  appendFileSync(
    file,
    [
      `\n# Inside ${WEB_FORMS}`,
      `These packages, and those that its package.json names for its build, such as PrimeVue: ${repository.url}`,
      ...Object.keys(dependencies).map(section),
      // TypeScript has the same licence, and its package contains the text.
      `# Apache License 2.0, of ${WEB_FORMS}\n\n${textOf('typescript')}\n`,
    ].join('\n\n'),
  );
}
