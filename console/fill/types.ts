/** What the form page keeps on the phone. */

/** A version of a form. Versions that are no longer listed stay while a draft or an unsent response uses them. */
export interface StoredForm {
  form_id: string;
  version: number;
  title: string;
  /** The hash of the XForm in the list of forms. */
  hash: string;
  xml: string;
  /** Whether it takes new responses. */
  listed: boolean;
}

/** A media file of a form. */
export interface StoredMedia {
  form_id: string;
  version: number;
  name: string;
  hash: string;
  content: Blob;
}

/** A photo or another file of a response. */
export interface FileToSend {
  name: string;
  content: Blob;
  /** Whether the server has it. */
  sent: boolean;
}

/** What a response corrects. */
export interface Correcting {
  response_id: string;
  /** The instanceID of the submission that is edited. */
  instance_id: string;
}

/** The answers of an opened form as they are now. */
export interface Snapshot {
  xml: string;
  files: FileToSend[];
}

/** Answers, the collector who gave them, and the version of the form that asks for them. */
export interface FilledIn extends Snapshot {
  user_id: string;
  form_id: string;
  version: number;
  title: string;
  corrects?: Correcting;
}

/** Answers that can still be changed. */
export interface Draft extends FilledIn {
  id: string;
  saved_at: string;
}

/** A response on its way to the server. */
export interface Outgoing extends FilledIn {
  instance_id: string;
  response_id: string;
  /** Responses are sent in this order. */
  order: number;
  queued_at: string;
  /** Why the server refused it; then it is not sent again automatically. */
  refused?: string;
}

/** A reason for which a response came back. */
export interface Reason {
  message: string;
  /** Whether the collector confirmed the answers. */
  acknowledged: boolean;
  /** The places of its questions in the XForm. */
  questions: string[];
}

export interface Comment {
  text: string;
  author: string;
  action: string;
  created_at: string;
}

/** A flagged or returned response of the collector. */
export interface WorkItem {
  response_id: string;
  form_id: string;
  form_version: number;
  form_title: string;
  label: string;
  revision: number;
  status: 'flagged' | 'returned';
  flags: Reason[];
  comments: Comment[];
}

/** The content of a response that can be corrected without a network, with its files that are on the phone. */
export interface StoredWork extends Snapshot {
  response_id: string;
  revision: number;
}
