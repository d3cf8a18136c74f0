// Doc comments: what an attribute is, its unit, its default, and the section of the specification.

const SPECIFICATION = 'https://github.com/compose-spec/compose-spec/blob/main/'

/** `unit` and `form` follow from the kind of value; an attribute may have a unit of its own. */
export function attributeComment(attribute, { unit, form, indent }) {
  const { text, note, loaded, default: fallback, url } = attribute
  const own = attribute.unit ?? unit
  const measure = [own && `Unit: ${own}.`, form && `Form: ${form}.`].filter(Boolean).join(' ')
  const facts = [text, note, loaded, measure, fallback && `Default: ${fallback}.`]
  const lines = facts.filter(Boolean)
  return comment([...lines.flatMap((line) => wrap(line, indent)), `@see ${url}`], indent)
}

export const typeComment = ({ text, url }, indent = '') => comment([...wrap(text, indent), `@see ${url}`], indent)

function comment(lines, indent) {
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join('')}${indent} */\n`
}

/** Lines of at most 120 columns, broken between words. */
function wrap(text, indent) {
  const width = 120 - indent.length - ' * '.length
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.length - 1
    if (lines[last] === '') lines[last] = word
    else if (lines[last].length + 1 + word.length <= width) lines[last] += ` ${word}`
    else lines.push(word)
  }
  return lines
}

/** An attribute's text and section, from what service.mjs and its like say. */
export function describe(type, key) {
  const said = type.attributes[key]
  const attribute = typeof said === 'string' ? { text: said } : said
  const { page = type.page, at = type.section ?? key } = attribute
  return { ...attribute, url: `${SPECIFICATION}${page}#${at}` }
}

export const describeType = ({ page, section, text }) => ({
  text,
  url: `${SPECIFICATION}${page}${section ? `#${section}` : ''}`,
})
