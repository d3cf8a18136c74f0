import { stringFlag } from '../cli/flags.ts'
import { noSuchService } from '../cli/no-such-service.ts'
import { planCreation } from '../cli/plan-creation.ts'
import { ProjectCommand } from '../cli/project-command.ts'
import { gatherPage } from '../cli/service-page/gather.ts'
import { ComposeError } from '../diagnostic.ts'
import type { Observed } from '../driver/driver.ts'
import type { Project } from '../model/project.ts'
import { joinPlans } from '../planner/join.ts'
import type { Plan } from '../planner/plan.ts'
import { renderPlan } from '../view/plan.ts'
import { changesAsJson } from '../view/plan-json.ts'
import { renderServicePage } from '../view/service-page.ts'

export default class Explain extends ProjectCommand {
  static override summary = 'Tell what a service is, what it waits for, why it last stopped, and what up would do'
  static override usage = 'explain [OPTIONS] SERVICE'
  static override operandCount = { least: 1, most: 1 }
  static override flags = {
    format: stringFlag({
      default: 'text',
      options: ['text', 'json'],
      description: 'Format the output. Values: [text | json]',
    }),
  }

  override async run(): Promise<void> {
    const { flags } = await this.parse(Explain)
    const { driver, signal } = this
    const [serviceName = ''] = this.operands
    const project = this.readProject(flags, { services: [serviceName] })
    if (project.services[serviceName] === undefined) throw noSuchService(serviceName, Object.keys(project.services))
    const observed = await driver.observe(project.name, signal)
    const page = await gatherPage(
      { project, serviceName },
      { containers: observed.containers, nowMs: Date.now() },
      { driver, signal },
    )
    const plan = await this.#plan(project, serviceName, observed)
    if (flags.format === 'json')
      return this.answer(
        `${JSON.stringify({ version: 1, ...page, ...(plan ? { changes: changesAsJson(plan) } : {}) }, withoutSourceLines, 2)}\n`,
      )
    const paint = this.paintFor('out')
    this.output.out(renderServicePage(page, plan ? renderPlan(plan, paint) : 'nothing: it is refused', paint))
  }

  /** Undefined where `up` would be refused, which is told. */
  async #plan(project: Project, serviceName: string, observed: Observed): Promise<Plan | undefined> {
    const { first, planner } = planCreation(project, { services: [serviceName] }, this.signal)
    try {
      const pulls = await first(observed, this.driver)
      return joinPlans(pulls, await planner(observed, this.driver, pulls))
    } catch (error) {
      if (!(error instanceof ComposeError)) throw error
      this.showDiagnostics(error.diagnostics)
      return undefined
    }
  }
}

/** A program that wants the line has the file. */
const withoutSourceLines = (key: string, value: unknown): unknown => (key === 'sourceLine' ? undefined : value)
