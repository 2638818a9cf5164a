/** The id of a Google spreadsheet, from its address or as it is. */
export const spreadsheetIdIn = (text: string): string => /\/d\/([A-Za-z0-9_-]+)/.exec(text)?.[1] ?? text.trim();

/** The address of a spreadsheet. */
export const spreadsheetUrl = (id: string): string =>
  `https://docs.google.com/spreadsheets/d/${encodeURIComponent(id)}`;
