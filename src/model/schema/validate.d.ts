/** Whether a plain document is what the Compose Specification's schema allows. */
export function validate(document: unknown): boolean
