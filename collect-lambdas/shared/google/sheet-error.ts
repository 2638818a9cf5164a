/** A permanent failure to write a sheet. The message is for the manager who asked for the export. */
export class SheetError extends Error {}

/** Google refuses a request, such as a request that names rows beyond the grid. */
export class RefusedError extends SheetError {}

/** Google does not accept the service account's key, which may have been replaced meanwhile. */
export class SignInError extends SheetError {}
