import * as z from 'zod';

/** What the export queue carries: which export somebody should run. Everything else stands in the database. */
export const exportMessage = z.object({ export_id: z.uuid() });

export type ExportMessage = z.infer<typeof exportMessage>;
