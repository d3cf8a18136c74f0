/**
 * Where random tests begin: at the same place in each run of `make test`, so that one fails for what was changed and never by chance;
 * `make fuzz` names another.
 */
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env.TSCOMPOSE_FUZZ_SEED ?? 1) })
