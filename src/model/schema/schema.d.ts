/** The Compose Specification's schema without its prose, as JSON. */
export const SCHEMA: string
