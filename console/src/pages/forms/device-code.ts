/** The code of a phone, as it is shown once. */
export interface DeviceCode {
  token_id: string;
  user_id: string;
  label: string | null;
  expires_at: string;
  /** The QR code as PNG in base64. */
  png: string;
  /** Signs the collector in to the form page. */
  link: string;
}
