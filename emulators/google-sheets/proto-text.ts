/** A JSON value as google.protobuf.Value prints it, which is how the Sheets API shows a value that it refuses. */
export function protoText(value: unknown, indent = ''): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const values = value.map((each) => `${inner}values {\n${inner}  ${protoText(each, `${inner}  `)}\n${inner}}\n`);
    return `list_value {\n${values.join('')}${indent}}`;
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(
      ([key, each]) =>
        `${inner}fields {\n${inner}  key: ${JSON.stringify(key)}\n${inner}  value {\n${inner}    ${protoText(each, `${inner}    `)}\n${inner}  }\n${inner}}\n`,
    );
    return `struct_value {\n${fields.join('')}${indent}}`;
  }
  if (typeof value === 'number') return `number_value: ${value}`;
  if (typeof value === 'boolean') return `bool_value: ${value}`;
  return value === null ? 'null_value: NULL_VALUE' : `string_value: ${JSON.stringify(value)}`;
}
