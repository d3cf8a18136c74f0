/** What shows a registry who asks. */
export type Credential =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** Given to the token server in place of a password. */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** Given to the registry as it is. */
  | { readonly kind: 'registry-token'; readonly token: string }
