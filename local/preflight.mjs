// Runs the TypeScript file that its first argument names: `node local/preflight.mjs local/start.ts`.
// Uses only syntax that old versions of Node.js understand, so that they can print the error.
import { resolve } from 'path';
import { pathToFileURL } from 'url';

var needed = 24;
var found = process.versions.node;

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

if (parseInt(found, 10) < needed) {
  fail(
    'Collect needs Node.js ' +
      needed +
      ', but runs on ' +
      found +
      '. Its packages include Node.js ' +
      needed +
      ', if npm may run install scripts: run "npm ci --ignore-scripts=false", then try again with npm.',
  );
} else {
  process.argv.splice(1, 1);
  import(pathToFileURL(resolve(process.argv[1])).href).catch(function (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/Cannot find package/.test(error.message)) throw error;
    fail('A package is not installed: run "npm ci", then try again.');
  });
}
