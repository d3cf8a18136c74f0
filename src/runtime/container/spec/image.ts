/** What a container needs to know of its image. Plain data; where layers come from is the store's business. */

export interface ContainerImage {
  /** `sha256:…` of the configuration. */
  readonly imageId: string
  readonly config: ImageConfig
  /** Absolute directories of the unpacked layers, topmost first. */
  readonly layers: readonly string[]
}

/** The `config` object of an OCI image configuration, with Docker's additions. Durations are in nanoseconds. */
export interface ImageConfig {
  readonly User?: string
  readonly Env?: readonly string[] | null
  readonly Entrypoint?: readonly string[] | null
  readonly Cmd?: readonly string[] | null
  readonly WorkingDir?: string
  readonly ExposedPorts?: Readonly<Record<string, unknown>> | null
  readonly Volumes?: Readonly<Record<string, unknown>> | null
  readonly Labels?: Readonly<Record<string, string>> | null
  readonly StopSignal?: string
  readonly Healthcheck?: ImageHealthcheck | null
}

export interface ImageHealthcheck {
  readonly Test?: readonly string[] | null
  readonly Interval?: number
  readonly Timeout?: number
  readonly StartPeriod?: number
  readonly StartInterval?: number
  readonly Retries?: number
}
