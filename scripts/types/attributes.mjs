// What the types of a project are called, and what each attribute is: the part of the types that neither the shape nor the schema knows.
import * as attachments from './attributes/attachments.mjs'
import * as build from './attributes/build.mjs'
import * as deploy from './attributes/deploy.mjs'
import * as file from './attributes/file.mjs'
import * as service from './attributes/service.mjs'
import * as topLevel from './attributes/top-level.mjs'

export const TYPES = { ...service, ...build, ...deploy, ...attachments, ...topLevel }

/** What only a file has. */
export const FILE_TYPES = file
