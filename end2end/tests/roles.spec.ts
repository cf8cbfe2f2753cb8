import { allowConsole, DEMO, expect, hydrated, look, type Page, test } from '../support';

/** The table as people read it: a line for each task, under the names of the roles. */
async function table(page: Page): Promise<string[][]> {
  const rows = await page.locator('.app-matrix__table tr').all();
  return Promise.all(
    rows.map(async (row) => (await row.locator('th, td').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim())),
  );
}

/** The address of a role's page, out of the table. */
async function address(page: Page, name: string): Promise<string> {
  return (await page.locator('.app-matrix__table').getByRole('link', { name, exact: true }).getAttribute('href')) ?? '';
}

test('J03, J04, J25 to J28: which role does which tasks, and who holds the places', async ({ app, as }) => {
  const page = await as(DEMO.josephine);
  await app.open(page, '/o/rj1');
  await page.getByRole('link', { name: 'Roles', exact: true }).click();
  await expect(page.locator('h1')).toHaveText('Roles and permissions');
  await hydrated(page);
  const [head, service, ...tasks] = await table(page);
  expect(head).toEqual(['Task', 'Super user 5 of 7 used', 'Team manager', 'Recruitment administrator', 'Recruiting manager']);
  expect(service).toEqual(['Recruitment']);
  expect(tasks).toHaveLength(13);
  expect(tasks).toContainEqual(['Create job listings', 'Yes', 'Yes', 'Yes', 'Yes']);
  expect(tasks).toContainEqual(['See who has access', 'Yes', 'Yes', 'No', 'No']);
  expect(tasks).toContainEqual(['Add and manage users', 'Yes', 'No', 'No', 'No']);
  await look(page, 'roles-nhs-jobs');

  // On paper all of it is one page on its side.
  const paper = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
  expect(paper.match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
  const [, width, height] = /\/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)/.exec(paper) ?? [];
  expect(Number(width)).toBeGreaterThan(Number(height));

  await page.locator('.app-matrix__table').getByRole('link', { name: 'Super user' }).click();
  await expect(page.locator('h1')).toContainText('Super user');
  await hydrated(page);
  const main = page.locator('main');
  await expect(main).toContainText('At most 7 people can have this role. 5 of 7 places are used. 2 places are left.');
  await expect(main).toContainText('4 active users have this role. 1 person is invited to it.');
  await expect(main).toContainText('An invitation keeps its place until its link ends.');
  await expect(main.locator('tbody th')).toHaveText([
    /Josephine Adu/, /Natalie Ingleby/, /Liam Marsden/, /Arjun Mehta/, /Callie Rutherford/,
  ]);
  await expect(main.locator('tbody tr').nth(1)).toContainText('Place kept until');
  await expect(main).toContainText('It cannot be limited to some departments.');
  await expect(main).toContainText('A person can have 1 role in Recruitment at a time.');
  await look(page, 'role-limited');
  await page.getByRole('link', { name: 'See users with this role in the list' }).click();
  await expect(page).toHaveURL(/\/o\/rj1\/users\?role=super-user$/);
  await expect(page.locator('tbody')).toContainText('Callie Rutherford');

  // C4: what this organisation calls somebody who was deactivated.
  await app.open(page, '/o/rj1/users?status=inactive');
  await expect(page.locator('tbody .nhsuk-tag').first()).toHaveText('Deactivated');
});

test('V06, V07, V08, V09, V10: everybody reads the table of the guide, and how many have a role', async ({ app, as }) => {
  const page = await as(DEMO.connor);
  await app.open(page, '/o/fgp/roles');
  expect(await table(page)).toEqual([
    ['Task', 'Recorder', 'Administrator', 'Lead administrator'],
    ['Vaccinations'],
    ['Record and edit vaccinations', 'Yes', 'Yes', 'Yes'],
    ['Add and manage vaccines', 'No', 'Yes', 'Yes'],
    ['Create reports', 'No', 'Yes', 'Yes'],
    ['Add and manage users', 'No', 'No', 'Yes'],
  ]);
  await look(page, 'roles-ravs');
  await app.open(page, await address(page, 'Lead administrator'));
  const main = page.locator('main');
  await expect(main).toContainText('2 active users have this role. 1 person is invited to it.');
  // V01: who they are is for those who may see users.
  await expect(main).not.toContainText('Doherty');
  await expect(main.getByRole('table')).toHaveCount(0);
  await expect(main.getByRole('link', { name: /users/ })).toHaveCount(0);
  await look(page, 'role-counts-only');
  await app.open(page, '/o/fgp/roles');
  await app.open(page, await address(page, 'Recorder'));
  await expect(main).toContainText('Nothing beyond their own account.');
  await look(page, 'role-without-rights');
});

test('small screens have a card for each role', async ({ app, as }) => {
  const page = await as(DEMO.connor);
  await page.setViewportSize({ width: 375, height: 800 });
  await app.open(page, '/o/fgp/roles');
  await expect(page.getByRole('table')).toHaveCount(0);
  const cards = page.locator('.app-matrix-cards .nhsuk-card');
  await expect(cards.getByRole('heading')).toHaveText(['Recorder', 'Administrator', 'Lead administrator']);
  await page.getByRole('link', { name: 'More about this role Administrator', exact: true }).click();
  await expect(page.locator('h1')).toContainText('Administrator');
});

test('R63: a manager of one ward sees who has a role there', async ({ app, as }) => {
  const page = await as(DEMO.jane);
  await app.open(page, '/o/rx1/roles');
  await app.open(page, await address(page, 'Contributor'));
  const main = page.locator('main');
  await expect(main).toContainText('These are in the areas where you can see users.');
  await expect(main.locator('tbody')).toContainText('Marcus Delacroix');
  await expect(main).not.toContainText('Kwame Boateng');
  await look(page, 'role-of-an-area');
});

test('R65: a role that is not of this organisation is not there', async ({ app, as }) => {
  const josephine = await as(DEMO.josephine);
  await app.open(josephine, '/o/rj1/roles');
  const foreign = await address(josephine, 'Super user');
  expect(foreign).toMatch(/^\/o\/rj1\/roles\/r-/);
  const page = await as(DEMO.patrick);
  allowConsole(page, /status of 404/);
  const unknown = `/o/fgp/roles/r-${'0'.repeat(31)}7`;
  for (const path of [foreign, foreign.replace('rj1', 'fgp'), unknown, '/o/fgp/roles/super-user', '/o/rj1/roles']) {
    const answer = await page.request.get(path);
    expect(answer.status(), path).toBe(404);
    const body = await answer.text();
    for (const secret of ['Larchwood', 'Super user', 'Josephine']) {
      expect(body.includes(secret), `${secret} in ${path}`).toBe(false);
    }
  }
  await app.open(page, unknown);
  await expect(page.locator('h1')).toHaveText('Page not found');
  await look(page, 'role-not-found');
});
