/** What `sam build` made, where ARTEFACTS names its folder: the stacks of tests then run that instead of bundling. */
const { ARTEFACTS: folder } = process.env;

export const artefacts = folder === undefined ? {} : { artefacts: folder };
