import { FileCommand } from '../cli/file-command.ts'
import { stringFlag } from '../cli/flags.ts'
import { dependenciesOfProject } from '../planner/dependencies.ts'
import { renderDot, renderGraph, renderMermaid } from '../view/graph.ts'

export default class Graph extends FileCommand {
  static override summary = 'Draw which service waits for which, and for what'
  static override usage = 'graph [OPTIONS] [SERVICE...]'
  static override flags = {
    format: stringFlag({
      default: 'text',
      options: ['text', 'dot', 'mermaid'],
      description: 'Format the output. Values: [text | dot | mermaid]',
    }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Graph)
    const skip = new Set(['env-resolution', 'container-names'] as const)
    const project = this.readProject(flags, { services: this.operands, skip })
    const dependencies = dependenciesOfProject(project)
    if (flags.format === 'dot') return this.answer(renderDot(project.name, dependencies))
    this.answer(flags.format === 'mermaid' ? renderMermaid(dependencies) : renderGraph(dependencies))
  }
}
