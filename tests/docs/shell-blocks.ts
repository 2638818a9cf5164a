/** The shell blocks of a document: fenced, with the language `sh`. */

export interface ShellBlock {
  /** The line number of its first line of code, from 1. */
  line: number;
  code: string;
  /** False after `<!-- not run: why -->`: the block needs an account, Docker, or minutes. */
  isRun: boolean;
  /** The lines of a block `text` right below it: parts of its output, in their order. */
  shown: string[];
}

const BLOCK = /^(?<mark><!-- not run: [^\n]+ -->\n)?```sh\n(?<code>.*?)^```$(?:\n\n```text\n(?<output>.*?)^```$)?/gms;

export function readShellBlocks(markdown: string): ShellBlock[] {
  return [...markdown.matchAll(BLOCK)].map((match) => {
    const { mark, code = '', output = '' } = match.groups ?? {};
    const before = markdown.slice(0, match.index + match[0].indexOf(code));
    return {
      line: before.split('\n').length,
      code,
      isRun: mark === undefined,
      shown: output.split('\n').filter((line) => line !== ''),
    };
  });
}
