// The example as people write it: the page comes up, the installation goes through, and a post survives down and stop.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectNothingLeft, takeSnapshot } from '../support/leaks.ts'
import { eventually, mustRun, repository, tscompose } from './support/cli.ts'
import { privileged, useExampleImages } from './support/privileged.ts'

const site = 'http://127.0.0.1:18080'
const title = 'Founders at work'
// The installation page asks wordpress.org for translations, which takes 16 seconds for each page where a name server is silent.
const alone = `services: {wordpress: {environment: {WORDPRESS_CONFIG_EXTRA: "define('WP_HTTP_BLOCK_EXTERNAL', true);"}}}`

describe.runIf(privileged)('examples/wordpress', () => {
  useExampleImages()
  let cwd = ''
  let before: Awaited<ReturnType<typeof takeSnapshot>>

  beforeAll(async () => {
    before = await takeSnapshot()
    cwd = join(mkdtempSync(join(tmpdir(), 'tsc-e2e-')), 'wordpress')
    cpSync(join(repository, 'examples', 'wordpress'), cwd, { recursive: true })
    const file = join(cwd, 'compose.yaml')
    // Another port than the example's, so that a demo left running does not disturb the test.
    writeFileSync(file, readFileSync(file, 'utf8').replace('8080:80', '18080:80'))
    writeFileSync(join(cwd, 'compose.override.yaml'), alone)
  })
  afterAll(async () => {
    await mustRun(['down', '-v', '-t', '2'], { cwd })
    rmSync(dirname(cwd), { recursive: true })
    await expectNothingLeft(before)
  })

  async function page(path: string): Promise<string> {
    const probe = async () => {
      const response = await fetch(`${site}${path}`, { signal: AbortSignal.timeout(30_000) })
      const text = await response.text()
      return response.ok ? text : undefined
    }
    try {
      return await eventually(`a page at ${path}`, probe, 90_000)
    } catch (error) {
      const said = await Promise.all([['ps', '-a'], ['logs', '-t'], ['top']].map((args) => tscompose(args, { cwd })))
      throw new Error(said.map(({ stdout }) => stdout).join('\n'), { cause: error })
    }
  }

  test('an obsolete version draws one warning, and the installation page answers', async () => {
    const up = await mustRun(['up', '-d'], { cwd, timeoutMs: 120_000 })
    expect(up.stderr.match(/compose\.yaml:1:1: warning: .*version.*obsolete/g)).toHaveLength(1)
    const text = await page('/wp-admin/install.php')
    expect(text).toContain('WordPress')
    expect(text).toContain('language')
  }, 300_000)

  test('installing through the form works, and a post is stored', async () => {
    const form = new URLSearchParams({
      weblog_title: title,
      user_name: 'founder',
      admin_password: 'a-Long-passw0rd',
      admin_password2: 'a-Long-passw0rd',
      pw_weak: '1',
      admin_email: 'founder@example.com',
      blog_public: '0',
      Submit: 'Install WordPress',
      language: '',
    })
    const answer = await fetch(`${site}/wp-admin/install.php?step=2`, { method: 'POST', body: form })
    expect(await answer.text()).toContain('Success')
    expect(await page('/')).toContain(title)
    const insert = `INSERT INTO wp_posts (post_author,post_date,post_date_gmt,post_content,post_title,post_excerpt,post_status,post_name,to_ping,pinged,post_modified,post_modified_gmt,post_content_filtered) VALUES (1,NOW(),NOW(),'kept','It survives','','publish','it-survives','','',NOW(),NOW(),'')`
    await mustRun(['exec', '-T', 'db', 'sh', '-c', 'mysql -u"$MYSQL_USER" -p"$MYSQL_PASSWORD" "$MYSQL_DATABASE"'], {
      cwd,
      input: insert,
    })
    expect(await page('/')).toContain('It survives')
  })

  test('the post survives down and up', async () => {
    await mustRun(['down'], { cwd, timeoutMs: 60_000 })
    await mustRun(['up', '-d'], { cwd })
    expect(await page('/')).toContain('It survives')
  })

  test('the post survives stop and start', async () => {
    await mustRun(['stop'], { cwd, timeoutMs: 60_000 })
    await expect(fetch(site)).rejects.toThrow()
    await mustRun(['start'], { cwd })
    expect(await page('/')).toContain('It survives')
  })
})
