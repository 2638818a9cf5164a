/** The settings that a phone's app gets by scanning a QR code: https://docs.getodk.org/collect-import-export/ */
import { deflateSync } from 'node:zlib';
import { encode, renderSVG } from 'uqr';
import { encodePng } from './png.ts';

/** The width of the white border in modules, as ISO/IEC 18004 requires it. */
const BORDER = 4;
/** The width of a module in pixels. */
const MODULE_PIXELS = 6;

/** The lowest error correction gives the largest modules, which phones read best from a screen. */
const ECC = 'L';

export interface DeviceSettings {
  settings: { general: Record<string, string>; admin: Record<string, never> };
  /** The text of the QR code: base64 of zlib of the settings as JSON. */
  code: string;
  /** The QR code as SVG. */
  qr_svg: string;
  /** The QR code as PNG, in base64. */
  qr_png: string;
}

/** The address that a phone's app sends to. @param address of the API, such as `https://api.example.org` */
export function serverUrlOf(address: string, token: string): string {
  return `${address}/odk/${token}`;
}

/** The link that signs a phone's browser in to the form page. Browsers send nothing after `#`, so no log has the token. */
export function formPageUrlOf(address: string, token: string): string {
  return `${address}/fill/#token=${token}`;
}

/** The settings for a phone's app, and the QR code that sets them. */
export function deviceSettings(address: string, token: string): DeviceSettings {
  const settings = {
    general: {
      protocol: 'odk_default',
      server_url: serverUrlOf(address, token),
      form_update_mode: 'match_exactly',
      autosend: 'wifi_and_cellular',
      // At most 2,048 pixels: a photo stays below the size that the server takes in one request.
      image_size: 'medium',
    },
    // The app refuses settings without this member.
    admin: {},
  };
  const code = deflateSync(JSON.stringify(settings)).toString('base64');
  const { data } = encode(code, { ecc: ECC, border: BORDER });
  return {
    settings,
    code,
    qr_svg: renderSVG(code, { ecc: ECC, border: BORDER, pixelSize: MODULE_PIXELS }),
    qr_png: Buffer.from(encodePng(data, MODULE_PIXELS)).toString('base64'),
  };
}
