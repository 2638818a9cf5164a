import * as z from 'zod';
import { QUALITY_KEYS } from '../../db-proxy-lambda/contract.ts';

/** The parameters of GET /forms/{form_id}/quality. */
export const qualityQuery = {
  by: z.enum(QUALITY_KEYS, `Send ${QUALITY_KEYS.join(', ')}.`),
  since: z.iso.date('Send a day such as 2026-09-01, or leave it out.').optional(),
};
