/** Names start with a letter. Offsets such as +02:00 do not: Intl accepts them, but they are not IANA names. */
const NAME = /^[A-Za-z][A-Za-z0-9_+\-/]*$/;

/** Whether the text names a time zone of the IANA database, such as Africa/Ouagadougou. */
export function isTimeZone(text: string): boolean {
  if (!NAME.test(text)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** The day (YYYY-MM-DD, which is how Swedish writes it) in a time zone that `isTimeZone` accepts. */
export function dayIn(timeZone: string, instant: number): string {
  return new Intl.DateTimeFormat('sv', { timeZone }).format(instant);
}
