/** Whether words that could not be read as flags asked for JSON all the same: who did must be able to read why not. */

export const asksForJson = (words: readonly string[], environment: NodeJS.ProcessEnv): boolean =>
  environment.COMPOSE_PROGRESS === 'json' ||
  words.some((word, at) => {
    const [, value = words[at + 1]] = /^--(?:format|progress)(?:=(.*))?$/.exec(word) ?? ['', '']
    return value === 'json'
  })
