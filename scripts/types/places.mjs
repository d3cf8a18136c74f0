// The types of a canonical project: each shape of src/model/shape.ts with its name and all places of the schema where it is used.
import { build } from 'esbuild'
import { TYPES } from './attributes.mjs'
import { describe } from './comment.mjs'
import { objectIn } from './schema.mjs'

/** Roots are where a project starts: the shape's export, the type's name, the schema's definitions. */
const ROOTS = [
  ['SERVICE', 'Service', ['service']],
  ['NETWORK', 'Network', ['network']],
  ['VOLUME', 'Volume', ['volume']],
  ['FILE_OBJECT', 'FileObject', ['config', 'secret']],
  ['MODEL', 'Model', ['model']],
]

/** A map from the type's name to `{ name, shape, objects }`, in the order in which they are come upon. */
export async function findPlaces(schema, root) {
  const shapes = await loadShapes(root)
  const places = new Map()
  const waiting = ROOTS.map(([shape, name, definitions]) => ({
    name,
    shape: shapes[shape],
    objects: definitions.map((definition) => schema.$defs[definition]),
  }))
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const known = places.get(next.name)
    if (known && known.shape !== next.shape) throw new Error(`"${next.name}" is the name of two shapes`)
    const objects = next.objects.filter((object) => !known?.objects.includes(object))
    if (known && objects.length === 0) continue
    if (known) known.objects.push(...objects)
    else places.set(next.name, { ...next, objects: [...objects] })
    waiting.push(...placesBelow({ ...next, objects }, { schema, shapes }))
  }
  return places
}

function placesBelow({ name, shape, objects }, { schema, shapes }) {
  return shape.fields.flatMap(({ key, type }) => {
    const inner = type.shape ?? { envFiles: shapes.ENV_FILE, ulimits: shapes.ULIMIT }[type.kind]
    if (!inner) return []
    const found = objects.flatMap((object) => objectIn(schema, object.properties[key] ?? {}) ?? [])
    return [{ name: typeBelow(name, key), shape: inner, objects: found }]
  })
}

/** What an attribute with attributes of its own is called. */
export function typeBelow(typeName, key) {
  const type = TYPES[typeName]
  if (!type?.attributes[key]) throw new Error(`scripts/types/attributes says nothing of "${typeName}.${key}"`)
  const { type: name } = describe(type, key)
  if (!TYPES[name]) throw new Error(`scripts/types/attributes does not name the type of "${typeName}.${key}"`)
  return name
}

async function loadShapes(root) {
  const { outputFiles } = await build({
    entryPoints: [`${root}/src/model/shape.ts`],
    bundle: true,
    write: false,
    format: 'esm',
  })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)
}
