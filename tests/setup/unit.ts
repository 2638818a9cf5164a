/** The project `unit` starts nothing: its suites share SQLite templates in the run's folder. */
import { ensureTestFolder } from './test-run.ts';

export default function setUp(): void {
  ensureTestFolder();
}
