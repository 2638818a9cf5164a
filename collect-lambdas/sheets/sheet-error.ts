/** Why a sheet could not be written, in a sentence for the manager who asked for it. Another try changes nothing. */
export class SheetError extends Error {}
