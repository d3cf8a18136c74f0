/** A stream of a daemon's news: a JSON value in each line. */
export async function* jsonLines<T>(stream: AsyncIterable<unknown>): AsyncGenerator<T> {
  let text = ''
  for await (const piece of stream) {
    text += String(piece)
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as T
  }
}
