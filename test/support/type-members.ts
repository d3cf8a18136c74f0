/** The members of the types that a TypeScript file declares, with what is said of each. */
import { readFileSync } from 'node:fs'
import ts from 'typescript'

export interface Member {
  readonly type: string
  readonly comment: string
}

/** From the type's name to its members. */
export type TypeMembers = ReadonlyMap<string, ReadonlyMap<string, Member>>

export function typeMembers(file: URL): TypeMembers {
  const source = ts.createSourceFile(file.pathname, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023, true)
  const found = new Map<string, ReadonlyMap<string, Member>>()
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement)) found.set(statement.name.text, membersOf(statement.members))
    if (ts.isTypeAliasDeclaration(statement) && ts.isUnionTypeNode(statement.type)) {
      const literal = statement.type.types.find(ts.isTypeLiteralNode)
      if (literal) found.set(statement.name.text, membersOf(literal.members))
    }
  }
  return found
}

const membersOf = (members: ts.NodeArray<ts.TypeElement>): ReadonlyMap<string, Member> =>
  new Map(
    members.filter(ts.isPropertySignature).map((member) => [
      member.name.getText(),
      {
        type: member.type?.getText() ?? '',
        comment: ts
          .getJSDocCommentsAndTags(member)
          .map((one) => one.getText())
          .join('\n'),
      },
    ]),
  )

/** The declared types that a member's type mentions. */
export const mentioned = ({ type }: Member, types: TypeMembers): readonly string[] =>
  [...type.matchAll(/\b[A-Z]\w*\b/g)].map(([name]) => name).filter((name) => types.has(name))
