import { allowConsole, DEMO, expect, hydrated, look, type Page, test } from '../support';

/** Opens the filters where they are folded. */
async function unfold(page: Page): Promise<void> {
  const filters = page.locator('.app-filter-disclosure');
  const summary = filters.locator('summary');
  if ((await filters.getAttribute('open')) === null && (await summary.isVisible())) {
    await summary.click();
  }
}

async function apply(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Apply filters' }).click();
  await hydrated(page);
}

test('J1, 6.32: activity is newest first by day, and its filters are in the address', async ({ app, as }) => {
  const page = await as(DEMO.margaret);
  await app.open(page, '/o/rx2');
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Activity' }).click();
  await expect(page.locator('h1')).toHaveText('Activity');
  await expect(page).toHaveURL(/\/o\/rx2\/activity$/);
  await hydrated(page);
  await expect(page.locator('main h2').first()).toHaveText(/^\d{1,2} \w+ \d{4}$/);
  const items = page.locator('.app-timeline__item');
  await expect(items).toHaveCount(50);
  await look(page, 'activity');
  // Older, and back.
  const first = await items.first().innerText();
  await page.getByRole('link', { name: 'Older activity' }).click();
  await expect(page).toHaveURL(/before=\d+/);
  await expect(items.first()).not.toHaveText(first);
  await page.getByRole('link', { name: 'Newer activity' }).click();
  await expect(page).toHaveURL(/after=\d+/);
  await expect(page.getByRole('link', { name: 'Newer activity' })).toHaveCount(0);
  // By person.
  await unfold(page);
  await page.getByLabel('Person').fill('stone emily');
  await apply(page);
  await expect(page).toHaveURL(/person=stone\+emily/);
  expect(await items.count()).toBeGreaterThan(0);
  for (const title of await page.locator('.app-timeline__title').allInnerTexts()) {
    expect(title).toContain('Emily Stone');
  }
  await expect(page.getByLabel('Person')).toHaveValue('stone emily');
  await look(page, 'activity-filtered');
  // By area: what happened to its people.
  await app.open(page, '/o/rx2/activity');
  await unfold(page);
  const areas = page.locator('fieldset').filter({ hasText: 'About people who have a role there now' });
  await areas.getByRole('checkbox').first().check();
  await apply(page);
  await expect(page).toHaveURL(/area=/);
  expect(await items.count()).toBeGreaterThan(0);
  await expect(areas.getByRole('checkbox').first()).toBeChecked();
  await look(page, 'activity-area');
  // By type: nothing of this kind.
  await app.open(page, '/o/rx2/activity?person=stone+emily');
  await page.getByLabel('Refused attempts').check();
  await apply(page);
  await expect(page.locator('main')).toContainText('No activity matches these filters.');
  await look(page, 'activity-nothing');
  await page.getByRole('link', { name: 'Clear filters' }).first().click();
  await expect(page).toHaveURL(/\/o\/rx2\/activity$/);
  // A date that is none.
  await hydrated(page);
  await unfold(page);
  const from = page.getByRole('group', { name: 'Start date' });
  await from.getByLabel('Day').fill('31');
  await from.getByLabel('Month').fill('2');
  await from.getByLabel('Year').fill('2026');
  await apply(page);
  await expect(page).toHaveTitle(/^Error: Activity/);
  await look(page, 'activity-error');
  await page.locator('.nhsuk-error-summary a').click();
  await expect(from.getByLabel('Day')).toBeFocused();
  await page.getByRole('link', { name: 'Clear filters' }).click();
  await expect(page).toHaveURL(/\/o\/rx2\/activity$/);
  await expect(page.locator('.nhsuk-error-summary')).toHaveCount(0);
  await expect(items).toHaveCount(50);
});

test('E1, E10: a person has the last 5 events, and a page of all', async ({ app, as }) => {
  const page = await as(DEMO.margaret);
  await app.open(page, '/o/rx2/users?q=emily+stone');
  await page.locator('tbody th a').click();
  await expect(page.locator('h1')).toContainText('Emily Stone');
  await hydrated(page);
  await look(page, 'user-activity');
  await page.getByRole('link', { name: 'See all activity of Emily Stone' }).click();
  await expect(page.locator('h1')).toHaveText(/Emily Stone\s+Activity/);
  await hydrated(page);
  await expect(page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'Emily Stone' }).first()).toBeAttached();
  await expect(page.getByLabel('Person')).toHaveCount(0);
  await look(page, 'activity-person');
  await page.getByRole('link', { name: 'See what Emily Stone did' }).click();
  await expect(page).toHaveURL(/\/o\/rx2\/activity\?by=/);
});

test('D1, R99: the list that is seen is the file that is downloaded, and that is recorded', async ({ app, as }) => {
  const page = await as(DEMO.sam);
  await app.open(page, '/o/rx1/users?status=active');
  const link = page.getByRole('link', { name: /^Export \d+ users as CSV$/ });
  const count = Number(/\d+/.exec(await link.innerText())?.[0]);
  await look(page, 'users-export');
  const waiting = page.waitForEvent('download');
  await link.click();
  const download = await waiting;
  expect(download.suggestedFilename()).toBe('users-rx1.csv');
  const stream = await download.createReadStream();
  let text = '';
  for await (const piece of stream) {
    text += String(piece);
  }
  expect(text.trim().split('\r\n')).toHaveLength(count + 1);
  await app.open(page, '/o/rx1/activity?type=exports');
  await expect(page.locator('main')).toContainText(`Users exported as CSV: ${count} users`);
});

test('R63: whoever may not see activity has no way to it', async ({ app, as }) => {
  const page = await as(DEMO.jane);
  allowConsole(page, /status of 403/);
  await app.open(page, '/o/rx1');
  await expect(page.getByRole('link', { name: 'Activity', exact: true })).toHaveCount(0);
  const answer = await page.request.get('/o/rx1/activity');
  expect(answer.status()).toBe(403);
  expect((await page.request.get('/o/rx1/users.csv')).status()).toBe(403);
  expect((await page.request.get('/o/rx1/activity.csv')).status()).toBe(403);
});
