/** The parts of an OpenAPI document that the build writes and tests read. */
import type { HeaderDocs, JsonSchema, ParameterDocs } from '../collect-lambdas/shared/route-docs.ts';

export interface OpenapiDocument {
  paths: Record<string, Record<string, OpenapiOperation>>;
  components: {
    schemas: Record<string, JsonSchema>;
    responses: Record<string, OpenapiResponse>;
    examples: Record<string, { summary: string; value: unknown }>;
    securitySchemes: Record<string, unknown>;
  };
  [member: string]: unknown;
}

export interface OpenapiOperation {
  operationId: string;
  tags: string[];
  /** Empty if no token is needed. */
  security: Record<string, string[]>[];
  parameters?: OpenapiParameter[];
  requestBody?: { required: boolean; content: Record<string, MediaType> };
  responses: Record<string, OpenapiResponse>;
  [member: string]: unknown;
}

/** A response, or a reference to one of the components. */
export interface OpenapiResponse {
  $ref?: string;
  description?: string;
  headers?: Record<string, HeaderDocs>;
  content?: Record<string, MediaType>;
}

/** A parameter before it becomes OpenAPI. */
export interface Parameter extends Omit<ParameterDocs, 'schema'> {
  in: 'path' | 'query' | 'header';
  name: string;
  required: boolean;
  schema: JsonSchema;
}

export interface OpenapiParameter {
  in: Parameter['in'];
  name: string;
  required: boolean;
  schema: JsonSchema;
  examples?: Record<string, { value: unknown }>;
  [member: string]: unknown;
}

export interface MediaType {
  schema: JsonSchema;
  example?: unknown;
  examples?: Record<string, { value?: unknown; $ref?: string }>;
}
