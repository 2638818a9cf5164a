import * as z from 'zod';

/** A message of the export queue: the export to run. The rest is in the database. */
export const exportMessage = z.object({ export_id: z.uuid() });

export type ExportMessage = z.infer<typeof exportMessage>;
