import { inflateSync } from 'node:zlib';
import { encode } from 'uqr';
import { pixelsOfPng } from '../../tests/support/scan-qr.ts';
import { deviceSettings } from './device-settings.ts';

const TOKEN = `clt_${'a'.repeat(43)}`;
const made = deviceSettings('https://api.example.org', TOKEN);

test('the settings name the server, and are complete: ODK Collect refuses a code without `admin`', () => {
  expect(made.settings).toEqual({
    general: {
      protocol: 'odk_default',
      server_url: `https://api.example.org/odk/${TOKEN}`,
      form_update_mode: 'match_exactly',
      autosend: 'wifi_and_cellular',
      image_size: 'medium',
    },
    admin: {},
  });
});

test('the code is base64 of zlib of the settings as JSON', () => {
  expect(JSON.parse(inflateSync(Buffer.from(made.code, 'base64')).toString())).toEqual(made.settings);
});

test('the SVG and the PNG show the code, with a white border', () => {
  const { data, size } = encode(made.code, { ecc: 'L', border: 4 });
  const png = Buffer.from(made.qr_png, 'base64');
  const pixels = pixelsOfPng(png);

  expect(png.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
  expect(pixels).toHaveLength(size * 6);
  expect(pixels.filter((_row, y) => y % 6 === 3).map((row) => row.filter((_pixel, x) => x % 6 === 3))).toEqual(data);
  expect(pixels.slice(0, 24).flat()).not.toContain(true);
  expect(made.qr_svg).toMatch(/^<svg /);
});
