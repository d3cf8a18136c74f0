// The JSON schema of Compose files, as the generators of types look at it.

export function resolve(schema, node) {
  return node.$ref ? resolve(schema, schema.$defs[definitionName(node.$ref)]) : node
}

/** The object with attributes that a value is, holds, or may be: a list of ports has that of a port. */
export function objectIn(schema, node) {
  const found = resolve(schema, node)
  if (found.properties) return found
  for (const inner of [...(found.oneOf ?? []), ...(found.items ? [found.items] : []), ...userKeyed(found)]) {
    const object = objectIn(schema, inner)
    if (object) return object
  }
  return undefined
}

export const definitionName = (reference) => reference.slice('#/$defs/'.length)

/** What stands below keys of the user's own choice. */
export const userKeyed = ({ patternProperties = {} }) =>
  Object.entries(patternProperties).flatMap(([pattern, inner]) => (pattern === '^x-' ? [] : [inner]))

export const isExtensible = ({ patternProperties = {} }) => '^x-' in patternProperties
