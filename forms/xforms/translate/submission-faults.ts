/** Faults of the submission element of an XForm. */
import type { Fault } from '../../values/fault.ts';
import { attributeOf, elementsIn, type XmlElement } from '../xml.ts';

const SUBMISSION = '/html/head/model/submission';

/** Refuses encryption and submissions to another server. */
export function submissionFaults(model: XmlElement): Fault[] {
  return elementsIn(model, 'submission').flatMap((submission) => {
    const faults: Fault[] = [];
    if (attributeOf(submission, 'base64RsaPublicKey') !== undefined) {
      const detail = 'Remove the public key: Collect cannot read encrypted responses, so it could not check them.';
      faults.push({ pointer: `${SUBMISSION}/@base64RsaPublicKey`, detail });
    }
    const target = attributeOf(submission, 'action') ?? attributeOf(submission, 'resource') ?? '';
    if (/^\s*(?:[A-Za-z][A-Za-z0-9+.-]*:|\/\/)/.test(target)) {
      const detail = 'Remove the address: phones would send the responses there, not to Collect.';
      faults.push({ pointer: `${SUBMISSION}/@action`, detail });
    }
    return faults;
  });
}
