/** Guards of every OpenRosa route: they check the token in the path, and reply 503 when the files cannot be reached. */
import { pathParameter, type HttpEvent } from '../shared/http.ts';
import { unavailable } from '../shared/problem.ts';
import { ObjectStoreError } from '../shared/s3-requests.ts';
import type { Dependencies } from './dependencies.ts';
import type { Device } from './device.ts';

/** @throws {Problem} 403 or 503, as {@link DeviceCheck} does */
export function checkToken({ checkDevice }: Pick<Dependencies, 'checkDevice'>, event: HttpEvent): Promise<Device> {
  return checkDevice(pathParameter(event, 'token'));
}

/** @throws {Problem} 503 if the bucket cannot be reached: then nothing was acknowledged */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ObjectStoreError)) throw error;
    throw unavailable('The files cannot be reached now. Keep the form in the app, and send it again later.');
  }
}
