/** Setup of the project `unit`. */
import { ensureTestFolder } from './test-run.ts';

export default function setUp(): void {
  ensureTestFolder();
}
