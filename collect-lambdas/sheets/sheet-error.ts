/** Why a sheet could not be written, in a sentence for the manager who asked for it. Another try changes nothing. */
export class SheetError extends Error {}

/** Google does not accept the key that we sign in with: another one may have been put in its place. */
export class SignInError extends SheetError {}
