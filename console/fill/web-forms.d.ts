/** The parts of ODK Web Forms that the form page uses. The package names types that it does not contain. */
declare module '@getodk/web-forms' {
  import type { DefineComponent, Plugin } from 'vue';

  /** A group, a repeat, an entry or a question of the opened form. */
  export interface FormNode {
    /** The element of a question has the id `${nodeId}_container`. */
    readonly nodeId: string;
    readonly nodeType: string;
    readonly currentState: {
      /** Such as `/data/people[2]/age`. */
      readonly reference: string;
      readonly label: { readonly asString: string } | null;
      readonly children: readonly FormNode[] | null;
      /** The answer of a question as the instance has it. */
      readonly instanceValue?: string;
    };
  }

  export interface FormPayload {
    /** One element: `xml_submission_file`, and the files by name. */
    readonly data: readonly [FormData];
  }

  export interface FormRoot extends FormNode {
    prepareInstancePayload: (options: { payloadType: 'monolithic' }) => Promise<FormPayload>;
  }

  export interface EditInstance {
    resolveInstance: () => Promise<string>;
    attachmentFileNames: readonly string[];
    resolveAttachment: (name: string) => Promise<Response>;
  }

  export const OdkWebForm: DefineComponent<{
    formXml: string;
    fetchFormAttachment: (address: URL) => Promise<Response>;
    missingResourceBehavior?: 'ERROR' | 'BLANK';
    editInstance?: EditInstance | null;
    preloadProperties?: { username?: string };
    trackDevice?: boolean;
    onSubmit?: (payload: FormPayload) => void;
  }>;
  export const webFormsPlugin: Plugin;
}
