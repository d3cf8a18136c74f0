// Go's templates as Docker's --format and -f take them.
import { expect, test } from 'vitest'
import { labelMethod } from '../../src/view/label-method.ts'
import { renderRows } from '../../src/view/template.ts'

const image = {
  Id: 'sha256:abc',
  RepoTags: ['app:1', 'app:2'],
  Size: 1234,
  Label: labelMethod({ 'com.example.my-team': 'blue' }),
  Config: { Cmd: ['sh', '-c', 'a < b'], Labels: { b: '2', a: '1' }, Env: null, User: '' },
}
const fill = (format: string): string =>
  renderRows([image], format, { table: [], headings: {}, leastWidth: 0 }).slice(0, -1)

test.each([
  ['{{.Id}} {{ .Size }}', 'sha256:abc 1234'],
  ['{{.Config.Cmd}}', '[sh -c a < b]'],
  ['{{json .Config.Cmd}}', '["sh","-c","a \\u003c b"]'],
  ['{{.Config.Labels}}', 'map[a:1 b:2]'],
  ['{{.Config.Labels.a}}', '1'],
  ['{{.Label "com.example.my-team"}}{{.Label "constructor"}}', 'blue'],
  ['{{index .Config.Labels "b"}}', '2'],
  ['{{index .RepoTags 0}}', 'app:1'],
  ['{{(index .RepoTags 1)}}', 'app:2'],
  ['{{range .RepoTags}}<{{.}}>{{end}}', '<app:1><app:2>'],
  ['{{range $i, $tag := .RepoTags}}{{$i}}={{$tag}} {{end}}', '0=app:1 1=app:2 '],
  ['{{range $key, $value := .Config.Labels}}{{$key}}={{$value}};{{end}}', 'a=1;b=2;'],
  ['{{range .Config.Env}}x{{else}}none{{end}}', 'none'],
  ['{{if .Config.User}}user{{else}}root{{end}}', 'root'],
  ['{{if eq .Size 1}}one{{else if gt .Size 1000}}large{{else}}small{{end}}', 'large'],
  ['{{with .Config}}{{.User}}{{len .Cmd}} {{$.Id}}{{end}}', '3 sha256:abc'],
  ['{{join .RepoTags ", "}} {{.Id | upper | printf "%-12s|"}}', 'app:1, app:2 SHA256:ABC  |'],
  ['{{printf "%q %d%%" .Id .Size}}', '"sha256:abc" 1234%'],
  ['a {{- " b " -}} c{{/* said to nobody */}}', 'a b c'],
  ['{{$size := .Size}}{{$size}} {{not .Config.User}} {{and .Id .Size}}', '1234 true 1234'],
  ['{{len (split "a/b/c" "/")}} {{slice .Id 0 6}} {{println "x"}}', '3 sha256 x\n'],
])('%s', (format, text) => {
  expect(fill(format)).toBe(text)
})

test.each([
  ['{{.Label}}', 'wrong number of args for Label: want 1 got 0'],
  ['{{.Id "x"}}', "can't give argument to non-function"],
  ['{{.Nope}}', 'there is no field ".Nope"'],
  ['{{.Id.Nope}}', "can't evaluate field Nope"],
  ['{{nope .Id}}', 'function "nope" not defined'],
  ['{{constructor}}', 'function "constructor" not defined'],
  ['{{.constructor}}', 'there is no field ".constructor"'],
  ['{{index .RepoTags 5}}', 'index out of range: 5'],
  ['{{range .RepoTags}}', 'unexpected EOF'],
  ['{{end}}', 'unexpected {{end}}'],
  ['{{.Id', 'unclosed action'],
  ['{{}}', 'missing value for command'],
  ['{{$x}}', 'undefined variable "$x"'],
])('%s is refused: %s', (format, why) => {
  expect(() => fill(format)).toThrow(why)
})

test('above a column of labels stands what the label is called', () => {
  const columns = { table: [], headings: {}, leastWidth: 0 }
  expect(renderRows([image], 'table {{.Label "com.example.my-team"}}', columns)).toBe('my team\nblue\n')
})
