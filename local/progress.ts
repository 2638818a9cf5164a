/** A progress bar on a terminal, plain lines elsewhere. */

const WIDTH = 30;
const PLAIN_STEPS = 4;

export interface Progress {
  update: (done: number) => void;
  finish: () => void;
}

export function createProgress(label: string, total: number, stream: NodeJS.WriteStream = process.stdout): Progress {
  let lastStep = 0;
  return {
    update(done) {
      const share = total === 0 ? 1 : Math.min(done / total, 1);
      if (stream.isTTY) {
        const filled = Math.round(share * WIDTH);
        stream.write(`\r${label} [${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${done}/${total}`);
        return;
      }
      const step = Math.floor(share * PLAIN_STEPS);
      if (step > lastStep) stream.write(`${label}: ${done} of ${total}\n`);
      lastStep = step;
    },
    finish() {
      if (stream.isTTY) stream.write('\n');
    },
  };
}
